"""Finds depth, camera and uncertainty with the networks of stage 1."""

import collections
import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from absl import logging
from jaxtyping import Float, UInt8
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.camera import disparity_to_depth, intrinsics
from dagan_jax.geometry.pixels import unit
from dagan_jax.inference.chunks import fill_chunks, map_beside
from dagan_jax.inference.kept_programs import keep_program
from dagan_jax.models.face_depth.camera_motion import CameraMotion
from dagan_jax.models.face_depth.network import FaceDepth
from dagan_jax.runs import checkpoints, workdirs
from dagan_jax.runs.buckets import fetch
from dagan_jax.runs.workdirs import (
  checkpoint_folder,
  of_this_version,
)
from dagan_jax.weights.boxed import Trained, is_box, kind_of, open_trained
from dagan_jax.weights.boxed_depth import KIND, TASK, read_depth_box
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures

CHUNK = 4  # frames that go through the networks together
_NETWORKS = ('depth', 'camera_motion')


class Estimate(NamedTuple):
  """What is found in one frame."""

  image: UInt8[np.ndarray, 'h w 3']  # the frame's central square, scaled
  disparity: Float[np.ndarray, 'h w 1']  # in (0, 1), larger is nearer
  depth: Float[np.ndarray, 'h w 1']  # along the optical axis; unit unknown
  uncertainty: Float[np.ndarray, 'h w 1'] | None  # in (0, 1)


class DepthEstimator:
  """A trained depth network, and the camera network that learnt beside it.

  Attributes:
    size: width and height in pixels of what it finds.
    finds_uncertainty: whether it can tell where one frame does not explain
      another.
    apart: how many frames after each the one comes that it is compared with.
  """

  def __init__(
    self,
    depth: FaceDepth,
    camera_motion: CameraMotion | None,
    variables: dict[str, Any],
    config: ConfigDict,
  ):
    """Puts networks on the device.

    Args:
      depth: the depth network.
      camera_motion: what finds camera and uncertainty; None: nothing does.
      variables: of each network, by these two names.
      config: of the run that they come from.
    """
    self.size = config.data.image_size
    self.finds_uncertainty = bool(camera_motion and camera_motion.uncertainty)
    self._finds_camera = bool(
      camera_motion and camera_motion.intrinsics != 'given'
    )
    variables = jax.device_put(variables)
    self._see = functools.partial(_see, depth, variables['depth'])
    self._compare = camera_motion and functools.partial(
      _compare, camera_motion, variables['camera_motion']
    )
    self._networks, self._config = (depth, camera_motion), config
    self._variables = variables
    # As far apart as in training: from one frame to the next little moves. The
    # config of a converted network does not say it.
    self.apart = config.data.get('frame_gap', 1)

  @classmethod
  def open(cls, workdir: str | None = None) -> 'DepthEstimator':
    """The networks of a workdir of either stage, or of a box.

    Without either they are those that the package brings along. A
    reenactor holds the frozen depth network, but no camera's; a workdir of
    stage 1 may lack the camera's too, if its depth network was given.

    Raises:
      UsageError: no such workdir or file, no checkpoint or no depth network.
    """
    where, config, variables = _read(workdir)
    networks = _describe(config, where)
    networks = {name: networks[name] for name in networks if name in variables}
    size = config.data.image_size
    image = jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)
    pair = 2 * (jax.ShapeDtypeStruct((1, 1, size, size, 3), jnp.float32),)
    for name, network in networks.items():
      inputs = pair if name == 'camera_motion' else (image,)
      init = functools.partial(network.init, train=False)
      expected = jax.eval_shape(init, jax.random.key(0), *inputs)
      checkpoints.check_equal_shapes(
        variables[name], expected, f'{where}, {name},'
      )
    camera_motion = networks.get('camera_motion')
    return cls(networks['depth'], camera_motion, variables, config)

  def refine(
    self, frames: Sequence[np.ndarray], frame_gap: int, steps: int
  ) -> 'DepthEstimator':
    """One that has learnt a little more, from a video of its own.

    Args:
      frames: of the video, uint8 (size, size, 3), up to a few hundred.
      frame_gap: how many of them apart frames are compared, at most.
      steps: of learning.

    Raises:
      UsageError: the networks are not those of a run that learns depth, or
        their config is of another version.
      DataError: there are too few frames to compare.
    """
    depth, camera_motion = self._networks
    if camera_motion is None:
      raise UsageError(
        'refining needs the workdir of a face_depth run, with its network of'
        ' head motion; this one has depth alone'
      )
    from dagan_jax.inference.depth_refinement import learn_on  # which needs clu

    views = self._config.data.views
    if len(frames) < views:
      raise DataError(
        f'refining compares {views} frames at least: there are {len(frames)}'
      )
    with of_this_version('the workdir'):  # older ones lack fields of training
      variables = learn_on(
        self._config, self._variables, frames, frame_gap, steps
      )
    return DepthEstimator(depth, camera_motion, variables, self._config)

  def estimates(
    self,
    frames: Iterable[np.ndarray],
    *,
    uncertainty: bool = False,
    chunk: int = CHUNK,
  ) -> Iterator[Estimate]:
    """Finds an estimate of each frame, as frames come: memory does not grow.

    Args:
      frames: uint8 (h, w, 3), of any size; the central square is used.
      uncertainty: whether that is found as well. Each frame is compared with
        the one `data.frame_gap` later, the last ones with one as far before. A
        lone frame is compared with itself, which says nothing.
      chunk: frames that go through the networks together.

    Raises:
      UsageError: uncertainty is asked for, and no network finds it.
    """
    if uncertainty and not self.finds_uncertainty:
      raise UsageError(
        'uncertainty needs the workdir of a face_depth run with'
        ' model.camera.uncertainty; this one has no such network'
      )
    squares = (pictures.square(frame, self.size) for frame in frames)

    def find(filled):
      pairs, count = filled
      images, others = _stack_pairs(pairs)
      found = self._see(images)
      if uncertainty:
        found += (self._compare(images, others)[2],)
      return images[:count], jax.block_until_ready(found)

    neighbours = _pair_neighbours(squares, self.apart)
    for images, found in map_beside(find, fill_chunks(neighbours, chunk)):
      yield from _fetch(images, found)

  def camera(self, frames: Iterable[np.ndarray]) -> Float[np.ndarray, '3 3']:
    """Finds the camera's matrix, in pixels of `size`.

    It is the mean of what the camera network finds in a few neighbouring
    frames, which go through it together. Without that network, where it was
    not to learn the camera, or with one frame alone, it has the config's focal
    length and the middle of the picture. A line of the log says which.
    """
    squares = [pictures.square(frame, self.size) for frame in frames]
    if self._finds_camera and len(squares) > 1:
      neighbours = _pair_neighbours(squares, self.apart)
      size = max(len(squares), CHUNK)
      pairs, count = next(fill_chunks(neighbours, size))
      found = self._compare(*_stack_pairs(pairs))[:2]
      focal, centre = (np.mean(x[:count], axis=0) for x in found)
      why = 'as found in the first frames'
    else:
      focal = np.full(
        2, self._config.model.camera.focal * self.size, np.float32
      )
      centre = np.full(2, (self.size - 1) / 2, np.float32)
      why = 'model.camera.focal of the config: ' + (
        'the workdir holds no network that finds it'
        if not self._finds_camera
        else 'one picture alone does not tell it'
      )
    logging.info(
      'focal length: %.2f picture widths, %s', np.mean(focal) / self.size, why
    )
    return np.asarray(intrinsics(jnp.asarray(focal), jnp.asarray(centre)))


