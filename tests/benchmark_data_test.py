import itertools
import types

import numpy as np
import pytest
from ml_collections import ConfigDict

from data_pipelines.reading.samplers import RandomPair
from data_pipelines.reading.sources import SOURCES
from data_pipelines.synthetic import rendered_faces
from scripts import benchmark_data
from tests.support import recorded

PEOPLE, FRAMES, SIZE = 2, 3, 16
DATA = ConfigDict({'seed': 0, 'prefetch': 1})


@pytest.fixture(autouse=True)
def small(monkeypatch):
  sizes = {'SIZE': SIZE, 'PEOPLE': PEOPLE, 'FRAMES': FRAMES, 'WORKERS': (0,)}
  for name, value in {**sizes, 'SECONDS': 1.0, 'PAIRS': 16}.items():
    monkeypatch.setattr(benchmark_data, name, value)


@pytest.fixture
def clock(monkeypatch):
  """A quarter of a second passes from one look at the clock to the next."""
  looks = itertools.count()

  def look():
    return next(looks) / 4

  stopped = types.SimpleNamespace(process_time=look, perf_counter=look)
  monkeypatch.setattr(benchmark_data, 'time', stopped)


@pytest.fixture(scope='module')
def written(tmp_path_factory):
  """The folder of what is read, and the settings of each source."""
  folder = tmp_path_factory.mktemp('data')
  with recorded.tfds(), pytest.MonkeyPatch.context() as patch:
    for name, value in {'SIZE': SIZE, 'PEOPLE': 2, 'FRAMES': 3}.items():
      patch.setattr(benchmark_data, name, value)
    return folder, benchmark_data._written(folder, DATA)


def distances(pair):
  """From two frames to all that were rendered, (2, people, frames)."""
  rendered = [
    [rendered_faces.image(face, k / 25, SIZE) for k in range(FRAMES)]
    for face in range(PEOPLE)
  ]
  apart = np.asarray(pair)[:, None, None] - np.float32(rendered)
  return np.abs(apart).mean(axis=(-3, -2, -1))


def pairs_by(way, written):
  folder, sources = written
  if way == 'PNG':
    return (
      [255 * frame for frame in pair]
      for pair in benchmark_data._png_pairs(folder / 'png', 0)
    )
  return benchmark_data._pairs(sources[way])


# How far JPEG and H.264 may take a picture of 16 pixels, in grey levels.
@pytest.mark.parametrize(
  'way, loss', [('PNG', 0.01), ('tfds', 9), ('videos', 9)]
)
def test_each_way_reads_pairs_of_one_face_that_was_rendered(way, loss, written):
  seen = set()
  for pair in itertools.islice(pairs_by(way, written), 20):
    apart = distances(pair).min(axis=-1)  # at 16 pixels frames look the same
    face, other = apart.argmin(axis=-1)
    assert face == other
    assert apart.min(axis=-1).max() < loss
    seen.add(face)
  assert seen == set(range(PEOPLE))


def test_rendered_faces_are_read_as_training_draws_them(written):
  settings = written[1]['synthetic']
  clips = SOURCES['synthetic'](settings, 'train').clips
  for position, pair in enumerate(
    itertools.islice(benchmark_data._pairs(settings), 3)
  ):
    sample = RandomPair(clips, 0)(position)
    for image, index in zip(pair, sample.frames, strict=True):
      expected = rendered_faces.image(sample.clip, index / 25, SIZE)
      np.testing.assert_array_equal(image, expected)


def test_a_rate_counts_the_pairs_that_were_read(clock):
  read = {'one': 0, 'other': 0}

  def pairs(name):
    while True:
      read[name] += 1
      yield

  rates = benchmark_data._rates({name: pairs(name) for name in read}, repeats=2)
  # Looks at 0.25, 0.5 and 0.75 s find time for a pair, that at 1 s does not;
  # the first pair of all is a warm-up.
  assert rates == {'one': 3.0, 'other': 3.0}
  assert read == {'one': 1 + 2 * 3, 'other': 1 + 2 * 3}


def test_all_sources_are_compared_with_png(clock, capsys):
  with recorded.tfds():
    benchmark_data.compare(DATA, repeats=1)
  told = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
  names = ["'tfds'", "'videos'", "'synthetic'"]
  assert [line[0] for line in told[:4]] == ['PNG', *names]
  assert {tuple(line[1:]) for line in told[:4]} == {
    ('3.0', 'pairs/s', 'and', 'core,', '1.00', 'x', 'PNG')
  }
  # Two batches of 8 pairs, a quarter of a second each.
  assert told[5:] == [['0'], *([name, '32.0'] for name in names)]
