import pathlib
import sys

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation import ffmpeg_vmaf
from dagan_jax.evaluation.ffmpeg_vmaf import FfmpegVmaf, find_vmaf
from dagan_jax.evaluation.frames import End, Frame, Start
from dagan_jax.evaluation.given_networks import GivenNetworks
from dagan_jax.evaluation.scoring import Scorer
from tests.support import tiny

TRUTH = tiny.video(5)
NOISE = np.random.default_rng(0).normal(size=TRUTH.shape)

# In the place of ffmpeg: scores a frame by the distance of its two halves.
_FFMPEG = """#!{python}
import json, pathlib, sys
if sys.argv[1:] == ['-version']:
  print('ffmpeg version 0.1 of a test')
  sys.exit()
width, height = map(int, sys.argv[sys.argv.index('-video_size') + 1].split('x'))
half = 3 * width * height // 2
frames = []
while frame := sys.stdin.buffer.read(2 * half):
  if {dies} and len(frames) == 2:
    sys.exit('out of memory')
  wrong = sum(abs(a - b) for a, b in zip(frame[:half], frame[half:])) / half
  frames.append({{'metrics': {{'vmaf': 100 - wrong}}}})
log = json.dumps({{'version': '3', 'frames': frames}})
pathlib.Path('vmaf.json').write_text(log)
"""


@pytest.fixture
def fake(tmp_path, monkeypatch):
  """Where a fake ffmpeg lies, which may die of a third frame."""

  def write(*, dies=False):
    path = tmp_path / 'ffmpeg'
    path.write_text(_FFMPEG.format(python=sys.executable, dies=dies))
    path.chmod(0o755)
    monkeypatch.setenv('PATH', str(tmp_path))
    return path

  return write


def look(vmaf, answer):
  """Scores of each frame."""
  with vmaf.look() as video:
    for pair in zip(TRUTH, answer, strict=True):
      video.add(*pair)
    return [frame['metrics']['vmaf'] for frame in video.finish()['frames']]


def noisy(deviation):
  return np.clip(TRUTH + deviation * NOISE, 0, 255).astype(np.uint8)


def test_the_truth_scores_best_and_noise_lowers_vmaf():
  vmaf = find_vmaf()
  if vmaf is None:
    pytest.skip('no ffmpeg with libvmaf')
  same, some, much = (np.mean(look(vmaf, noisy(d))) for d in (0, 20, 60))
  assert 97.4 < same <= 100
  assert same > some + 1 > much + 2
  assert 'libvmaf' in vmaf.describe()['version']


def test_each_frame_goes_through_with_its_truth(fake):
  fake()
  vmaf = find_vmaf()
  assert vmaf.describe() == {
    'name': 'VMAF, vmaf_v0.6.1',
    'version': 'libvmaf 3, ffmpeg version 0.1',
    'sha256': '',
  }
  answer = TRUTH.copy()
  answer[3] = TRUTH[3] ^ 1  # each value is one away
  assert look(vmaf, answer) == [100, 100, 100, 99, 100]


def begin(name):
  return Start(name, None, *2 * (pathlib.Path(name),))


def test_vmaf_stands_with_the_scores_of_its_example(fake):
  fake()
  scorer = Scorer(
    {}, None, GivenNetworks(), find_vmaf(), crosses_identity=False
  )
  events = []
  for name, left_out in (('a', ''), ('b', 'other lengths'), ('c', '')):
    pairs = [Frame(true, true ^ (name == 'c')) for true in TRUTH]
    events += [begin(name), *pairs, End(name, left_out, '')]
  first, second, third = (one.values for one in scorer.score(events))
  assert first['vmaf'] == [100] * 5 and third['vmaf'] == [99] * 5
  assert not second


def test_an_ffmpeg_without_vmaf_is_passed_over(fake, monkeypatch):
  path = fake()
  monkeypatch.setitem(sys.modules, 'imageio_ffmpeg', None)
  path.write_text('#!/bin/sh\nexit 1\n')
  assert find_vmaf() is None
  path.unlink()
  assert find_vmaf() is None


def test_an_ffmpeg_that_dies_is_told_in_one_line(fake):
  path = fake(dies=True)
  vmaf = FfmpegVmaf(str(path))
  with pytest.raises(UsageError, match=r'failed \(out of memory\)') as caught:
    look(vmaf, TRUTH)
  assert '\n' not in str(caught.value)


def test_no_ffmpeg_outlives_who_stops_asking(fake, monkeypatch):
  fake()
  started = []

  class Noted(ffmpeg_vmaf.ComparedVideo):
    def _start(self, *size):
      super()._start(*size)
      started.append(self._process)

  monkeypatch.setattr(ffmpeg_vmaf, 'ComparedVideo', Noted)
  scorer = Scorer(
    {}, None, GivenNetworks(), find_vmaf(), crosses_identity=False
  )

  def events():
    yield begin('a')
    for true in (*TRUTH, *TRUTH):
      yield Frame(true, true)
    raise KeyboardInterrupt

  with pytest.raises(KeyboardInterrupt):
    list(scorer.score(events()))
  assert len(started) == 2
  assert all(process.poll() is not None for process in started)
