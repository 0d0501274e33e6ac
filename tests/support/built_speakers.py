"""A data set of speakers as the command builds it, with made-up voices."""

import contextlib
import os
from collections.abc import Iterator

import pytest

from data_pipelines.builders import data_set
from data_pipelines.builders.data_set import Settings
from data_pipelines.speech import monologue
from tests.support.made_speech import say_letters

SPEAKERS, SECONDS, TEST_FRACTION = 4, 2.0, 0.25


@contextlib.contextmanager
def made_up_voices() -> Iterator[None]:
  """Nobody needs a synthesiser within, and what is installed says nothing."""
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(monologue, 'speak', say_letters)
    patch.setattr(monologue, 'installed_voices', tuple)
    patch.setattr(data_set, 'check_programs', lambda: None)
    yield


def build(out: str | os.PathLike, **settings) -> str:
  """Three speakers to learn from and a held-out one, 50 frames each."""
  wanted = {
    'speakers': SPEAKERS,
    'seconds': SECONDS,
    'test_fraction': TEST_FRACTION,
    'jobs': 1,
    **settings,
  }
  with made_up_voices():
    return data_set.build(Settings(name='speakers', out=str(out), **wanted))