@keep_program('depth')
def _see(depth, variables, frames):
  """Disparity and depth in uint8 frames."""
  disparity = depth.apply(variables, unit(frames), train=False)[0]
  return disparity, disparity_to_depth(disparity)


@keep_program('camera_motion')
def _compare(camera_motion, variables, frames, others):
  """Focal length, centre and uncertainty in frames beside others."""
  camera = camera_motion.apply(
    variables, unit(frames)[:, None], unit(others)[:, None], train=False
  )
  found = camera.focal, camera.centre, camera.uncertainty
  return jax.tree.map(lambda x: x[:, 0], found)


def _read(workdir: str | None) -> Trained:
  """Networks of depth, wherever they lie, by name."""
  if workdir is None:
    return read_depth_box()
  if is_box(workdir):
    with fetch(workdir) as file:
      if kind_of(file) == KIND:
        return read_depth_box(file)._replace(where=workdir)
  else:
    config = workdirs.read_config(workdir)
    if config.get('task') == TASK:
      step = str(checkpoints.latest_step(workdir))
      folder = checkpoint_folder(workdir) / step
      names = [name for name in _NETWORKS if (folder / name).exists()]
      read = {name: checkpoints.read_network(workdir, name) for name in names}
      return Trained(workdir, config, read)
  reenactor = open_trained(workdir)
  depth = {
    name: tree['depth']
    for name, tree in reenactor.variables.items()
    if 'depth' in tree
  }
  return reenactor._replace(variables={'depth': depth})


def _describe(config: ConfigDict, where: str) -> dict[str, Any]:
  """Builds a config's networks."""
  with of_this_version(where):
    if not config.model.depth.layers:
      raise UsageError(f'{where} holds no depth network')
    networks = {'depth': FaceDepth(**config.model.depth)}
    if config.task == TASK:
      networks['camera_motion'] = CameraMotion(**config.model.camera)
    return networks


def _pair_neighbours(frames: Iterable, apart: int) -> Iterator[tuple]:
  """Pairs each frame with the one `apart` later, the last ones with one before.

  A frame that has neither is paired with the farther end of the video.
  """
  kept = collections.deque(maxlen=2 * apart)
  count = 0
  for count, frame in enumerate(frames, 1):
    kept.append(frame)
    if count > apart:
      yield kept[-1 - apart], frame
  for i in range(len(kept) - min(apart, count), len(kept)):
    end = 0 if 2 * i >= len(kept) else -1
    yield kept[i], kept[i - apart if i >= apart else end]


def _stack_pairs(pairs: list[tuple]) -> list[np.ndarray]:
  """Frames, and their neighbours."""
  return [np.stack(frames) for frames in zip(*pairs, strict=True)]


def _fetch(images: np.ndarray, made: tuple) -> Iterator[Estimate]:
  """Fetches results from the device, one estimate for each image."""
  arrays = [np.asarray(x)[: len(images)] for x in made]
  uncertainty = arrays[2] if len(arrays) > 2 else itertools.repeat(None)
  yield from map(Estimate, images, *arrays[:2], uncertainty)
