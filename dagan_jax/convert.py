"""Published weights to a workdir and back: `python -m dagan_jax.convert`."""

import argparse
import os
import sys

from dagan_jax.console import log
from dagan_jax.weights import conversion
from data_pipelines.errors.mendable import exit_code


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.convert',
    description='Makes a workdir of published PyTorch weights, or PyTorch files'
    ' of a workdir. What the files are it finds out by itself.',
  )
  add = parser.add_argument
  add(
    '--from',
    type=os.path.expanduser,
    required=True,
    dest='sources',
    action='extend',
    nargs='+',
    metavar='PATH',
    help='a checkpoint of DaGAN, its SPADE variant or FOMM, a folder of a face'
    ' depth network (encoder.pth, depth.pth), or files of GoHD: .pth, .pth.tar,'
    ' .safetensors or .npz; or a workdir; for --onnx also a box, or ours; or'
    ' workdirs with parts of GoHD, later ones before earlier ones, for --to',
  )
  add(
    '--depth',
    type=os.path.expanduser,
    metavar='FOLDER',
    help='the face depth network that DaGAN was trained with',
  )
  add(
    '--to', type=os.path.expanduser, metavar='WORKDIR', help='the new workdir'
  )
  add(
    '--to_torch',
    type=os.path.expanduser,
    metavar='PATH',
    help='a PyTorch file with the published names, as x.pth.tar; a name without'
    ' suffix: a folder with the face depth network as well',
  )
  add(
    '--safetensors',
    type=os.path.expanduser,
    metavar='FILE',
    help='all networks by our names, for other programs; needs no PyTorch',
  )
  add(
    '--box',
    type=os.path.expanduser,
    metavar='FILE.safetensors',
    help='what animates in one small file, which animate --workdir takes; needs'
    ' no PyTorch',
  )
  add(
    '--onnx',
    type=os.path.expanduser,
    metavar='FOLDER',
    help='what animates as ONNX files, for programs without JAX: of a workdir,'
    ' a box, or the model of the package (--from=ours). Needs the extra [onnx]'
    ' and pip install --no-deps jax2onnx==0.17.1',
  )
  flags = parser.parse_args()
  log.quiet()
  sys.exit(exit_code(lambda: conversion.convert_files(**vars(flags))))


if __name__ == '__main__':
  main()
