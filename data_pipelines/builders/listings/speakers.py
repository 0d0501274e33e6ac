"""Jobs of rendered speakers, who need no files."""

from data_pipelines.builders.work.jobs import Listing, SpeakerJob
from data_pipelines.errors.mendable import DataError
from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.recorded.speeches import MOST_SECONDS


def list_jobs(
  speakers: int, seconds: float, test_fraction: float, pictures: int = 0
) -> Listing:
  """A job for each speaker, `test_fraction` of them for the test split.

  Args:
    speakers: how many.
    seconds: of each one's speech.
    test_fraction: the share of the speakers that are held out.
    pictures: of each speech; 0: the speeches themselves.

  Raises:
    DataError: no speaker, or speeches that are too short or too long.
  """
  if speakers < 1:
    raise DataError(f'--speakers={speakers}: at least 1 is needed')
  if not 1 <= seconds <= MOST_SECONDS:
    raise DataError(
      f'--seconds={seconds:g} is not within 1 and {MOST_SECONDS}; take more'
      ' speakers rather than longer speeches'
    )
  test, frames = round(test_fraction * speakers), round(seconds * FRAME_RATE)
  if not 0 <= pictures <= frames:
    raise DataError(
      f'--frames={pictures} is not within 0 and {frames}, the frames of a'
      ' speech'
    )
  counts = {'train': speakers - test, 'test': test}
  jobs = [
    SpeakerJob(number, split, frames, pictures)
    for split, count in counts.items()
    for number in range(count)
  ]
  return Listing(jobs, {})
