"""Evaluations as they would be of the examples alone that all of them compare.

A score of a set is no mean of its examples': without some of them it is
computed anew, of the features that every evaluation keeps beside its scores.
"""

import dataclasses
from collections.abc import Sequence

from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.evaluation import Evaluation, Row
from dagan_jax.evaluation.scored_frames import KeptScores
from dagan_jax.evaluation.sets import OF_SETS, add_set_scores


def share_examples(evaluations: Sequence[Evaluation]) -> list[Evaluation]:
  """The same evaluations, with no example that one of them leaves out.

  Where the features that a score of sets needs are gone, it is missing; the log
  says so.

  Raises:
    UsageError: they have no example in common, or features cannot be read.
  """
  names = set.intersection(
    *({row.name for row in each.compared} for each in evaluations)
  )
  if not names:
    raise UsageError(
      'no example is compared for every method: their reports say which are'
      ' left out, and why'
    )
  return [_keep(each, names) for each in evaluations]


def _keep(evaluation: Evaluation, names: set[str]) -> Evaluation:
  kept = [row for row in evaluation.compared if row.name in names]
  of_sets = OF_SETS & set(evaluation.metrics)
  if of_sets and len(kept) < len(evaluation.compared):
    kept = _score_again(evaluation, [_without_sets(row) for row in kept])
  return dataclasses.replace(evaluation, rows=kept)


def _without_sets(row: Row) -> Row:
  values = {n: v for n, v in row.values.items() if n not in OF_SETS}
  return row._replace(values=values)


def _score_again(evaluation: Evaluation, kept: list[Row]) -> list[Row]:
  """The rows with the scores of the set that they alone make."""
  if evaluation.folder is not None:
    scores = KeptScores(evaluation.folder)
    scores.read_files()
    keys = {row.name: row.key for row in kept}
    if all(scores.knows(key) for key in keys.values()):
      kept, too_few = add_set_scores(
        kept, lambda name: scores.read(keys[name]).features
      )
      for metric in sorted(OF_SETS & set(evaluation.metrics) & set(too_few)):
        logging.warning('%s: %s: %s', evaluation.name, metric, too_few[metric])
      return kept
  logging.warning(
    '%s: scores of sets are missing, for other methods leave examples out, and'
    ' its frames.jsonl, which tells more of the rest, does not lie beside its'
    ' scores.json',
    evaluation.name,
  )
  return kept
