"""Scores examples, some frames at a time, whatever examples they are of."""

import functools
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, UInt8

from dagan_jax.evaluation.action_units import Face
from dagan_jax.evaluation.detectors import find_faces, name_truth
from dagan_jax.evaluation.features import (
  NETWORKS,
  POOLED,
  Weights,
  add_features,
  pool_features,
)
from dagan_jax.evaluation.ffmpeg_vmaf import ComparedVideo, FfmpegVmaf
from dagan_jax.evaluation.frames import End, Frame, Start
from dagan_jax.evaluation.given_networks import GivenNetworks
from dagan_jax.evaluation.lip_sync import Synced
from dagan_jax.evaluation.temporal_change import temporal_changes
from dagan_jax.geometry.pixels import unit
from dagan_jax.metrics.table import Arrays, compute_metrics
from dagan_jax.runs import devices
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.landmarks import LandmarkDetector

_BATCH = 8  # frames at a time, or one for each device

Values = dict[str, list[float]]  # by metric, of each frame; NaN: says nothing


class Scored(NamedTuple):
  """An example, compared or left out."""

  name: str
  values: Values
  frames: int
  faceless: dict[str, int]  # frames without a face, by the names of _LOOKED_AT
  left_out: str  # why it is not compared; '': it is
  remark: str
  features: dict[str, np.ndarray]  # of all frames, 't c', see `pool_features`


_IDENTITIES = 'embedding', 'arcface'  # of faces
SETS = *POOLED, 'inception', 'units'  # whose features make sets

# Arrays that it gives to metrics, where there is what finds them.
PROVIDED = frozenset(
  f'{beginning}{name}'
  for beginning in ('', 'true_')
  for name in (
    *('picture', 'landmarks', 'pose', 'change', 'presence'),
    *_IDENTITIES,
    *NETWORKS,
    *(f'{name}_set' for name in SETS),
  )
) | {
  'size',
  'vmaf_frames',
  'sync_lips',
  'sync_voices',
  *(f'source_{name}' for name in _IDENTITIES),
  *(f'{name}_heads' for name in NETWORKS),
}

# Whose faces are looked for, and the names of their landmarks.
_LOOKED_AT = {'driving video': 'true_landmarks', 'answer': 'landmarks'}
_NAMED = 5  # frames without a face that are named one by one


