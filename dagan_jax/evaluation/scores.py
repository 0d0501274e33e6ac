"""Scores of a task's answers to the held-out split, clip by clip."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.drawing.colours import picture
from dagan_jax.drawing.tasks import DRAWINGS
from dagan_jax.evaluation.detectors import score_faces
from dagan_jax.evaluation.evaluation import average_rows, summarize
from dagan_jax.evaluation.features import Weights, add_features
from dagan_jax.evaluation.pair_lists import Pair
from dagan_jax.evaluation.protocol import SAME, Protocol
from dagan_jax.evaluation.reports.strips import MOST_MOMENTS, Moment
from dagan_jax.evaluation.scoring import Scored, Values
from dagan_jax.geometry.pixels import bytes_of
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.runs import devices, hosts
from dagan_jax.tasks.task import Batch, Task, Variables
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.landmarks import LandmarkDetector
from data_pipelines.reading import pipeline

_PANELS = 6  # of a moment, at most
_WHOSE = 'driving video or answer'  # in which no face is found


class HeldOut:
  """The held-out split, shared by all hosts, and what a task answers to it."""

  def __init__(
    self,
    task: Task,
    config: ConfigDict,
    mesh: Mesh,
    weights: Weights | None = None,
    detector: LandmarkDetector | None = None,
  ):
    """Nothing is read yet; programs are compiled once, when they are needed.

    Args:
      task: whose answers are scored.
      config: of the run; its `data` are scored on.
      mesh: of all devices.
      weights: of networks by whose features pictures are compared, too.
      detector: of faces by which pictures are compared, too; on the host.
    """
    self._config, self._mesh = config, mesh
    whole, shared = devices.replicated(mesh), devices.over_batch(mesh)
    self._weights = jax.device_put(weights or {}, whole)
    self._detector = detector

    def look(variables, weights, batch):
      truth, answers = task.eval_step(variables, batch)
      values = compute_metrics(*add_features(weights, truth, answers))
      values |= {name: batch[name] for name in ('place', 'weight')}
      pictures = {}
      if detector is not None and 'true_picture' in truth:
        pictures = {
          'truth': bytes_of(truth['true_picture']),
          'answers': {
            name: bytes_of(answer['picture'])
            for name, answer in answers.items()
            if 'picture' in answer
          },
        }
      return values, pictures

    def draw(variables, batch, places):
      return task.images(
        variables, {name: jnp.take(x, places, 0) for name, x in batch.items()}
      )

    self._look = jax.jit(look, out_shardings=(whole, shared))
    self._draw = jax.jit(draw, out_shardings=whole)

  @property
  def protocol(self) -> Protocol:
    """Which frames of which clips are compared, at which size."""
    pairs = [
      Pair(clip, '', ', '.join(f'{frames}' for frames in of_clip))
      for clip, of_clip in self._clips.items()
    ]
    return Protocol(SAME, tuple(pairs), self._config.data.image_size)

  @property
  def digests(self) -> dict[str, str]:
    """Of each clip, what tells it from others of its name."""
    return {example.clip: example.digest() for example in self._batches.listed}

  def score(
    self, variables: dict[str, Variables], known: Container[str] = ()
  ) -> Iterator[Scored]:
    """Scores of each clip, in order, as soon as its last frames were seen.

    Metrics are called as a task's answers begin. All hosts give the same.

    Args:
      variables: of the task's networks.
      known: names of clips that are passed over.

    Raises:
      DataError: nothing is held out, or it cannot be read.
    """
    clips = [example.clip for example in self._batches.listed]
    first = next((i for i, c in enumerate(clips) if c not in known), len(clips))
    gathered: dict[str, Values] = {}
    for place, batch in self._go_through(first, len(clips)):
      values = self._measure(variables, batch)
      order = np.argsort(values.pop('place'))
      counted = order[values.pop('weight')[order] > 0]
      after = place + len(counted)
      for clip, k in zip(clips[place:after], counted, strict=True):
        if clip not in known:
          of_clip = gathered.setdefault(clip, defaultdict(list))
          for name, array in values.items():
            of_clip[name].append(float(array[k]))
      goes_on = clips[after : after + 1]
      for clip in [clip for clip in gathered if clip not in goes_on]:
        yield _to_scored(clip, gathered.pop(clip))

  def show(self, variables: dict[str, Variables], clip: str) -> list[Moment]:
    """Pictures of a clip, as the task draws them; all hosts must ask."""
    clips = [example.clip for example in self._batches.listed]
    first = clips.index(clip)
    end = first + min(clips.count(clip), MOST_MOMENTS)
    count = min(self._config.report.images, self._config.data.batch_size)
    moments = []
    for place, batch in self._go_through(first, end):
      order = np.argsort(hosts.collect({'p': batch['place']}, self._mesh)['p'])
      inside = order[max(first - place, 0) : max(end - place, 0)]
      batch = devices.put(batch, self._mesh)
      for start in range(0, len(inside), count):
        rows = inside[start : start + count]
        padded = np.resize(rows, count)
        found = jax.device_get(self._draw(variables, batch, padded))
        drawn = DRAWINGS[self._config.task](*found)
        panels = {
          name: picture(images)
          for name, images in itertools.islice(drawn.items(), _PANELS)
        }
        for number in range(len(rows)):
          moments.append({name: x[number] for name, x in panels.items()})
    return moments

  @functools.cached_property  # a million clips are not read for each score
  def _batches(self) -> pipeline.Batches:
    return pipeline.make_iterator(
      self._config.data, 'test', shard=devices.shard()
    )

  @functools.cached_property
  def _clips(self) -> dict[str, list[tuple[int, ...]]]:
    clips = defaultdict(list)
    for example in self._batches.listed:
      clips[example.clip].append(example.frames)
    return clips

  def _go_through(self, first: int, end: int) -> Iterator[tuple[int, Batch]]:
    """This host's shares of the batches that hold the examples of a range.

    The place of a batch's first example comes with each.
    """
    size = self._config.data.batch_size
    start = first // size * size
    self._batches.set_state({'examples': start})
    try:
      for place in range(start, end, size):
        try:
          batch = next(self._batches)
        except DataError as error:
          if jax.process_count() == 1:
            raise
          # Whoever goes on without scores leaves the other hosts waiting.
          raise UsageError(str(error)) from None
        yield place, batch
    finally:
      self._batches.rewind()

  def _measure(
    self, variables: dict[str, Variables], batch: Batch
  ) -> dict[str, np.ndarray]:
    """All values 'b' of a global batch, and its places and weights."""
    placed = devices.put(batch, self._mesh)
    values, pictures = self._look(variables, self._weights, placed)
    values = jax.device_get(values)
    if pictures:
      share = jax.tree.map(devices.local_share, pictures)
      found = score_faces(self._detector, share)
      values |= hosts.collect(found, self._mesh)
    return values


Score = Callable[[dict[str, Variables]], dict[str, float]]


def make_scorer(task: Task, config: ConfigDict, mesh: Mesh) -> Score:
  """A function of the variables: the means of all metrics that apply, by name.

  A mean is one over held-out clips, of each clip's mean over its frames. The
  function raises a DataError when nothing is held out. Its program is compiled
  at the first call and kept for later ones. Arguments are those of HeldOut.
  """
  held_out = HeldOut(task, config, mesh)
  return lambda variables: average_rows(
    [summarize(scored) for scored in held_out.score(variables)]
  )


def _to_scored(clip: str, values: Mapping[str, Sequence[float]]) -> Scored:
  count = len(next(iter(values.values()), ()))
  found = values.get('landmarks_found')
  lost = {} if found is None else {_WHOSE: count - int(sum(found))}
  return Scored(clip, dict(values), count, lost, '', '', {})
