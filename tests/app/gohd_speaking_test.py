"""GoHD's networks in the place of the actor: the same files come out."""

import numpy as np
import pytest

from dagan_jax.app.animation import animate_files
from dagan_jax.app.files import Files
from dagan_jax.inference.gohd import measuring
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media import pictures, video_reader
from data_pipelines.media.comment_reader import read_comment
from data_pipelines.media.waveform import read_waveform
from data_pipelines.provenance.mark_finder import find_mark
from tests.support import tiny_gohd
from tests.support.speaking import command
from tests.support.spoken_sounds import speak, write_wave
from tests.support.textures import texture


@pytest.fixture(scope='module')
def workdir(tmp_path_factory):
  return tiny_gohd.workdir(tmp_path_factory.mktemp('gohd') / 'W')


@pytest.fixture
def one(workdir, tmp_path, monkeypatch):
  """A portrait of 220 pixels and a voice of 0.51 seconds."""
  monkeypatch.setattr(measuring, 'LandmarkDetector', tiny_gohd.Detector)
  pictures.write_picture(tmp_path / 'portrait.png', texture(220, 220))
  sound = speak(['ah', 'ee', 's'], seconds=0.17)
  return dict(
    workdir=workdir,
    source=str(tmp_path / 'portrait.png'),
    audio=write_wave(tmp_path / 'voice.wav', sound),
    output=str(tmp_path / 'out.mp4'),
    crop='none',
    pose='still',  # sampling has tests of its own
  )


def test_the_video_lasts_as_long_as_the_voice_has_its_sound_and_says_what_it_is(
  one, capsys
):
  assert command(**one, paste_back=True, save='motion') == 0
  printed = capsys.readouterr().out.splitlines()
  assert printed == [
    one['output'].replace('.mp4', '.motion.npz'),
    one['output'],
  ]
  video = video_reader.read(one['output'])
  frames = np.stack([*video])
  assert frames.shape == (13, 220, 220, 3) and video.rate == 25
  given, got = (
    np.concatenate([*read_waveform(path)])
    for path in (one['audio'], one['output'])
  )
  assert abs(len(got) - len(given)) <= 1024  # AAC counts in such blocks
  assert find_mark(video).version == (0, 1)
  assert read_comment(one['output']).startswith('synthetic')


@pytest.mark.parametrize(
  ('wrong', 'words'),
  [
    ({'grid': 'driving'}, 'shows source, result'),
    ({'contact_sheet': 'sheet.png'}, '--grid=source,result'),
    ({'face_model': 'no.mat'}, 'no such file'),
    ({'gaze': 'nobody.mp4'}, 'nobody.mp4'),
    ({'size': 64}, '32 pixels alone'),
    ({'save': 'depth'}, 'neither keypoints nor depth'),
  ],
)
def test_what_cannot_be_done_is_told_in_one_line(
  one, tmp_path, capsys, wrong, words
):
  before = sorted(tmp_path.iterdir())
  assert command(**one | wrong) == 2
  message = capsys.readouterr().err
  assert words in message and message.count('\n') == 1
  assert sorted(tmp_path.iterdir()) == before


def test_a_portrait_without_a_face_and_a_sound_of_one_sample_are_told(
  one, tmp_path, capsys
):
  write_wave(one['audio'], np.zeros(1))
  assert command(**one) == 2
  assert 'lasts less than 0.2 s' in capsys.readouterr().err
  pictures.write_picture(one['source'], np.zeros((64, 64, 3), np.uint8))
  assert command(**one) == 2
  message = capsys.readouterr().err
  assert 'no landmarks' in message and message.count('\n') == 1
  assert not (tmp_path / 'out.mp4').exists()


def test_animate_sends_these_networks_to_the_command_that_speaks(one, capsys):
  files = Files(
    workdir=one['workdir'],
    source=one['source'],
    driving=one['source'],
    output=one['output'],
  )
  assert exit_code(lambda: animate_files(files, Settings())) == 2
  message = capsys.readouterr().err
  assert 'dagan_jax.speak' in message and message.count('\n') == 1
