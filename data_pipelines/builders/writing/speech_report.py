"""What a build of speeches gave: in words, and drawn."""

import collections
import json
import pathlib
from collections.abc import Sequence
from typing import Any

from data_pipelines.builders.work.job_files import Outcome
from data_pipelines.builders.work.jobs import Listing
from data_pipelines.builders.writing import left_out
from data_pipelines.builders.writing.collection import PlacedClip
from data_pipelines.builders.writing.report import duration
from data_pipelines.builders.writing.speech_sheet import draw_sheet
from data_pipelines.media import pictures
from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.recorded.speeches import Speech, parse_speech
from data_pipelines.speech.phones import BILABIAL, SILENCE

Splits = dict[str, Sequence[PlacedClip]]


def write(
  listing: Listing,
  outcomes: Sequence[Outcome],
  splits: Splits,
  folder: pathlib.Path,
) -> None:
  """Writes report.json, report.txt and contact_sheet.png into a folder.

  Raises:
    OSError, DataError: the folder cannot be written.
  """
  speeches = {
    name: [parse_speech(clip.outcome.speech(clip.number)) for clip in clips]
    for name, clips in splits.items()
  }
  told = {
    'splits': {
      name: _summarise(splits[name], some) for name, some in speeches.items()
    },
    **left_out.summarise(listing, outcomes),
  }
  (folder / 'report.json').write_text(json.dumps(told, indent=1))
  lines = [
    f'{name}: {each["speeches"]} speeches of {each["identities"]} people with'
    f' {each["voices"]} voices, {duration(each["hours"])};'
    f' {each["silence"]:.0%} silent, lips shut in {each["bilabial"]:.0%}'
    for name, each in told['splits'].items()
  ]
  lines += left_out.tell(told)
  (folder / 'report.txt').write_text('\n'.join(lines) + '\n')
  sheet = draw_sheet([one for some in speeches.values() for one in some])
  pictures.write_picture(folder / 'contact_sheet.png', sheet)


def _summarise(
  clips: Sequence[PlacedClip], speeches: Sequence[Speech]
) -> dict[str, Any]:
  seconds = collections.Counter()
  for speech in speeches:
    seconds.update(_time_phones(speech))
  total = sum(speech.frames for speech in speeches) / FRAME_RATE
  bilabial = sum(seconds[name] for name in BILABIAL)
  return {
    'speeches': len(speeches),
    'identities': len({clip.identity for clip in clips}),
    'voices': len({speech.voice for speech in speeches}),
    'hours': round(total / 3600, 4),
    'silence': round(seconds[SILENCE] / total, 4),
    'bilabial': round(bilabial / total, 4),
    'phones': {
      name or 'silence': round(length, 2)
      for name, length in seconds.most_common()
    },
  }


def _time_phones(speech: Speech) -> dict[str, float]:
  """Seconds of each phone."""
  times = collections.Counter()
  for name, start, end in speech.phones:
    times[name] += end - start
  return times
