"""Means over the held-out split, in one pass over the networks."""

import functools
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
from jax.sharding import Mesh
from ml_collections import ConfigDict

from dagan_jax.evaluation.detectors import FaceScores
from dagan_jax.evaluation.features import add_features, load_weights
from dagan_jax.geometry.pixels import bytes_of
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.runs import devices
from dagan_jax.tasks.task import Batch, Task, Variables
from data_pipelines.reading import pipeline

Scorer = Callable[[dict[str, Variables]], dict[str, float]]


def make_scorer(
  task: Task, config: ConfigDict, mesh: Mesh, *, thorough: bool = False
) -> Scorer:
  """A function of the variables: the means of all metrics that apply, by name.

  It goes over the held-out split once, with the networks run once for a batch.
  It raises a DataError when nothing is held out. Its program is compiled at the
  first call and kept for later ones.

  Args:
    task: whose answers are scored.
    config: of the run; its `data` are scored on.
    mesh: of all devices.
    thorough: whether pictures are compared, too, by the features of networks
      and by the faces that are found in them on the host.
  """
  shared, whole = devices.over_batch(mesh), devices.replicated(mesh)
  weights = jax.device_put(load_weights() if thorough else {}, whole)

  def look(variables, weights, batch):
    truth, answers = task.eval_step(variables, batch)
    compared = add_features(weights, truth, answers)
    weight = batch['weight']
    sums = {  # padding has weight 0
      name: jnp.sum(jnp.where(weight > 0, value * weight, 0.0))
      for name, value in compute_metrics(*compared).items()
    }
    pictures = {}
    if thorough and 'true_picture' in truth:
      pictures = {
        'truth': bytes_of(truth['true_picture']),
        'answers': {
          name: bytes_of(answer['picture'])
          for name, answer in answers.items()
          if 'picture' in answer
        },
      }
    return sums, jnp.sum(weight), pictures

  look = jax.jit(look, out_shardings=(whole, whole, shared))

  @functools.cache  # a data set of a million clips is not read for each score
  def held_out() -> pipeline.Batches:
    return pipeline.make_iterator(config.data, 'test', shard=devices.shard())

  def score(variables: dict[str, Variables]) -> dict[str, float]:
    sums, examples = {}, 0.0
    found = FaceScores(mesh)
    for batch in _go_through(held_out()):
      placed = devices.put(batch, mesh)
      added, weight, pictures = look(variables, weights, placed)
      for name, value in added.items():
        sums[name] = sums.get(name, 0.0) + float(value)
      examples += float(weight)
      if pictures:
        found.add(pictures, batch['weight'] > 0)
    means = {name: value / examples for name, value in sums.items()}
    return means | found.means()

  return score


def _go_through(batches: pipeline.Batches) -> Iterator[Batch]:
  """All of them, once; then they can be gone through again."""
  try:
    yield from batches
  finally:
    batches.rewind()
