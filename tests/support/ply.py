"""Reads the point clouds that are written."""

import pathlib

import numpy as np


def read_ply(path: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
  """Points and colours of a file, by its own header."""
  header, body = path.read_bytes().split(b'end_header\n', 1)
  lines = header.decode('ascii').splitlines()
  assert lines[:2] == ['ply', 'format binary_little_endian 1.0']
  (count,) = (int(s.split()[2]) for s in lines if s.startswith('element'))
  types = {'float': '<f4', 'uchar': 'u1'}
  fields = [s.split()[1:] for s in lines if s.startswith('property')]
  vertices = np.frombuffer(body, [(name, types[kind]) for kind, name in fields])
  assert len(vertices) == count
  points = np.stack([vertices[name] for name in 'xyz'], -1)
  colours = [vertices[name] for name in ('red', 'green', 'blue')]
  return points, np.stack(colours, -1)
