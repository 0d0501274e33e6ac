"""Scores examples, some frames at a time, whatever examples they are of."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, UInt8

from dagan_jax.evaluation.detectors import find_faces, find_true_faces
from dagan_jax.evaluation.features import (
  NETWORKS,
  POOLED,
  Weights,
  add_features,
  pool_features,
)
from dagan_jax.evaluation.frames import End, Frame, Start
from dagan_jax.evaluation.temporal_change import temporal_changes
from dagan_jax.geometry.pixels import unit
from dagan_jax.metrics.table import compute_metrics
from data_pipelines.faces.landmarks import LandmarkDetector

_BATCH = 8  # frames at a time

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


# Arrays that it gives to metrics, where there is what finds them.
PROVIDED = frozenset(
  f'{beginning}{name}'
  for beginning in ('', 'true_')
  for name in (
    *('picture', 'landmarks', 'embedding', 'pose', 'change'),
    *NETWORKS,
    *(f'{name}_set' for name in POOLED),
  )
) | {'source_embedding', 'size', *(f'{name}_heads' for name in NETWORKS)}

# Whose faces are looked for, and the names of their landmarks.
_LOOKED_AT = {'driving video': 'true_landmarks', 'answer': 'landmarks'}
_NAMED = 5  # frames without a face that are named one by one


class Scorer:
  """Computes all metrics of METRICS whose needs two pictures can meet."""

  def __init__(
    self,
    weights: Weights,
    detector: LandmarkDetector | None,
    *,
    crosses_identity: bool,
  ):
    """Makes a scorer.

    Args:
      weights: of what LPIPS sees through; may be empty.
      detector: of faces; None: nothing is said of them.
      crosses_identity: whether who drives is another person: then pictures and
        identity are not compared with the driving video's.
    """
    self._weights = weights
    self._detector = detector
    self._crosses = crosses_identity
    self._measure = jax.jit(self._compare_pictures)

  def score(self, events: Iterable[Start | Frame | End]) -> Iterator[Scored]:
    """Scores of each example, in order, as soon as its last frame was seen.

    Args:
      events: as `read_examples` gives them.
    """
    waiting: list[_Gathering] = []
    batch: list[tuple[_Gathering, Frame]] = []
    for event in events:
      if isinstance(event, Start):
        waiting.append(_Gathering(event.name, self._look_at(event.source)))
      elif isinstance(event, Frame):
        batch.append((waiting[-1], event))
        if len(batch) == _BATCH:
          self._add(batch)
          batch = []
      else:
        if not waiting or waiting[-1].end is not None:
          waiting.append(_Gathering(event.name, None))
        waiting[-1].end = event
      while waiting and waiting[0].is_whole(batch):
        yield waiting.pop(0).scored()
    if batch:
      self._add(batch)
    for gathering in waiting:
      yield gathering.scored()

  def _look_at(self, source: np.ndarray | None) -> np.ndarray | None:
    """The embedding of a portrait's face."""
    if source is None or self._detector is None:
      return None
    found = find_faces(self._detector, source[None]).get('embedding')
    return None if found is None else found[0]

  def _add(self, batch: list[tuple['_Gathering', Frame]]) -> None:
    """Computes what is to be said of some frames, and hands it out."""
    driving, generated = (
      np.stack([frame[side] for _, frame in batch]) for side in (0, 1)
    )
    full = np.minimum(np.arange(_BATCH), len(batch) - 1)
    found, features = jax.device_get(
      self._measure(self._weights, driving[full], generated[full])
    )
    if not self._crosses:
      found |= _compare_changes(batch)
    if self._detector is not None:
      truth = find_true_faces(self._detector, driving)
      if self._crosses:
        truth.pop('true_embedding', None)
      sources = [gathering.source for gathering, _ in batch]
      if all(source is not None for source in sources):
        truth['source_embedding'] = np.stack(sources)
      faces = find_faces(self._detector, generated)
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
    for gathering, _ in batch:
      gathering.frames += 1

  def _compare_pictures(
    self,
    weights: Weights,
    driving: UInt8[Array, 'b h w 3'],
    generated: UInt8[Array, 'b h w 3'],
  ) -> tuple[dict[str, Array], dict[str, Array]]:
    """Metrics of frames, but across people none, and what sets are made of."""
    truth, answers = add_features(
      weights,
      {'true_picture': unit(driving)},
      {'': {'picture': unit(generated)}},
    )
    features = pool_features({**truth, **answers['']})
    found = {} if self._crosses else compute_metrics(truth, answers)
    return found, features


def _compare_changes(
  batch: list[tuple['_Gathering', Frame]],
) -> dict[str, np.ndarray]:
  """Metrics of what changed since the frames before; none without OpenCV."""
  changes = np.full((len(batch), 2), np.nan)
  for place, (gathering, frame) in enumerate(batch):
    if gathering.last is not None:
      changed = temporal_changes(gathering.last, frame)
      if changed is None:
        return {}
      changes[place] = changed
    gathering.last = frame
  truth, answer = changes.T
  return compute_metrics({'true_change': truth}, {'': {'change': answer}})


class _Gathering:
  """What is known of an example so far."""

  def __init__(self, name: str, source: np.ndarray | None):
    self.name = name
    self.source = source
    self.values: Values = {}
    self.features: dict[str, list[np.ndarray]] = {}
    self.frames = 0
    self.last: Frame | None = None
    self.faceless: dict[str, list[int]] = {whose: [] for whose in _LOOKED_AT}
    self.end: End | None = None

  def is_whole(self, batch: list[tuple['_Gathering', Frame]]) -> bool:
    """Whether no frame of it waits or will come."""
    return self.end is not None and all(one is not self for one, _ in batch)

  def scored(self) -> Scored:
    """All of it; of an example that is left out, why alone."""
    end = self.end
    if end.left_out:
      return Scored(self.name, {}, 0, {}, end.left_out, end.remark, {})
    remarks = [end.remark] if end.remark else []
    if self.source is not None and np.isnan(self.source).any():
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
