"""A portrait and a voice in, a talking video out."""

import hashlib
import pathlib

import numpy as np
import pytest

from dagan_jax.inference.reenactment.animator import Animator
from data_pipelines.media import pictures, video_reader
from data_pipelines.media.comment_reader import read_comment
from data_pipelines.media.waveform import read_waveform
from data_pipelines.provenance import manifests
from data_pipelines.provenance.mark import Mark
from data_pipelines.provenance.mark_finder import find_mark
from tests.support import tiny
from tests.support.speaking import command
from tests.support.spoken_sounds import RATE, speak, write_wave
from tests.support.textures import texture


@pytest.fixture
def one(tmp_path, animator, monkeypatch):
  """A portrait, a voice of 0.51 seconds, and the network at hand."""
  monkeypatch.setattr(Animator, 'open', lambda *_, **__: animator)
  pictures.write_picture(tmp_path / 'portrait.png', tiny.video(1)[0])
  sound = speak(['ah', 'ee', 's'], seconds=0.17)
  return dict(
    source=str(tmp_path / 'portrait.png'),
    audio=write_wave(tmp_path / 'voice.wav', sound),
    output=str(tmp_path / 'out.mp4'),
    crop='none',  # nobody is to be seen
    pose='rule',  # which costs no time
    provenance=False,  # pixels as they are made
  )


@pytest.mark.parametrize('part', ['pose', 'expression', 'gaze'])
def test_a_word_that_is_none_is_told_before_anything_is_read(part, one, capsys):
  gone = {'source': 'no.png', 'audio': 'no.wav'}
  assert command(**one | gone | {part: 'stil'}) == 2
  message = capsys.readouterr().err
  assert message.count('\n') == 1
  assert message.startswith('error: stil: there is no such video, and no such')


def frames_of(path) -> np.ndarray:
  return np.stack([*video_reader.read(path)])


def test_the_video_lasts_as_long_as_the_voice_and_has_its_sound(one, capsys):
  assert command(**one) == 0
  assert capsys.readouterr().out.splitlines() == [one['output']]
  assert len(frames_of(one['output'])) == 13  # 0.51 s, and the frame begun
  assert video_reader.read(one['output']).rate == 25
  given, got = (
    np.concatenate([*read_waveform(path)])
    for path in (one['audio'], one['output'])
  )
  assert abs(len(got) - len(given)) <= 1024  # AAC counts in such blocks
  count = min(len(got), len(given))
  shifts = range(-40, 41)
  likeness = [
    np.dot(given[40 : count - 40], got[40 + s : count - 40 + s]) for s in shifts
  ]
  assert shifts[int(np.argmax(likeness))] == 0


def test_what_speaks_says_in_three_ways_that_it_is_synthetic(one):
  pictures.write_picture(one['source'], texture(220, 220))
  assert command(**one | {'provenance': True, 'paste_back': True}) == 0
  assert find_mark(video_reader.read(one['output'])).version == (0, 1)
  assert read_comment(one['output']).startswith('synthetic')
  if manifests.is_installed():
    voice = pathlib.Path(one['audio']).read_bytes()
    digest = hashlib.sha256(voice).hexdigest()
    assert digest.encode() in pathlib.Path(one['output']).read_bytes()
    assert manifests.read_manifest(one['output']).is_synthetic


def test_the_mark_lies_over_all_panels_of_every_frame(one, monkeypatch):
  marked, mark = [], Mark.__call__

  def watch(self, frame):
    result = mark(self, frame)
    marked.append((frame.shape, (result != frame).any(axis=(0, 2))))
    return result

  monkeypatch.setattr(Mark, '__call__', watch)
  one |= {'provenance': True, 'grid': 'source,driving,result'}
  assert command(**one) == 0
  assert [shape for shape, _ in marked] == 13 * [(32, 96, 3)]
  for _, changed in marked:
    panels = changed.reshape(3, 32)
    assert panels.any(axis=1).all()


