"""A network that animates as ONNX files, for programs without JAX.

Four files are one network: `analyse` finds the keypoints of a picture,
`encode` makes of a portrait all that does not depend on what drives, `move`
adds the driver's motion to the portrait's keypoints, and `render` draws a
frame, of the portrait itself as well (its input `source_image`). Pictures are
float32 (1, s, s, 3) RGB in [0, 1].
"""

import functools
import importlib.util
import json
import logging as python_logging
import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.motion import transfer_motion
from dagan_jax.models.dagan.reenactor import Reenactor, build_reenactor
from dagan_jax.runs.workdirs import of_this_version
from dagan_jax.weights.boxed import Trained
from data_pipelines.errors.whole_files import write_whole

TOLERANCE = 1 / 255  # a grey level; what differs by more is another network
_INSTALL = (
  "pip install 'dagan_jax[onnx]' and pip install --no-deps jax2onnx==0.17.1"
)


class Piece(NamedTuple):
  """A part of the network that becomes a file: arrays in, arrays out."""

  name: str
  compute: Callable[..., tuple[jax.Array, ...]]
  inputs: dict[str, np.ndarray]  # by name: an example
  outputs: list[str]


def write_onnx(folder: str, trained: Trained) -> None:
  """Writes a folder of ONNX files, and `network.json`, which describes them.

  Where ONNX Runtime is installed, each is compared with what JAX computes; the
  log tells by how much they differ.

  Args:
    folder: a new one.
    trained: the network.

  Raises:
    UsageError: what exports is not installed, it cannot export this network,
      what it wrote computes something else, or the disk refuses the files.
  """
  export = _find_exporter()
  with of_this_version(trained.where):
    reenactor = build_reenactor(trained.config.model.to_dict())
    size = trained.config.data.image_size
  pieces = list_pieces(reenactor, trained.variables, size)
  with write_whole(folder, UsageError) as partial:
    pathlib.Path(partial).mkdir()
    described = {'size': size, 'files': {}}
    for piece in pieces:
      path = pathlib.Path(partial) / f'{piece.name}.onnx'
      try:
        export(
          piece.compute,
          [
            jax.ShapeDtypeStruct(x.shape, x.dtype)
            for x in piece.inputs.values()
          ],
          model_name=piece.name,
          input_names=[*piece.inputs],
          output_names=piece.outputs,
          return_mode='file',
          output_path=str(path),
          export_mode='web',
        )
      except Exception as error:  # of another package, in any way
        raise UsageError(
          f'{trained.where}: {piece.name} cannot be exported ({error})'
        ) from error
      _compare(piece, path)
      described['files'][path.name] = {
        'inputs': {name: x.shape for name, x in piece.inputs.items()},
        'outputs': piece.outputs,
      }
    text = json.dumps(described, indent=2)
    (pathlib.Path(partial) / 'network.json').write_text(text + '\n')


