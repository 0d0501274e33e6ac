"""What lies beside the speeches of a data set: `speeches.json`, their list.

As `clips.json` does for frames, it tells which there are, in which order, who
speaks, and the hashes that show damage.
"""

import os
import pathlib
from typing import Any, NamedTuple

from data_pipelines.recorded.list_files import read_list, write_list
from data_pipelines.recorded.manifest import Shard

FORMAT = 1
NAME = 'speeches.json'
BUILD = 'python -m data_pipelines.build --name=speakers --out=DIR'


class ListedSpeech(NamedTuple):
  """A speech, whose it is and where it comes from."""

  name: str
  identity: str
  voice: str
  frames: int  # 25 a second
  source: str
  licence: str


class SpeechSplit(NamedTuple):
  """Shards and speeches of a split, both in the order of the records."""

  shards: dict[str, Shard]  # by file name
  speeches: tuple[ListedSpeech, ...]


class SpeechList(NamedTuple):
  """What `speeches.json` holds."""

  splits: dict[str, SpeechSplit]

  @classmethod
  def read(cls, folder: str | os.PathLike) -> 'SpeechList':
    """The list of the data set in a folder.

    Raises:
      DataError: there is none, it is damaged, or of a format yet to come.
    """
    path = pathlib.Path(folder) / NAME
    return read_list(path, 'list of speeches', FORMAT, BUILD, cls._parse)

  @classmethod
  def _parse(cls, fields: dict[str, Any]) -> 'SpeechList':
    return cls(
      {
        name: SpeechSplit(
          {file: Shard(**shard) for file, shard in split['shards'].items()},
          tuple(ListedSpeech(**speech) for speech in split['speeches']),
        )
        for name, split in fields['splits'].items()
      }
    )

  def write(self, folder: str | os.PathLike) -> None:
    """Writes it into a folder, whole or not at all.

    Raises:
      DataError: the place cannot be written.
    """
    splits = {
      name: {
        'shards': {file: s._asdict() for file, s in split.shards.items()},
        'speeches': [speech._asdict() for speech in split.speeches],
      }
      for name, split in self.splits.items()
    }
    write_list(pathlib.Path(folder) / NAME, FORMAT, {'splits': splits})
