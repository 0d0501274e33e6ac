import av
import numpy as np
import pytest
from av.video.reformatter import (
  ColorPrimaries,
  ColorRange,
  Colorspace,
  ColorTrc,
)

from data_pipelines.media.frame_colours import FrameColours

UNTAGGED = 2
BT709, BT601 = 1, 6  # as frames name their matrices
SKIN = (168, 120, 98)
GAMMA = 2.4
TO_2020 = np.array(
  [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.088, 0.8956]]
)


def picture(width=64, height=48):
  """Skin, beside all greys and some colours."""
  image = np.full((height, width, 3), SKIN, np.uint8)
  image[: height // 4] = np.linspace(0, 255, width)[None, :, None]
  image[-8:, : width // 2] = (60, 90, 160)
  return image


def frame_of(image, matrix, tag, format='yuv444p', full=False):
  """A frame that was made by one matrix and is tagged by another."""
  there = ColorRange.JPEG if full else ColorRange.MPEG
  frame = av.VideoFrame.from_ndarray(image, format='rgb24').reformat(
    format=format, dst_colorspace=matrix, dst_color_range=there
  )
  frame.colorspace, frame.color_range = tag, there
  return frame


@pytest.mark.parametrize(
  'width, height, matrix',
  [
    (64, 48, Colorspace.ITU601),
    (720, 576, Colorspace.ITU601),
    (1280, 48, Colorspace.ITU709),
    (64, 578, Colorspace.ITU709),
  ],
)
def test_untagged_video_is_taken_by_its_size(width, height, matrix):
  image = picture(width, height)
  seen = FrameColours().rgb(frame_of(image, matrix, UNTAGGED))
  np.testing.assert_allclose(seen, image, atol=3)


@pytest.mark.parametrize('full', [False, True])
@pytest.mark.parametrize('width', [64, 1280])
@pytest.mark.parametrize(
  'matrix, tag', [(Colorspace.ITU709, BT709), (Colorspace.ITU601, BT601)]
)
def test_a_tag_decides_whatever_the_size(matrix, tag, width, full):
  image = picture(width)
  seen = FrameColours().rgb(frame_of(image, matrix, tag, full=full))
  np.testing.assert_allclose(seen, image, atol=3)


def test_transparency_lies_on_white():
  image = np.dstack([picture(), np.full((48, 64), 255, np.uint8)])
  image[:, :32, 3] = 0
  frame = av.VideoFrame.from_ndarray(image, format='rgba')
  seen = FrameColours().rgb(frame)
  assert (seen[:, :32] == 255).all()
  np.testing.assert_array_equal(seen[:, 32:], image[:, 32:, :3])


def pq(nits):
  power = (nits / 10000) ** 0.1593017578125
  return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def hlg(nits):
  """Of display light: the system's gamma is undone first."""
  luma = nits @ (0.2627, 0.678, 0.0593) / 1000
  scene = nits / 1000 * np.maximum(luma, 1e-9)[..., None] ** (1 / 1.2 - 1)
  low, high = scene * 12, np.maximum(scene * 12 - 0.28466892, 1e-9)
  curve = 0.17883277 * np.log(high) + 0.55991073
  return np.where(low <= 1, np.sqrt(low / 4), curve)


def hdr_frame(image, transfer, white, gain=1.0):
  """A picture as light of so many nits for white, in BT.2020, 10 bits."""
  light = gain * white * (image / 255.0) ** GAMMA @ TO_2020.T
  numbers = {ColorTrc.SMPTE2084: pq, ColorTrc.ARIB_STD_B67: hlg}[transfer](
    light
  )
  deep = np.rint(np.clip(numbers, 0, 1) * 65535).astype(np.uint16)
  frame = av.VideoFrame.from_ndarray(deep, format='rgb48le').reformat(
    format='yuv444p10le',
    dst_colorspace=Colorspace.BT2020,
    dst_color_range=ColorRange.MPEG,
  )
  frame.colorspace, frame.color_trc = Colorspace.BT2020, transfer
  frame.color_primaries = ColorPrimaries.BT2020
  return frame


@pytest.mark.parametrize('white', [100, 203])
@pytest.mark.parametrize(
  'transfer', [ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67]
)
def test_hdr_looks_as_its_picture_does_on_an_ordinary_screen(transfer, white):
  image = picture()
  seen = FrameColours().rgb(hdr_frame(image, transfer, white))
  np.testing.assert_allclose(seen.mean((0, 1)), image.mean((0, 1)), atol=3)
  np.testing.assert_allclose(seen[20:40], image[20:40], atol=6)


@pytest.mark.parametrize(
  'transfer', [ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67]
)
def test_light_beyond_white_is_compressed_and_leaves_the_rest_alone(transfer):
  image = np.full((48, 64, 3), SKIN, np.uint8)
  image[:8] = 255
  frame = hdr_frame(image, transfer, 203)
  lamp = np.where(image == 255, 4.0, 1.0)
  bright = hdr_frame(image, transfer, 203, gain=lamp)
  seen = FrameColours().rgb(bright)
  np.testing.assert_allclose(seen[8:], FrameColours().rgb(frame)[8:], atol=2)
  assert seen[:8].min() > 235
  ramp = hdr_frame(image, transfer, 203, gain=np.linspace(0, 4, 64)[:, None])
  rows = FrameColours().rgb(ramp)[0, :, 1].astype(int)
  assert (np.diff(rows) >= 0).all() and len(set(rows)) > 20


def test_the_first_frame_sets_the_exposure_of_all():
  image = picture()
  colours = FrameColours()
  first = colours.rgb(hdr_frame(image, ColorTrc.SMPTE2084, 203))
  darker = colours.rgb(hdr_frame(image, ColorTrc.SMPTE2084, 203, gain=0.5))
  assert darker.mean() < 0.8 * first.mean()


def test_wide_gamuts_of_ordinary_range_are_mapped_too():
  image = picture()
  light = (image / 255.0) ** GAMMA @ TO_2020.T
  deep = np.rint(light ** (1 / GAMMA) * 65535).astype(np.uint16)
  frame = av.VideoFrame.from_ndarray(deep, format='rgb48le')
  frame.color_primaries = ColorPrimaries.BT2020
  frame.color_trc = ColorTrc.BT709
  seen = FrameColours().rgb(frame)
  np.testing.assert_allclose(seen, image, atol=2)
