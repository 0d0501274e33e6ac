import numpy as np

from dagan_jax.inference.voice import heard
from dagan_jax.inference.voice.heard import hear_voice
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.media.articulation import listen
from data_pipelines.media.voice import (
  expression_windows,
  pose_conditions,
  read_voice,
)
from data_pipelines.media.waveform import read_waveform
from tests.support.spoken_sounds import speak, write_wave


def test_a_sound_is_read_once_for_all_that_is_heard_in_it(
  tmp_path, monkeypatch
):
  sound = speak(['ah', 'ee', 's'], seconds=0.17)
  audio = write_wave(tmp_path / 'voice.wav', sound)
  asked = []

  def read(path):
    asked.append(path)
    return read_waveform(path)

  monkeypatch.setattr(heard, 'read_waveform', read)
  found = hear_voice(audio, Acting(expression='rule'))
  assert asked == [audio] and found.lips is None
  for one, other in zip(
    found.articulation, listen(read_waveform(audio)), strict=True
  ):
    np.testing.assert_array_equal(one, other)
  alone, frames = read_voice(audio), np.arange(found.count)
  assert found.voice.frames == alone.frames == found.count == 13
  for part in (expression_windows, pose_conditions):
    np.testing.assert_array_equal(
      part(found.voice, frames), part(alone, frames)
    )
