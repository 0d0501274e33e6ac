"""Which of a file's streams is the picture, and which the sound."""

import av
from av.stream import Disposition

# Pictures that do not move, such as covers, and what is not for everybody.
_ASIDE = (
  Disposition.attached_pic
  | Disposition.still_image
  | Disposition.timed_thumbnails
  | Disposition.comment
  | Disposition.hearing_impaired
  | Disposition.visual_impaired
)


def moving_pictures(
  container: av.container.InputContainer,
) -> list[av.VideoStream]:
  """The streams of moving pictures that can be decoded, the best one first.

  Best is what the file calls its default, then the largest, then the first: a
  camera's preview or another camera may lie beside the picture.
  """
  known = [
    stream
    for stream in container.streams.video
    if stream.codec_context and not stream.disposition & _ASIDE
  ]
  return sorted(known, key=_rank)


def choose_sound(
  container: av.container.InputContainer, picture: av.VideoStream | None
) -> av.AudioStream | None:
  """The sound that goes with a picture; None: there is none that is known.

  It is libav's choice: of the picture's programme, for everybody, the default
  one. Where that is of an unknown kind, any that can be decoded.
  """
  known = [
    stream
    for stream in container.streams.audio
    if stream.codec_context and stream.rate and stream.channels
  ]
  best = container.streams.best('audio', related=picture)
  if best in known:
    return best
  return min(known, key=lambda s: bool(s.disposition & _ASIDE), default=None)


def _rank(stream: av.VideoStream) -> tuple[bool, int, int]:
  is_other = not stream.disposition & Disposition.default
  return is_other, -stream.width * stream.height, stream.index
