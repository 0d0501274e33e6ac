"""Who has which voice."""

from data_pipelines.speech.festival import VOICES, language_of
from data_pipelines.speech.voices import draw_voice

INDICES = range(200)


def test_voices_of_festival_leave_all_others_as_they_are():
  for index in INDICES:
    voice, without = (
      draw_voice(index, 'train', VOICES),
      draw_voice(index, 'train'),
    )
    if voice.manner.program != 'festival':
      assert voice == without
    else:
      assert voice.language == language_of(voice.manner.voice)


def test_all_voices_of_festival_speak_and_leave_most_to_others():
  manners = [draw_voice(k, 'train', VOICES).manner for k in INDICES]
  own = [x.voice for x in manners if x.program == 'festival']
  assert set(own) == set(VOICES)
  assert 0.1 < len(own) / len(manners) < 0.3


def test_nobody_held_out_has_a_voice_of_festival():
  for index in INDICES:
    assert draw_voice(index, 'test', VOICES) == draw_voice(index, 'test')
