"""Point clouds of pictures: the pixels worth a point, and PLY files of them."""

import os

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, UInt8

from dagan_jax.geometry.camera import back_project
from data_pipelines.errors.whole_files import write_whole

_HEADER = """ply
format binary_little_endian 1.0
comment x right, y up, z towards the viewer; the unit is unknown
element vertex {count}
property float x
property float y
property float z
property uchar red
property uchar green
property uchar blue
end_header
"""
_FRONT = 10  # percentile of the depths that stands for the head's front
_REACH = 1.5  # times that distance; what is farther is no part of a head
_POINT = np.dtype([('place', '<f4', 3), ('colour', 'u1', 3)])


def write_cloud(
  path: str | os.PathLike,
  image: UInt8[np.ndarray, 'h w 3'],
  depth: Float[np.ndarray, 'h w 1'],
  camera: Float[np.ndarray, '3 3'],
) -> None:
  """Writes a point for each pixel that is near enough to be of the head.

  Where the depth jumps, a few points float between two surfaces. They stay: no
  threshold tells them from a cheek seen edgewise.

  Raises:
    DataError: the place cannot be written.
  """
  points = back_project(jnp.asarray(depth[None]), jnp.asarray(camera[None]))[0]
  kept = select_near(depth[..., 0])
  write_ply(path, np.asarray(points)[kept], image[kept])


def select_near(depth: Float[np.ndarray, 'h w']) -> Bool[np.ndarray, 'h w']:
  """The pixels up to half again as far as the nearest tenth of the picture.

  A background that never moved taught the network nothing: its depth is a
  guess, often a very large one, and beside it the head would be a speck. A
  head, its hair and shoulders span much less than its own distance: they stay.
  """
  return depth <= _REACH * np.percentile(depth, _FRONT)


def write_ply(
  path: str | os.PathLike,
  points: Float[np.ndarray, 'n 3'],
  colours: UInt8[np.ndarray, 'n 3'],
) -> None:
  """Writes a coloured point cloud as binary little endian PLY.

  Takes camera coordinates: x right, y down, z ahead. The file has y up and z
  towards the viewer, so that MeshLab, Blender and others show it upright and
  from the front. Missing folders on the way are made.

  Raises:
    DataError: the place cannot be written.
  """
  vertices = np.empty(len(points), _POINT)
  vertices['place'] = points * np.float32((1, -1, -1))
  vertices['colour'] = colours
  header = _HEADER.format(count=len(points)).encode()
  with write_whole(path) as partial:
    partial.write_bytes(header + vertices.tobytes())