def test_samples_are_performances_of_one_seed_after_another(one, tmp_path):
  one['output'] = str(tmp_path / 'out')
  assert command(**one, samples=2, seed=5, grid='driving') == 0
  assert command(**one | {'output': str(tmp_path / 'six')}, seed=6,
                 grid='driving') == 0  # fmt: skip
  first, second, six = (
    frames_of(tmp_path / name) for name in ('out-1', 'out-2', 'six')
  )
  np.testing.assert_array_equal(second, six)
  assert (first != second).any()


def test_a_still_pose_holds_the_head_while_it_speaks(one, tmp_path):
  frames = {}
  for pose in ('rule', 'still'):
    one['output'] = str(tmp_path / pose)
    assert command(**one | {'pose': pose}, grid='driving') == 0
    frames[pose] = frames_of(one['output']).astype(int)
  top = frames['still'][:, : tiny.SIZE // 4]
  assert np.abs(np.diff(top, axis=0)).max() <= 3  # shades of brows
  assert np.abs(np.diff(frames['still'], axis=0)).max() > 0
  assert np.abs(np.diff(frames['rule'][:, : tiny.SIZE // 4], axis=0)).max() > 0


def test_a_gaze_turns_the_eyes_of_who_acts(one, tmp_path):
  eyes = []
  for gaze in ('source', '25,0'):
    one['output'] = str(tmp_path / gaze)
    assert command(**one | {'pose': 'still'}, gaze=gaze, grid='driving') == 0
    eyes.append(frames_of(one['output'])[0].astype(int))
  assert np.abs(eyes[0] - eyes[1]).max() > 20


def test_stereo_of_24_bits_at_48_khz_and_a_video_are_heard(one, tmp_path):
  sound = np.repeat(speak(['ah', 'ee']), 3)
  one['audio'] = write_wave(
    tmp_path / 'fine.wav', sound, rate=48_000, channels=2, width=3
  )
  assert command(**one) == 0
  again = one | {'audio': one['output'], 'output': str(tmp_path / 'again.mp4')}
  assert command(**again) == 0
  assert abs(len(frames_of(again['output'])) - 10) <= 2


def test_in_silence_the_portrait_is_still_and_the_log_says_why(
  one, tmp_path, caplog
):
  one['audio'] = write_wave(tmp_path / 'hush.wav', np.zeros(RATE // 2))
  one['output'] = str(tmp_path / 'out')
  assert command(**one | {'pose': 'still'}) == 0
  frames = frames_of(one['output']).astype(int)
  assert np.abs(frames - frames[0]).max() <= 2
  assert 'the mouth stays shut' in caplog.text


def damage(path, tmp_path):
  path.write_bytes(b'RIFF' + bytes(range(256)))


def write_nothing(path, tmp_path):
  pass


def write_one_sample(path, tmp_path):
  write_wave(path, np.zeros(1))


def write_silent_video(path, tmp_path):
  pictures.write_picture(path.with_suffix('.png'), tiny.video(1)[0])
  path.with_suffix('.png').rename(path)


@pytest.mark.parametrize(
  ('make', 'words'),
  [
    (damage, 'no sound that can be decoded'),
    (write_nothing, 'no such'),
    (write_one_sample, 'lasts less than 0.2 s'),
    (write_silent_video, 'no sound'),
  ],
)
def test_a_sound_that_cannot_be_used_is_told_in_one_line(
  one, tmp_path, capsys, make, words
):
  path = tmp_path / 'bad.wav'
  make(path, tmp_path)
  before = sorted(tmp_path.iterdir())
  assert command(**one | {'audio': str(path)}) == 2
  message = capsys.readouterr().err
  assert words in message and message.count('\n') == 1
  assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
  'wrong',
  [
    {'as_published': True},
    {'face_model': 'BFM_model_front.mat'},
    {'gaze': '40,0'},
    {'gaze': 'nan,0'},
    {'seed': -1},
    {'samples': 0},
    {'samples': 2, 'contact_sheet': 'sheet.png'},
    {'output': 'out.wav'},
  ],
)
def test_options_that_mean_nothing_are_told_in_one_line(one, capsys, wrong):
  assert command(**one | wrong) == 2
  assert capsys.readouterr().err.count('\n') == 1


def test_the_output_must_not_replace_the_voice(one, capsys):
  assert command(**one | {'output': one['audio']}) == 2
  assert capsys.readouterr().err.count('\n') == 1
