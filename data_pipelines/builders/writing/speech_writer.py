"""Writes speeches as a data set of TensorFlow Datasets, a record each."""

import contextlib
import functools
import io
import pathlib

import tensorflow_datasets as tfds
from tensorflow_datasets.core import writer

from data_pipelines.builders.work.jobs import SPEECH
from data_pipelines.builders.writing.collection import VERSION, PlacedClip
from data_pipelines.builders.writing.tfds_writer import (
  Examples,
  InOrder,
  OwnInfo,
  Splits,
  divide,
  list_shards,
)
from data_pipelines.recorded.speech_list import (
  ListedSpeech,
  SpeechList,
  SpeechSplit,
)
from data_pipelines.recorded.speeches import (
  features,
  parse_speech,
  to_features,
)


class Speakers(tfds.core.ShardBasedBuilder, skip_registration=True):
  """Speeches, and how face, head and eyes move in them."""

  VERSION = tfds.core.Version(VERSION)

  def __init__(self, splits: Splits, licence: str, *, data_dir: str):
    self._splits, self._licence = splits, licence
    super().__init__(
      data_dir=data_dir,
      config=tfds.core.BuilderConfig(name=SPEECH, version=self.VERSION),
      file_format='array_record',
    )

  def _info(self) -> OwnInfo:
    return OwnInfo(
      builder=self,
      description=f'{self.__doc__} Made by dagan_jax; see speeches.json.',
      features=features(),
      license=self._licence,
      disable_shuffling=True,
    )

  def _shard_iterators_per_split(self, dl_manager):
    del dl_manager
    return {
      name: [functools.partial(_examples, part) for part in divide(clips)]
      for name, clips in self._splits.items()
    }

  def _example_writer(self) -> writer.ExampleWriter:
    return InOrder(self.info.file_format)


def write(splits: Splits, licence: str, folder: pathlib.Path) -> pathlib.Path:
  """Writes a data set with its list; returns its version folder.

  Args:
    splits: the speeches, in the order in which they shall lie.
    licence: of them.
    folder: where `speakers/speech/<version>/` goes.
  """
  # TFDS tells its progress on the standard output.
  with contextlib.redirect_stdout(io.StringIO()):
    builder = Speakers(splits, licence, data_dir=str(folder))
    builder.download_and_prepare()
  written = pathlib.Path(builder.data_dir)
  SpeechList(
    {
      split: SpeechSplit(
        list_shards(builder.info.splits[split], written),
        tuple(_list_speech(clip, licence) for clip in clips),
      )
      for split, clips in splits.items()
    }
  ).write(written)
  return written


def _examples(clips) -> Examples:
  for clip in clips:
    speech = parse_speech(clip.outcome.speech(clip.number))
    yield speech.name, to_features(speech._replace(identity=clip.identity))


def _list_speech(clip: PlacedClip, licence: str) -> ListedSpeech:
  speech = parse_speech(clip.outcome.speech(clip.number))
  return ListedSpeech(
    name=speech.name,
    identity=clip.identity,
    voice=speech.voice,
    frames=speech.frames,
    source=clip.made.source,
    licence=licence,
  )
