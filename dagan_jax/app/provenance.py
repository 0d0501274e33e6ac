"""Tells what a video or picture says of how it came about."""

import os
from typing import NamedTuple

from data_pipelines.media import comment_reader, video_reader
from data_pipelines.provenance import manifests
from data_pipelines.provenance.manifests import Statement
from data_pipelines.provenance.mark_finder import Finding, find_mark

_LOOKED_AT = 60  # frames, evenly spread


class Told(NamedTuple):
  """What a file says, in plain words."""

  lines: list[str]
  is_synthetic: bool  # whether something in it says that it is


def read_provenance(path: str | os.PathLike) -> Told:
  """Looks for a mark in the pixels, a signed manifest and a comment.

  Args:
    path: a video, a picture, or a folder of frames.

  Raises:
    DataError: it is none of these, or cannot be read.
  """
  video = video_reader.read(path)
  finding = find_mark(video.spread(_LOOKED_AT))
  comment = comment_reader.read_comment(path)
  statement = None
  if manifests.is_installed():
    statement = manifests.read_manifest(comment_reader.first_file(path))
  lines = [
    _describe_mark(finding),
    _describe_manifest(statement),
    _describe_comment(comment),
  ]
  return Told(
    lines,
    finding.version is not None
    or bool(statement and statement.is_synthetic and not statement.faults)
    or (comment or '').startswith('synthetic'),
  )


def _describe_mark(finding: Finding) -> str:
  if finding.version is None:
    return (
      f'mark in the pixels: none found (score {finding.score:.1f}, which chance'
      ' reaches)'
    )
  version = '.'.join(map(str, finding.version))
  return (
    f'mark in the pixels: made by dagan_jax {version} (score'
    f' {finding.score:.1f} of 12; by chance in less than one file of a million'
    + (
      f'; at {finding.size:.0%} of its first size)'
      if finding.size != 1
      else ')'
    )
  )


def _describe_manifest(statement: Statement | None) -> str:
  if not manifests.is_installed():
    return (
      "C2PA manifest: cannot be read here; pip install '.[provenance]' brings"
      ' what reads it'
    )
  if statement is None:
    return 'C2PA manifest: none'
  if statement.faults:
    return (
      'C2PA manifest: not to be believed, for it or the file was changed after'
      f' it was signed ({_show(", ".join(statement.faults))})'
    )
  how = 'made by a network' if statement.is_synthetic else 'made'
  return (
    f'C2PA manifest: {how}, by {_show(statement.program)}; unchanged since'
    f' "{_show(statement.signer)}" signed it, and who that is was not checked'
  )


def _describe_comment(comment: str | None) -> str:
  if comment is None:
    return 'metadata: no comment'
  return f'metadata, which anybody can write: {_show(comment)}'


def _show(text: str) -> str:
  """Without what moves a cursor, for anybody may have written it."""
  return ''.join(c if c.isprintable() else ' ' for c in text)
