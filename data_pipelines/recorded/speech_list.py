"""What lies beside the speeches of a data set: `speeches.json`, their list.

As `clips.json` does for frames, it tells which there are, in which order, who
speaks, and the hashes that show damage.
"""

import json
import os
import pathlib
from typing import NamedTuple

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.media import pictures
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
    pictures.check_file(path, 'list of speeches')
    try:
      fields = json.loads(path.read_text(encoding='utf-8'))
      found = fields['format']
      if found == FORMAT:
        return cls(
          {
            name: SpeechSplit(
              {file: Shard(**shard) for file, shard in split['shards'].items()},
              tuple(ListedSpeech(**speech) for speech in split['speeches']),
            )
            for name, split in fields['splits'].items()
          }
        )
    except (ValueError, TypeError, LookupError, AttributeError) as error:
      raise DataError(
        f'{path}: damaged ({error}); copy it again, or build the data set'
        f' anew: {BUILD}'
      ) from None
    raise DataError(
      f'{path}: of format {found}, while this program reads {FORMAT}; update'
      f' dagan_jax, or build the data set anew: {BUILD}'
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
    with write_whole(pathlib.Path(folder) / NAME) as partial:
      partial.write_text(
        json.dumps({'format': FORMAT, 'splits': splits}, indent=1),
        encoding='utf-8',
      )
