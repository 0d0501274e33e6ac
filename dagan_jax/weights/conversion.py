"""From files of weights to files of weights: what `convert` does."""

import os
import pathlib
from collections.abc import Sequence

from dagan_jax.console.errors import UsageError
from dagan_jax.weights import boxed_depth, boxed_voice
from dagan_jax.weights.boxed import is_box, open_trained, write_box
from dagan_jax.weights.from_published import build_networks
from dagan_jax.weights.gohd_parts import join_parts
from dagan_jax.weights.published import read_published
from dagan_jax.weights.to_onnx import write_onnx
from dagan_jax.weights.to_safetensors import write_safetensors
from dagan_jax.weights.to_torch import list_torch_files, write_torch_files
from dagan_jax.weights.workdirs import (
  Networks,
  is_workdir,
  read_networks,
  write_networks,
)

# What goes into a box of its own kind, by the task that it learnt; all else
# animates.
_BOXES = {
  **dict.fromkeys(boxed_voice.TASKS, boxed_voice.write_voice_box),
  boxed_depth.TASK: boxed_depth.write_depth_box,
}
OUR_OWN = 'ours'  # as a source: the model that the package brings along


def convert_files(
  sources: Sequence[str],
  depth: str | None = None,
  to: str | None = None,
  to_torch: str | None = None,
  safetensors: str | None = None,
  box: str | None = None,
  onnx: str | None = None,
) -> None:
  """Writes what published files or a workdir hold in other forms.

  Everything is read, compared and translated before anything is written. Prints
  what was found, what of it is not used, and every path written.

  Args:
    sources: published files and folders, or one workdir; or workdirs of which
      each holds parts of GoHD.
    depth: the folder of the face depth network that a DaGAN takes.
    to: a new workdir.
    to_torch: a PyTorch file, or without suffix a folder of them.
    safetensors: a file of all networks by our names.
    box: a file of what animates, as `animate --workdir` takes it.
    onnx: a folder of ONNX files of what animates.

  Raises:
    UsageError: a file cannot be read or is of no known network, or an output
      exists already.
  """
  outputs = [path for path in (to, to_torch, safetensors, box, onnx) if path]
  if not outputs:
    raise UsageError('nothing to write: add --to=WORKDIR, or --to_torch=FILE')
  check_outputs(outputs)
  if onnx:
    _export(sources, onnx)
    if outputs == [onnx]:
      return
  if is_workdir(sources[0]):
    networks = _read_workdirs(sources, joined=bool(to) and not depth)
  else:
    published = read_published([*sources, *([depth] if depth else [])])
    networks = build_networks(published)
    if networks is None:
      return
  files = list_torch_files(networks, to_torch) if to_torch else {}
  if to:
    write_networks(to, networks)
    print(to)
  if to_torch:
    write_torch_files(to_torch, files)
    print(to_torch)
  if safetensors:
    write_safetensors(safetensors, networks)
    print(safetensors)
  if box:
    _BOXES.get(networks.config.task, write_box)(box, networks)
    print(box)


def _read_workdirs(sources: Sequence[str], joined: bool) -> Networks:
  """The networks of one workdir, or of the parts of GoHD in several.

  Raises:
    UsageError: they are not to be joined, or cannot be.
  """
  if joined and len(sources) > 1 and all(map(is_workdir, sources)):
    return join_parts(sources)
  if joined or len(sources) > 1:
    raise UsageError(
      f'{sources[0]} is a workdir already: give it alone, with --to_torch,'
      ' --safetensors or --box; or workdirs of parts of GoHD alone, and --to'
    )
  return read_networks(sources[0])


def _export(sources: Sequence[str], onnx: str) -> None:
  """Raises UsageError unless there is one network that animates."""
  (source, *others) = sources
  ours = source == OUR_OWN
  if others or not (ours or is_workdir(source) or is_box(source)):
    raise UsageError(
      f'--onnx takes one workdir or box, or the word {OUR_OWN}: convert'
      ' published files to a workdir first'
    )
  write_onnx(onnx, open_trained(None if ours else source))
  print(onnx)


def check_outputs(paths: Sequence[str]) -> None:
  """Checks that all outputs can be written, before minutes of work.

  Raises:
    UsageError: one exists already, is named twice, or its folder is no place.
  """
  if len({pathlib.Path(path).resolve() for path in paths}) < len(paths):
    raise UsageError('two outputs have one name: give each its own')
  for path in map(pathlib.Path, paths):
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
      raise UsageError(f'{path} exists already: choose another name')
    place = path.absolute().parent
    while not place.exists():
      place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK):
      raise UsageError(f'{path} cannot be written: {place} is no place for it')
