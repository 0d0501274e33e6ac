"""An example as a strip that moves, pictures of one moment side by side."""

import base64
import io
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from PIL import Image

from dagan_jax.drawing.panels import place_side_by_side
from dagan_jax.evaluation.examples import Example
from dagan_jax.evaluation.frames import Frame, Start, read_examples
from dagan_jax.evaluation.protocol import Protocol

Moment = Mapping[str, np.ndarray]  # pictures uint8 'h w 3', by what they show

MOST_MOMENTS = 40  # of a strip
_HEIGHT = 160  # pixels of a panel
_SHOWN = 80  # milliseconds for each moment


def read_moments(example: Example, protocol: Protocol) -> Iterator[Moment]:
  """The source, if there is one, who drives, and the answer.

  They are the first frames that the protocol compares.
  """
  most = min(protocol.most or MOST_MOMENTS, MOST_MOMENTS)
  source, example = {}, example._replace(units=None)
  for event in read_examples([example], protocol._replace(most=most)):
    if isinstance(event, Start) and event.source is not None:
      source = {'the source': event.source}
    elif isinstance(event, Frame):
      yield {
        **source,
        'who drives': event.driving,
        'the answer': event.generated,
      }


def draw_strip(moments: Iterable[Moment]) -> str:
  """A WebP animation as a data URI: a frame for each moment."""
  shown = [
    Image.fromarray(place_side_by_side(moment.values(), _HEIGHT))
    for moment in moments
  ]
  file = io.BytesIO()
  shown[0].save(
    file,
    'WEBP',
    save_all=True,
    append_images=shown[1:],
    duration=_SHOWN,
    loop=0,
    quality=80,
  )
  return f'data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}'
