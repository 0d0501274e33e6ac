import numpy as np
import pytest

from data_pipelines.builders.work import job_files
from data_pipelines.builders.work.job_files import MadeClip
from data_pipelines.builders.work.jobs import (
  Job,
  Listing,
)
from data_pipelines.builders.writing import report
from data_pipelines.builders.writing.collection import PlacedClip
from tests.support.drawn_faces import recipe

FRAMES = 4


@pytest.fixture
def told(tmp_path):
  """Of two clips, 40 and 300 pixels high; the second video knows no square."""
  outcomes = []
  for number, height in enumerate((40.0, 300.0)):
    with job_files.write(tmp_path / f'{number}.zip', 'png', 95) as file:
      for index in range(FRAMES):
        level = 50 * index + number
        file.frame(0, index, np.full((16, 16, 3), level, np.uint8))
      made = MadeClip(
        f'clip{number}', '', 0.0, FRAMES, (0, 0, 9), (9, 9), height, None
      )
      overview = np.zeros((32, 64, 3), np.uint8) if number == 0 else None
      file.clip(0, made, np.zeros((FRAMES, 68, 2)), overview)
    outcomes.append(job_files.read(tmp_path / f'{number}.zip'))
  with job_files.write(tmp_path / 'rejected.zip', 'png', 95) as file:
    file.rejected.append('too dark')
    file.notes.append('video: breaks off')
  outcomes.append(job_files.read(tmp_path / 'rejected.zip'))
  jobs = [Job('a', 'a.mp4'), Job('b', 'b.mp4'), Job('c', 'c.mp4')]
  splits = {
    'train': [PlacedClip(outcomes[0].clips[0], 'me', outcomes[0], 0)],
    'test': [PlacedClip(outcomes[1].clips[0], 'you', outcomes[1], 0)],
  }
  listing = Listing(
    jobs,
    {'d': 'is not there'},
    {'sound': ['e.mp3'], 'nothing': []},
    ('a is b',),
  )
  made = recipe('/home/somebody')
  return report.summary(listing, outcomes, splits, made), splits


def test_it_counts_all_videos_and_says_why_some_gave_nothing(told):
  found, _ = told
  assert found['videos'] == 4
  assert found['rejected'] == [
    {'video': 'c.mp4', 'why': 'too dark'},
    {'video': 'd', 'why': 'is not there'},
  ]
  assert found['notes'] == ['video: breaks off', 'a is b']
  assert found['passed_over'] == [{'why': 'sound', 'files': ['e.mp3']}]
  train = found['splits']['train']
  assert train == {
    'clips': 1,
    'identities': 1,
    'hours': round(FRAMES / 25 / 3600, 4),
  }
  heights = found['face_heights']
  assert heights['0 to 64'] == heights['256 to 512'] == 1
  assert sum(heights.values()) == 2


def test_it_tells_nothing_of_the_machine(told):
  assert '/home' not in str(told[0])


def test_the_words_tell_the_same(told):
  text = report.text(told[0])
  for part in ('rejected, of 2 of 4 videos', 'c.mp4: too dark', 'd: is not'):
    assert part in text
  assert '1 files, sound: e.mp3' in text and 'a is b' in text
  assert 'train: 1 clips of 1 people' in text and 'video: breaks off' in text


def test_the_contact_sheet_has_a_row_for_each_clip(told):
  sheet = report.contact_sheet(told[1])
  assert sheet.shape == (2 * 128, 256 + 5 * 128, 3)
  # First and last moments of the second clip; nothing where its video would be.
  assert sheet[-1, -1, 0] == 50 * (FRAMES - 1) + 1
  assert (
    sheet[128:, 256 : 256 + 128].max() == 1 and sheet[128:, :256].max() == 0
  )


@pytest.mark.parametrize(
  'seconds, words',
  [
    (9, '9 seconds'),
    (300, '5 minutes'),
    (5400, '90 minutes'),
    (9e4, '25.0 hours'),
  ],
)
def test_durations_are_told_in_fitting_units(seconds, words):
  assert report.duration(seconds / 3600) == words
