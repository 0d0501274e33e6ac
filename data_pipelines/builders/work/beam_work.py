"""Does all jobs on Apache Beam, on the runner of one's choice.

Workers read the videos and write the jobs' files themselves: RAW and OUT must
be the same folders on every machine, as on a network file system.
"""

import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

from data_pipelines.builders.work.jobs import AnyJob, Recipe
from data_pipelines.builders.work.process import process
from data_pipelines.errors.mendable import DataError


def settings(runner: str, options: str, processes: int) -> dict[str, Any]:
  """Returns what `do_in_pipeline` and TFDS want to know of a runner.

  Args:
    runner: its name, as Beam has it.
    options: 'a=b,c=d' for the flags --a=b and --c=d of Beam and the runner; 'a'
      for --a.
    processes: how many the DirectRunner starts, unless options tell.

  Raises:
    DataError: Beam is not installed.
  """
  try:
    import apache_beam as beam
  except ImportError:
    raise DataError(
      "apache_beam is not installed: `pip install 'dagan_jax[beam]'` brings it"
    ) from None
  # Else every worker tells of each connection.
  flags = ['--default_sdk_harness_log_level=WARNING']
  if runner == 'DirectRunner':
    flags += [
      f'--direct_num_workers={processes}',
      '--direct_running_mode=multi_processing',
    ]
  flags += [f'--{option}' for option in options.split(',') if option]
  return {
    'beam_runner': beam.runners.create_runner(runner),
    'beam_options': beam.options.pipeline_options.PipelineOptions(flags),
  }


def do_in_pipeline(
  jobs: Sequence[AnyJob],
  recipe: Recipe,
  folder: pathlib.Path,
  beam_runner: Any,
  beam_options: Any,
) -> Iterator[object]:
  """Does jobs in a pipeline; yields once for each when all are done."""
  import apache_beam as beam

  if not jobs:
    return
  with beam.Pipeline(beam_runner, beam_options) as pipeline:
    _ = (
      pipeline
      | beam.Create(jobs)
      | beam.Reshuffle()
      | beam.Map(_do, recipe=recipe, folder=str(folder.resolve()))
    )
  yield from jobs


def _do(job: AnyJob, recipe: Recipe, folder: str) -> str:
  return str(process(job, recipe, pathlib.Path(folder)))
