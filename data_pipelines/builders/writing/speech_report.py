"""What a build of speeches gave: in words, and drawn."""

import collections
import json
import pathlib
from collections.abc import Sequence

from data_pipelines.builders.writing.collection import PlacedClip
from data_pipelines.builders.writing.report import duration
from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.recorded.speeches import Speech, parse_speech
from data_pipelines.speech.phones import BILABIAL, SILENCE

Splits = dict[str, Sequence[PlacedClip]]


def write(splits: Splits, folder: pathlib.Path) -> None:
  """Writes report.json and report.txt into a folder.

  Raises:
    OSError: the folder cannot be written.
  """
  told = {name: _summarise(clips) for name, clips in splits.items()}
  (folder / 'report.json').write_text(json.dumps(told, indent=1))
  lines = [
    f'{name}: {each["speeches"]} speeches of {each["identities"]} people with'
    f' {each["voices"]} voices, {duration(each["hours"])};'
    f' {each["silence"]:.0%} silent, lips shut in {each["bilabial"]:.0%}'
    for name, each in told.items()
  ]
  (folder / 'report.txt').write_text('\n'.join(lines) + '\n')


def _summarise(clips: Sequence[PlacedClip]) -> dict:
  speeches = [parse_speech(clip.outcome.speech(clip.number)) for clip in clips]
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
