"""Speeches drawn."""

import numpy as np

from data_pipelines.builders.writing.speech_sheet import (
  CAPTION,
  CURVES,
  MOMENTS,
  SIDE,
  draw_sheet,
  measure_lip_gaps,
)
from data_pipelines.media.voice import FRAME
from data_pipelines.recorded.speeches import Speech
from data_pipelines.synthetic.speech import VISEMES, weights
from tests.support.made_speech import phones_of

COUNT = 30
SPEECH = Speech(
  name='a',
  identity='a',
  voice='nobody',
  language='en',
  text='',
  waveform=np.zeros(COUNT * FRAME, np.int16),
  expression=np.zeros((COUNT, 64), np.float32),
  pose=np.zeros((COUNT, 6), np.float32),
  gaze=np.zeros((COUNT, 2), np.float32),
  phones=phones_of(' ', 1.2),
)


def test_lips_are_further_apart_in_open_vowels_and_least_in_bilabials():
  shapes = np.stack([weights(VISEMES[name]) for name in ('PP', 'sil', 'aa')])
  shut, rest, wide = measure_lip_gaps(shapes)
  assert shut < 0 < rest < 2 < 10 < wide


def test_a_row_shows_a_speech_and_changes_with_it():
  height = CAPTION + SIDE + CURVES
  rows = draw_sheet([SPEECH, SPEECH])
  assert rows.shape == (2 * height, MOMENTS * SIDE, 3)
  np.testing.assert_array_equal(rows[:height], rows[height:])
  loud = SPEECH.waveform + np.int16(2000)
  wide = SPEECH.expression + np.float32(0.3)
  shut = phones_of('m', 1.2)
  for changes in ({'waveform': loud}, {'expression': wide}, {'phones': shut}):
    assert (draw_sheet([SPEECH._replace(**changes)]) != rows[:height]).any()
