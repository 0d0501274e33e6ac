"""Scores a method's videos, frame by frame, and writes all reports."""

import json
import pathlib

import jax
from absl import logging

from dagan_jax.console import progress
from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation import measured_by, protocol
from dagan_jax.evaluation.action_units import find_layout
from dagan_jax.evaluation.detectors import open_detector
from dagan_jax.evaluation.evaluation import Evaluation, Row, summarize
from dagan_jax.evaluation.examples import Example, LeftOut, find_examples
from dagan_jax.evaluation.features import NETWORKS, load_weights
from dagan_jax.evaluation.ffmpeg_vmaf import find_vmaf
from dagan_jax.evaluation.fingerprints import digest_truth, fingerprint
from dagan_jax.evaluation.frames import read_examples
from dagan_jax.evaluation.given_networks import open_given
from dagan_jax.evaluation.missing import find_remedies, list_missing
from dagan_jax.evaluation.protocol import CROSS, Protocol
from dagan_jax.evaluation.reports.folder import write_reports
from dagan_jax.evaluation.reports.page import choose_shown
from dagan_jax.evaluation.reports.strips import read_moments
from dagan_jax.evaluation.request import Request
from dagan_jax.evaluation.scored_frames import ScoredFrames
from dagan_jax.evaluation.scoring import Scored, Scorer
from dagan_jax.evaluation.sets import add_set_scores
from dagan_jax.runs import devices, hosts
from dagan_jax.runs.joining import together

_TOLD = 10  # remarks on examples that are printed
_ACROSS = 'another person drives: pictures and faces are not to be equal'
_NOT_ACROSS = {  # what is not compared with another person's
  f'true_{name}': _ACROSS
  for name in ('picture', 'embedding', 'arcface', 'change', *NETWORKS)
} | {'vmaf_frames': _ACROSS}


@together
def assess(request: Request) -> Evaluation | None:
  """Scores what is asked for; goes on where an earlier run was stopped.

  Writes into the folder of reports: scores.json, examples.csv, report.md,
  report.html, protocol.json, and frames.jsonl, every frame's scores. Of many
  hosts each scores a share of the examples; all must see the same folders.

  Returns:
    The evaluation; None on hosts other than the first one, which writes.

  Raises:
    UsageError: files or options are not what they should be, or no example can
      be compared.
  """
  asked = request.read_protocol()
  folders = request.find_folders(asked)
  examples = find_examples(asked.pairs, folders)
  found = {e.name: e for e in examples if isinstance(e, Example)}
  keys = {name: fingerprint(example) for name, example in found.items()}
  weights = load_weights()
  given = open_given(request.arcface, request.inception, request.syncnet)
  detector, no_faces = open_detector()
  crosses = asked.identity == CROSS
  vmaf = None if crosses else find_vmaf()
  networks = measured_by.list_networks(weights, detector, given, vmaf)
  if unit_files := [f for e in found.values() for f in e.units or ()]:
    networks.append(find_layout(unit_files).describe())
  measure = measured_by.describe_measure(asked, networks)
  scorer = Scorer(weights, detector, given, vmaf, crosses_identity=crosses)
  folder = pathlib.Path(request.output)
  with ScoredFrames(folder, measure, jax.process_index()) as frames:
    new = [name for name, key in keys.items() if not frames.knows(key)]
    new = [found[name] for name in hosts.from_first(new)]
    spoilt = _score(new, asked, scorer, frames, keys)
    if jax.process_index():
      return None
    frames.read_other_hosts()
    rows = _list_rows(examples, spoilt, frames, keys)
    _tell(rows)
    rows, too_few = add_set_scores(
      rows, lambda name: frames.read(keys[name]).features
    )
    remedies = find_remedies(weights, given, detector, no_faces, vmaf)
    remedies |= _NOT_ACROSS if crosses else {}
    computed = {name for row in rows for name in row.values}
    evaluation = Evaluation(
      name=request.name or folders.generated.resolve().name,
      made=measured_by.describe_run(),
      protocol=protocol.describe(asked),
      detectors=networks,
      not_computed=list_missing(computed, remedies) | too_few,
      rows=rows,
      folder=folder,
    )
    if not evaluation.compared:
      raise UsageError(
        f'none of {len(rows)} examples can be compared; the first one:'
        f' {rows[0].left_out}'
      )
    write_reports(
      folder,
      evaluation,
      asked,
      strips={
        row.name: list(read_moments(found[row.name], asked))
        for row in choose_shown(evaluation).values()
      },
      read_frames=lambda name: frames.read(keys[name]).values,
    )
  return evaluation


def _score(
  new: list[Example],
  asked: Protocol,
  scorer: Scorer,
  frames: ScoredFrames,
  keys: dict[str, str],
) -> dict[str, Row]:
  """Scores this host's share; returns what all hosts found to be spoilt.

  Args:
    new: the examples that are not scored yet.
    asked: how to look at them.
    scorer: of this host.
    frames: that keep their scores.
    keys: of the examples in there, by their names.
  """
  index, count = devices.shard()
  mine, spoilt = new[index::count], []
  with progress.bar(len(mine), unit='example') as bar:
    for scored in scorer.score(read_examples(mine, asked)):
      if scored.left_out:
        spoilt.append(scored)
      else:
        frames.add(keys[scored.name], scored)
      bar.update()
  of_hosts = hosts.gather_texts(json.dumps(spoilt))
  of_all = [Scored(*one) for text in of_hosts for one in json.loads(text)]
  return {one.name: summarize(one) for one in of_all}


def _list_rows(
  examples: list[Example | LeftOut],
  spoilt: dict[str, Row],
  frames: ScoredFrames,
  keys: dict[str, str],
) -> list[Row]:
  """A row for each example; a UsageError tells of another host's lost ones."""
  rows = []
  for example in examples:
    if isinstance(example, LeftOut):
      nothing = Scored(example.name, {}, 0, {}, example.why, '', {})
      rows.append(summarize(nothing))
    elif example.name in spoilt:
      rows.append(spoilt[example.name])
    elif frames.knows(keys[example.name]):
      row = summarize(frames.read(keys[example.name]))
      truth, key = digest_truth(example), keys[example.name]
      rows.append(row._replace(truth=truth, key=key))
    else:
      raise UsageError(
        f'{example.name}: another host scored it, and its scores are not here;'
        ' let --output be a folder that all hosts share'
      )
  return rows


def _tell(rows: list[Row]) -> None:
  """Names some of the examples that are left out, or of which there is more."""
  lines = [
    f'{row.name}: left out: {row.left_out}' for row in rows if row.left_out
  ]
  lines += [f'{row.name}: {row.remark}' for row in rows if row.remark]
  for line in lines[:_TOLD]:
    logging.warning('%s', line)
  if len(lines) > _TOLD:
    logging.warning('... and %d more, see report.md', len(lines) - _TOLD)
