"""Tells what a video or picture says of how it came about."""

import os
from typing import NamedTuple

from data_pipelines.media import video_reader
from data_pipelines.provenance import comments
from data_pipelines.provenance.mark_finder import Finding, find_mark

_LOOKED_AT = 60  # frames, evenly spread


class Told(NamedTuple):
  """What a file says, in plain words."""

  lines: list[str]
  is_synthetic: bool  # whether something in it says that it is


def read_provenance(path: str | os.PathLike) -> Told:
  """Looks for a mark in the pixels, and for a comment in the metadata.

  Args:
    path: a video, a picture, or a folder of frames.

  Raises:
    DataError: it is none of these, or cannot be read.
  """
  video = video_reader.read(path)
  finding = find_mark(video.spread(_LOOKED_AT))
  comment = comments.read_comment(path)
  lines = [_describe_mark(finding), _describe_comment(comment)]
  says_so = (comment or '').startswith('synthetic')
  return Told(lines, finding.version is not None or says_so)


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


def _describe_comment(comment: str | None) -> str:
  if comment is None:
    return 'metadata: no comment'
  # Anybody may have written it: it is shown without what moves a cursor.
  shown = ''.join(c if c.isprintable() else ' ' for c in comment)
  return f'metadata, which anybody can write: {shown}'
