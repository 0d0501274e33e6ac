"""Every number that is reported of a sequence; rows of `metrics.table`.

They need arrays of these names, of t frames, 25 a second:

  true_noise, noise             added to sequences, and found in them, 'b s t c'
  true_motion, motion           of heads or eyes over time, degrees, 'b t c'
  true_gaze, gaze               yaw and pitch, degrees, 'b t 2'
  true_opening, opening         of lips, beyond that at rest, mm, 'b t'
  true_mouth, mouth             landmarks of mouths, mm, 'b t 20 3'
  true_eyes, eyes               of lids and brows, pixels of 224, 'b t n'
  speaking, bilabial            frames: somebody speaks; a p, b or m, 'b t'
"""

from types import MappingProxyType

from dagan_jax.metrics.metric import Metric
from dagan_jax.metrics.sequences import (
  fast_share,
  gaze_error,
  motion_ssim,
  motion_variance,
  noise_error,
)
from dagan_jax.metrics.speech import (
  bilabial_closure,
  eye_ssim,
  eye_variance,
  lip_correlation,
  mouth_distance,
  opening_error,
  silent_movement,
)

SEQUENCE_METRICS = MappingProxyType(
  {
    'noise_error': Metric(
      noise_error,
      ('true_noise', 'noise'),
      'mean squared error of the noise that a diffusion finds',
    ),
    'motion_variance': Metric(
      motion_variance,
      ('motion',),
      'variance of angles over time, squared degrees; as the truth has it',
      '',
    ),
    'motion_fast': Metric(
      fast_share,
      ('motion',),
      'share of that variance above 1 Hz; as the truth has it',
      '',
    ),
    'motion_ssim': Metric(
      motion_ssim,
      ('true_motion', 'motion'),
      'SSIM of angles over time, range 30 degrees, at most 1',
      'higher',
    ),
    'gaze_error': Metric(
      gaze_error,
      ('true_gaze', 'gaze'),
      'mean angle between gazes, degrees',
    ),
    'lip_correlation': Metric(
      lip_correlation,
      ('true_opening', 'opening'),
      'correlation of the opening of lips over time, in [-1, 1]',
      'higher',
    ),
    'opening_error': Metric(
      opening_error,
      ('true_opening', 'opening'),
      'mean error of the opening of lips, mm',
    ),
    'bilabial_closure': Metric(
      bilabial_closure,
      ('bilabial', 'opening'),
      'share of the frames of p, b and m with lips shut, up to 0.5 mm',
      'higher',
    ),
    'silent_movement': Metric(
      silent_movement,
      ('speaking', 'opening'),
      'how fast lips move in silence, mm/s; as the truth has it',
    ),
    'mouth_distance': Metric(
      mouth_distance,
      ('true_mouth', 'mouth'),
      "MLD: mean distance of the mouth's landmarks, mm",
    ),
    'eye_ssim': Metric(
      eye_ssim,
      ('true_eyes', 'eyes'),
      'SSIM of landmarks of eyes and brows over time, range 5 px, at most 1',
      'higher',
    ),
    'eye_variance': Metric(
      eye_variance,
      ('eyes',),
      'variance of these over time, squared px of 224; as the truth has it',
      '',
    ),
  }
)
