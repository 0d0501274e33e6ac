"""Programs that speak, and how it is told that they are missing."""

import shutil

import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.speech.programs import check_programs


def test_a_missing_synthesiser_is_told_in_one_line(monkeypatch):
  monkeypatch.setattr(shutil, 'which', lambda name: None)
  with pytest.raises(DataError, match='apt-get install espeak-ng flite'):
    check_programs()
