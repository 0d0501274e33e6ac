"""Scores that papers print, which nobody measured here.

They stand beside ours only where a definition agrees, the network that looks
included. [DaGAN++] is arXiv:2305.06225, self-reenactment on VoxCeleb1, 256
pixels. Which network its LPIPS saw through, which one its AED, and what found
its landmarks, the paper does not say; nor what its PSNR is, for no pictures
have both that PSNR and that L1: at most 29.6 dB go with an L1 of 0.0332.
"""

from typing import NamedTuple

MARK = 'published, not measured here'
OWN = {  # columns that nothing of ours equals
  'published_psnr': 'PSNR, dB, as published, at odds with its L1',
  'published_lpips': 'LPIPS, as published, network unknown',
  'published_akd': "AKD, papers' way, as published, detector unknown",
  'published_aed': 'AED, as published, embedding of OpenFace',
}


class Published(NamedTuple):
  """A row of a paper's table."""

  method: str
  where: str
  values: dict[str, float]  # by metric, or by a name of OWN


_WHERE = 'VoxCeleb1, the same person, 256 pixels [DaGAN++]'

SAME_IDENTITY = (
  Published('FOMM', _WHERE, {'published_psnr': 30.39}),
  Published(
    'DaGAN',
    _WHERE,
    {
      'ssim_paper': 0.804,
      'l1': 0.0360,
      'published_akd': 1.279,
      'published_lpips': 0.185,
      'published_aed': 0.117,
    },
  ),
  Published(
    'DaGAN++',
    _WHERE,
    {
      'ssim_paper': 0.826,
      'l1': 0.0332,
      'published_psnr': 31.94,
      'published_akd': 1.226,
      'published_lpips': 0.175,
      'published_aed': 0.115,
    },
  ),
)
