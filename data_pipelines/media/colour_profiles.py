"""The colours of still pictures: from any ICC profile to sRGB."""

import io

import numpy as np
from PIL import Image, ImageCms

_SPACES = {'RGB ': 'RGB', 'CMYK': 'CMYK', 'GRAY': 'L', 'Lab ': 'LAB'}
# Colours by which a profile is tried. One that leaves them where they are, to
# the nearest number, is sRGB by another name: its pixels are not touched.
_STEPS = np.linspace(0, 255, 6).round().astype(np.uint8)
_TRIED = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), -1).reshape(6, 36, 3)


def make_srgb(picture: Image.Image) -> Image.Image:
  """Returns a picture in sRGB as its profile says: RGB, or RGBA if it had.

  Without a profile, RGB is sRGB. A profile that is broken, or of another kind
  of picture, is passed over, as browsers do.
  """
  plain = 'RGBA' if picture.has_transparency_data else 'RGB'
  profile = _read_profile(picture)
  space = profile and _SPACES.get(profile.profile.xcolor_space)
  if space == 'RGB' and picture.mode != 'CMYK':
    picture = picture.convert(plain)
    return picture if _is_srgb(profile) else _convert(picture, profile)
  if space != picture.mode:
    return picture.convert(plain)
  return _convert(picture, profile)


def _read_profile(picture: Image.Image) -> ImageCms.ImageCmsProfile | None:
  data = picture.info.get('icc_profile')
  if picture.mode == 'LAB':
    return ImageCms.ImageCmsProfile(ImageCms.createProfile('LAB'))
  try:
    return data and ImageCms.ImageCmsProfile(io.BytesIO(data))
  except OSError:
    return None


def _convert(
  picture: Image.Image, profile: ImageCms.ImageCmsProfile
) -> Image.Image:
  mode = 'RGBA' if picture.mode == 'RGBA' else 'RGB'
  try:
    return ImageCms.profileToProfile(
      picture, profile, ImageCms.createProfile('sRGB'), outputMode=mode
    )
  except ImageCms.PyCMSError:
    return picture.convert(mode)


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
  seen = np.asarray(_convert(Image.fromarray(_TRIED), profile))
  return bool(np.abs(seen.astype(int) - _TRIED).max() <= 1)
