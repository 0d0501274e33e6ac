"""An example as a strip that moves: who drives beside what was generated."""

import base64
import io

import numpy as np
from PIL import Image

from dagan_jax.evaluation.examples import Example
from dagan_jax.evaluation.frames import Frame, Start, read_examples
from dagan_jax.evaluation.protocol import Protocol

_PANEL = 160  # pixels
_FRAMES = 40  # at most
_SHOWN = 80  # milliseconds for each


def draw_strip(example: Example, protocol: Protocol) -> str:
  """A WebP animation as a data URI: source if there is one, driving, answer.

  Its frames are the first ones that the protocol compares.
  """
  events = read_examples([example], protocol._replace(most=_FRAMES))
  source, shown = None, []
  for event in events:
    if isinstance(event, Start):
      source = event.source
    elif isinstance(event, Frame):
      panels = [] if source is None else [source]
      panels += [event.driving, event.generated]
      shown.append(_join(panels))
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


def _join(panels: list[np.ndarray]) -> Image.Image:
  """Panels of one size side by side."""
  strip = Image.new('RGB', (_PANEL * len(panels), _PANEL))
  for place, panel in enumerate(panels):
    image = Image.fromarray(panel).resize((_PANEL, _PANEL))
    strip.paste(image, (place * _PANEL, 0))
  return strip