def list_pieces(
  reenactor: Reenactor, variables: dict[str, Any], size: int
) -> list[Piece]:
  """The parts of a network, each with example inputs.

  Args:
    reenactor: the network.
    variables: what it has learnt.
    size: pixels of its pictures.
  """
  apply = functools.partial(reenactor.apply, jax.device_put(variables))
  portrait, driving = (_draw_example(size, seed) for seed in (0, 1))
  encode_face = functools.partial(apply, method=_encode)
  source = jax.jit(encode_face)(portrait)
  leaves, structure = jax.tree_util.tree_flatten_with_path(source)
  names = ['source' + _name(path) for path, _ in leaves]
  features = dict(zip(names, [np.asarray(x) for _, x in leaves], strict=True))
  found = jax.jit(functools.partial(apply, method='analyse'))(driving).keypoints
  points = dict(zip(_POINTS, map(np.asarray, found), strict=True))
  faces = {'source': source.keypoints, 'driving': found, 'start': found}
  three = {
    f'{face}_{name}': np.asarray(array)
    for face, keypoints in faces.items()
    for name, array in zip(_POINTS, keypoints, strict=True)
  }

  def analyse(picture):
    return tuple(apply(picture, method='analyse').keypoints)

  def encode(picture):
    arrays = dict(
      zip(names, jax.tree.leaves(encode_face(picture)), strict=True)
    )
    # Copies, for a thumbnail may be the picture itself, which is an input.
    return tuple(jnp.copy(arrays[name]) for name in made)

  def move(scale, strength, *arrays):
    faces = [Keypoints(*arrays[n : n + 2]) for n in (0, 2, 4)]
    return tuple(transfer_motion(*faces, scale[0], strength[0]))

  def render(*arrays):
    source = jax.tree.unflatten(structure, arrays[:-2])
    made = apply(source, Keypoints(*arrays[-2:]), method='render')
    return (made.prediction,)

  made = [name for name in names if name != 'source_image']  # the portrait
  one = {name: np.ones(1, np.float32) for name in ('scale', 'strength')}
  return [
    Piece('analyse', analyse, {'picture': driving}, list(_POINTS)),
    Piece('encode', encode, {'picture': portrait}, made),
    Piece('move', move, {**one, **three}, list(_POINTS)),
    Piece('render', render, {**features, **points}, ['picture']),
  ]


_POINTS = 'value', 'jacobian'


def _encode(reenactor: Reenactor, picture):
  return reenactor.encode_source(reenactor.analyse(picture))


def open_onnx(
  path: pathlib.Path, threads: int = 0
) -> Callable[[dict[str, np.ndarray]], list[np.ndarray]]:
  """A file in ONNX Runtime: from arrays by name, more of them or not, to all.

  Args:
    path: of the file.
    threads: how many compute; 0: one for each core.

  Raises:
    ImportError: ONNX Runtime is not installed.
  """
  import onnxruntime

  options = onnxruntime.SessionOptions()
  options.log_severity_level = 3
  options.intra_op_num_threads = threads
  session = onnxruntime.InferenceSession(str(path), options)
  names = {given.name for given in session.get_inputs()}
  return lambda arrays: session.run(
    None, {name: x for name, x in arrays.items() if name in names}
  )


def _draw_example(size: int, seed: int) -> np.ndarray:
  """A smooth picture, (1, s, s, 3): noise is nothing that a network knows."""
  noise = np.random.default_rng(seed).random((1, 8, 8, 3), np.float32)
  return np.asarray(jax.image.resize(noise, (1, size, size, 3), 'cubic'))


def _name(path: tuple) -> str:
  """Of a leaf: _keypoints_value of source.keypoints.value."""
  return ''.join(
    '_' + str(getattr(part, 'name', getattr(part, 'idx', ''))) for part in path
  )


def _find_exporter() -> Callable[..., Any]:
  for package in ('jax2onnx', 'onnx_ir'):  # they tell of what is not needed
    python_logging.getLogger(package).setLevel(python_logging.ERROR)
  try:
    from jax2onnx import to_onnx
  except ImportError as error:
    raise UsageError(f'--onnx needs {_INSTALL} ({error})') from None
  return to_onnx


def _compare(piece: Piece, path: pathlib.Path) -> None:
  """Raises UsageError where ONNX Runtime computes something else."""
  if importlib.util.find_spec('onnxruntime') is None:
    logging.info('%s was not checked: ONNX Runtime is missing', path.name)
    return
  found = open_onnx(path)(piece.inputs)
  expected = jax.jit(piece.compute)(*map(jnp.asarray, piece.inputs.values()))
  apart = max(
    float(np.abs(one - np.asarray(other)).max(initial=0))
    for one, other in zip(found, expected, strict=True)
  )
  if not apart <= TOLERANCE:
    raise UsageError(
      f'{path.name} differs by {apart:.2g} from what JAX computes: it is not'
      ' written'
    )
  logging.info('%s differs by %.1g at most', path.name, apart)
