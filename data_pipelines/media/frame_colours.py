"""The colours of decoded frames: from what a video says of them to sRGB.

Where it says nothing, its size decides, as in players. High dynamic range (PQ,
HLG) and wide gamuts are mapped to what an ordinary screen shows.
"""

import functools

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc

PQ, HLG = ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67

# libav's numbers of what turns YUV into RGB; others are not known to swscale.
_MATRICES = {
  1: Colorspace.ITU709,
  4: Colorspace.FCC,
  5: Colorspace.ITU601,
  6: Colorspace.ITU601,
  7: Colorspace.SMPTE240M,
  9: Colorspace.BT2020,
  10: Colorspace.BT2020,
}
_RGB = 0
_HD = 1280, 577  # from this width or height on, untagged video is BT.709

# From linear RGB of a wide gamut to that of BT.709.
_TO_709 = {
  ColorPrimaries.BT2020: (
    (1.660491, -0.587641, -0.072850),
    (-0.124550, 1.132900, -0.008349),
    (-0.018151, -0.100579, 1.118730),
  ),
  ColorPrimaries.SMPTE432: (
    (1.224940, -0.224940, 0.0),
    (-0.042057, 1.042057, 0.0),
    (-0.019638, -0.078636, 1.098274),
  ),
}
_TO_709[ColorPrimaries.SMPTE431] = _TO_709[ColorPrimaries.SMPTE432]
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)

_STEPS = np.arange(2**16) / (2**16 - 1)  # the numbers of a deep frame
_GAMMA = 2.4  # of screens, BT.1886
_HLG_PEAK, _HLG_GAMMA = 1000.0, 1.2  # nits, and the exponent at that peak
# What is white, in nits: 203 by BT.2408, while others master white at 100. The
# first frame tells, by all but the brightest of its pixels.
_WHITES = 100.0, 203.0
_DARK = 1.0  # nits; a frame that is no brighter tells nothing
_BRIGHTEST = 99.9  # percentile
_KNEE, _PEAK = 0.8, 10.0  # shares of white: what lies between is compressed


class FrameColours:
  """Makes RGB of the frames of one video, all with the same exposure."""

  def __init__(self):
    self._white: float | None = None

  def rgb(self, frame: av.VideoFrame, width: int | None = None) -> np.ndarray:
    """Returns a frame as uint8 (h, w, 3), as it is stored or of that width.

    Transparency lies on white. The first frame that is asked for sets the
    exposure of HDR.
    """
    options = {'width': width, 'src_colorspace': _matrix(frame)}
    is_hdr = frame.color_trc in (PQ, HLG)
    if is_hdr or frame.color_primaries in _TO_709:
      deep = frame.to_ndarray(format='rgb48le', **options)
      return self._map(deep, frame, is_hdr)
    if any(component.is_alpha for component in frame.format.components):
      return _on_white(frame.to_ndarray(format='rgba', **options))
    return frame.to_ndarray(format='rgb24', **options)

  def _map(
    self, deep: np.ndarray, frame: av.VideoFrame, is_hdr: bool
  ) -> np.ndarray:
    """uint16 (h, w, 3) of a wide gamut, made uint8 of BT.709."""
    default = ColorPrimaries.BT2020
    matrix = _TO_709.get(frame.color_primaries, _TO_709[default])
    if frame.color_primaries == ColorPrimaries.BT709:
      matrix = np.eye(3)
    light = _light(frame.color_trc)[deep]
    if frame.color_trc == HLG:
      light *= (light @ _LUMA_2020)[..., None] ** (_HLG_GAMMA - 1) * _HLG_PEAK
    light = light @ np.array(matrix, np.float32).T
    np.maximum(light, 0, out=light)
    if is_hdr:
      if self._white is None:
        self._white = _find_white(light)
      light /= self._white
      brightest = light.max(-1, keepdims=True)
      light *= _compress(brightest) / np.maximum(brightest, 1e-6)
    numbers = np.minimum(light, 1) * (2**16 - 1)
    return _numbers()[numbers.astype(np.uint16)]


def _matrix(frame: av.VideoFrame) -> Colorspace | None:
  if frame.colorspace == _RGB or frame.format.is_rgb:
    return None
  if frame.color_trc in (PQ, HLG):
    default = Colorspace.BT2020
  elif frame.width >= _HD[0] or frame.height >= _HD[1]:
    default = Colorspace.ITU709
  else:
    default = Colorspace.ITU601
  return _MATRICES.get(frame.colorspace, default)


def _find_white(light: np.ndarray) -> float:
  brightest = np.percentile(light.max(-1), _BRIGHTEST)
  return (
    float(np.clip(brightest, *_WHITES)) if brightest > _DARK else _WHITES[1]
  )


def _compress(light: np.ndarray) -> np.ndarray:
  """Leaves light below the knee alone; brings the peak down to white.

  A curve of Reinhard's between: 1 at the peak, and smooth at the knee.
  """
  over = np.maximum(light - _KNEE, 0) / (1 - _KNEE)
  peak = (_PEAK - _KNEE) / (1 - _KNEE)
  shoulder = over * (1 + over / peak**2) / (1 + over)
  return np.where(light > _KNEE, _KNEE + (1 - _KNEE) * shoulder, light)


def _on_white(rgba: np.ndarray) -> np.ndarray:
  alpha = rgba[..., 3:].astype(np.uint16)
  mixed = rgba[..., :3] * alpha + 255 * (255 - alpha)
  return ((mixed + 127) // 255).astype(np.uint8)


@functools.cache
def _light(transfer: int) -> np.ndarray:
  """The light of each of 65536 numbers: nits for PQ, else a share of white."""
  if transfer == PQ:
    root = _STEPS ** (1 / 78.84375)
    ratio = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    light = 10000 * ratio ** (1 / 0.1593017578125)
  elif transfer == HLG:
    high = (np.exp((_STEPS - 0.55991073) / 0.17883277) + 0.28466892) / 12
    light = np.where(_STEPS <= 0.5, _STEPS**2 / 3, high)
  else:
    light = _STEPS**_GAMMA
  return light.astype(np.float32)


@functools.cache
def _numbers() -> np.ndarray:
  """The 8-bit number of each of 65536 shares of white."""
  return np.rint(255 * _STEPS ** (1 / _GAMMA)).astype(np.uint8)