class Scorer:
  """Computes all metrics of METRICS whose needs two pictures can meet."""

  def __init__(
    self,
    weights: Weights,
    detector: LandmarkDetector | None,
    given: GivenNetworks,
    vmaf: FfmpegVmaf | None = None,
    *,
    crosses_identity: bool,
  ):
    """Makes a scorer.

    Args:
      weights: of what LPIPS sees through; may be empty.
      detector: of faces; None: nothing is said of them.
      given: networks that no package carries.
      vmaf: an ffmpeg that computes it; None: there is none.
      crosses_identity: whether who drives is another person: then pictures and
        identity are not compared with the driving video's.
    """
    mesh = devices.local_mesh()
    self._shared = devices.over_batch(mesh)
    self._batch = -(-_BATCH // mesh.size) * mesh.size
    self._weights = jax.device_put(weights, devices.replicated(mesh))
    self._detector = detector
    self._given = given
    self._vmaf = None if crosses_identity else vmaf
    self._crosses = crosses_identity

  def score(self, events: Iterable[Start | Frame | End]) -> Iterator[Scored]:
    """Scores of each example, in order, as soon as its last frame was seen.

    Args:
      events: as `read_examples` gives them.
    """
    waiting: list[_Gathering] = []
    batch: list[tuple[_Gathering, Frame]] = []
    try:
      for event in events:
        if isinstance(event, Start):
          waiting.append(self._begin(event))
        elif isinstance(event, Frame):
          batch.append((waiting[-1], event))
          if len(batch) == self._batch:
            self._add(batch)
            batch = []
        else:
          if not waiting or waiting[-1].end is not None:
            waiting.append(_Gathering(event.name))
          waiting[-1].end = event
        while waiting and waiting[0].is_whole(batch):
          yield waiting.pop(0).scored()
      if batch:
        self._add(batch)
      while waiting:
        yield waiting.pop(0).scored()
    finally:  # an ffmpeg may still look at what nobody asks for any more
      for gathering in waiting:
        gathering.close()

  def _begin(self, start: Start) -> '_Gathering':
    video = self._vmaf.look() if self._vmaf else None
    source = self._find_source(start.source)
    gathering = _Gathering(start.name, source, video)
    if self._given.syncnet is not None and self._detector is not None:
      gathering.find_sync = functools.partial(
        self._given.syncnet.measure,
        start.generated,
        start.driving,
        self._detector,
      )
    return gathering

  def _find_source(self, source: np.ndarray | None) -> dict[str, np.ndarray]:
    """The embeddings of a portrait's face, by the names that metrics know."""
    if source is None or self._detector is None:
      return {}
    found = self._find_faces(source[None])
    return {f'source_{x}': found[x][0] for x in _IDENTITIES if x in found}

  def _find_faces(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
    faces = find_faces(self._detector, pictures)
    identities = self._given.find_identities(pictures, faces['landmarks'])
    return faces | identities

  def _add(self, batch: list[tuple['_Gathering', Frame]]) -> None:
    """Computes what is to be said of some frames, and hands it out."""
    driving, generated = (
      np.stack([frame[side] for _, frame in batch]) for side in (0, 1)
    )
    full = np.minimum(np.arange(self._batch), len(batch) - 1)
    placed = jax.device_put((driving[full], generated[full]), self._shared)
    found, features = jax.device_get(
      _compare_pictures(self._weights, *placed, self._crosses)
    )
    for side, pictures in (('true_', driving), ('', generated)):
      for name, array in self._given.find_features(pictures).items():
        features[side + name] = array
    if not self._crosses:
      found |= _compare_changes(batch)
    if self._detector is not None:
      truth = name_truth(self._find_faces(driving), driving.shape[1])
      if self._crosses:
        for name in _IDENTITIES:
          truth.pop(f'true_{name}', None)
      sources = [gathering.source for gathering, _ in batch]
      for name in set.intersection(*map(set, sources)):
        truth[name] = np.stack([source[name] for source in sources])
      faces = self._find_faces(generated)
      found |= compute_metrics(truth, {'': faces})
      for whose, landmarks in _LOOKED_AT.items():
        lost = np.isnan({**truth, **faces}[landmarks]).any(axis=(1, 2))
        for place, (gathering, _) in enumerate(batch):
          if lost[place]:
            before = sum(one is gathering for one, _ in batch[:place])
            gathering.faceless[whose].append(gathering.frames + before)
    for name, array in found.items():
      for (gathering, _), value in zip(batch, np.asarray(array), strict=False):
        gathering.values.setdefault(name, []).append(float(value))
    for name, array in features.items():
      for (gathering, _), row in zip(batch, array, strict=False):
        gathering.features.setdefault(name, []).append(row)
    for gathering, frame in batch:
      gathering.frames += 1
      if gathering.video is not None:
        gathering.video.add(frame.driving, frame.generated)
      if frame.units is not None:
        gathering.units.append(frame.units)


@functools.partial(jax.jit, static_argnames='crosses_identity')
def _compare_pictures(
  weights: Weights,
  driving: UInt8[Array, 'b h w 3'],
  generated: UInt8[Array, 'b h w 3'],
  crosses_identity: bool,
) -> tuple[dict[str, Array], dict[str, Array]]:
  """Metrics of frames, but across people none, and what sets are made of.

  One program for all scorers.
  """
  truth, answers = add_features(
    weights,
    {'true_picture': unit(driving)},
    {'': {'picture': unit(generated)}},
  )
  features = pool_features({**truth, **answers['']})
  found = {} if crosses_identity else compute_metrics(truth, answers)
  return found, features


def _compare_changes(
  batch: list[tuple['_Gathering', Frame]],
) -> dict[str, np.ndarray]:
  """Metrics of what changed since the frames before; none without OpenCV."""
  changes = np.full((len(batch), 2), np.nan)
  for place, (gathering, frame) in enumerate(batch):
    if gathering.last is not None:
      changed = temporal_changes(gathering.last[:2], frame[:2])
      if changed is None:
        return {}
      changes[place] = changed
    gathering.last = frame
  truth, answer = changes.T
  return compute_metrics({'true_change': truth}, {'': {'change': answer}})


class _Gathering:
  """What is known of an example so far."""

  def __init__(
    self,
    name: str,
    source: Mapping[str, np.ndarray] = types.MappingProxyType({}),
    video: ComparedVideo | None = None,
  ):
    self.name = name
    self.source = source
    self.video = video
    self.find_sync: Callable[[], Synced] | None = None
    self.units: list[tuple[Face, Face]] = []  # of who drives, and the answer
    self.values: Values = {}
    self.features: dict[str, Sequence[np.ndarray]] = {}
    self.frames = 0
    self.last: Frame | None = None
    self.faceless: dict[str, list[int]] = {whose: [] for whose in _LOOKED_AT}
    self.end: End | None = None

  def is_whole(self, batch: list[tuple['_Gathering', Frame]]) -> bool:
    """Whether no frame of it waits or will come."""
    return self.end is not None and all(one is not self for one, _ in batch)

  def close(self) -> None:
    """Ends what still looks at it."""
    if self.video is not None:
      self.video.close()

  def _compute(self, truth: Arrays, answer: Arrays) -> None:
    """Metrics of what is known of all frames."""
    for name, array in compute_metrics(truth, {'': answer}).items():
      self.values[name] = array.tolist()

  def _compare_units(self) -> None:
    truth, answer = (
      Face(*map(np.stack, zip(*faces, strict=True)))
      for faces in zip(*self.units, strict=True)
    )
    self._compute(
      {'true_presence': truth.presence}, {'presence': answer.presence}
    )
    self.features |= {'true_units': truth.intensity, 'units': answer.intensity}

  def _compare_sync(self) -> list[str]:
    """Scores all of a video at once; what to remark where that cannot be."""
    try:
      lips, voice = self.find_sync()
    except DataError as error:
      return [str(error)]
    answer = {'sync_lips': [lips], 'sync_voices': [voice]}
    for name, (value,) in compute_metrics({}, {'': answer}).items():
      self.values[name] = [float(value)] * self.frames
    return []

  def scored(self) -> Scored:
    """All of it; of an example that is left out, why alone."""
    end = self.end
    if end.left_out:
      self.close()
      return Scored(self.name, {}, 0, {}, end.left_out, end.remark, {})
    if self.video is not None:
      with self.video as video:
        self._compute({}, {'vmaf_frames': video.finish()['frames']})
    if self.units:
      self._compare_units()
    remarks = [end.remark] if end.remark else []
    if self.find_sync is not None:
      remarks += self._compare_sync()
    if any(np.isnan(embedding).any() for embedding in self.source.values()):
      remarks.append('no face in its portrait')
    for whose, frames in self.faceless.items():
      if frames:
        named = ', '.join(map(str, frames[:_NAMED]))
        more = ', ...' if len(frames) > _NAMED else ''
        remarks.append(
          f'no face in {len(frames)} of {self.frames} frames of the {whose}'
          f' (compared frame {named}{more})'
        )
    faceless = {whose: len(frames) for whose, frames in self.faceless.items()}
    return Scored(
      self.name,
      self.values,
      self.frames,
      faceless,
      '',
      '; '.join(remarks),
      {name: np.stack(rows) for name, rows in self.features.items()},
    )
