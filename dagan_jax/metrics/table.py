"""Every number that is reported of an answer: its name, function and needs.

An answer is a dict of arrays by name, and so is the truth; a name means the
same in every task. A metric is computed wherever there is all that it needs, so
a task gets it by giving arrays of these names:

  true_picture, picture         in [0, 1], 'b h w 3'
  true_alexnet, alexnet         features of the pictures, a tuple 'b _ _ _'
  true_vgg16, vgg16             likewise
  true_dists, dists             likewise, of the VGG-16 that DISTS sees through
  alexnet_heads, vgg16_heads    how much each feature counts in LPIPS
  dists_heads                   how much each channel counts in DISTS
  true_landmarks, landmarks     in pixels, 'b 68 2', on the host; NaN: no face
  true_embedding, embedding     of the faces, 'b 128', likewise
  source_embedding              of the portrait's face, likewise
  true_arcface, arcface         embeddings by ArcFace, 'b c', likewise
  source_arcface                of the portrait's face, likewise
  size                          of the pictures, in pixels
  true_pose, pose               yaw, pitch, roll of heads, degrees, likewise
  true_change, change           'b', to the frame before, moved by the truth's
                                flow, in [0, 1], on the host; NaN: none before
  vmaf_frames                   what libvmaf says of a video's frames, likewise
  sync_lips, sync_voices        features of lips and of the sound by SyncNet, a
                                sequence of 't c' for each video, likewise
  true_presence, presence       of action units, 'b n', likewise; NaN: no face
  true_units_set, units_set     intensities of action units, a sequence of 't n'
                                for each video, likewise
  true_vgg16_set, vgg16_set     features of all pictures, example by example, a
                                sequence of 'n c', on the host
  true_inception_set, inception_set  likewise, by Inception
  view_errors                   photometric errors by source view, 'b v h w 1'
  error, uncertainty            of the first source view, 'b h w 1'
  true_depth, depth             'b h w 1'
  scaled_depth, shifted_depth   the same, aligned with the truth
  foreground                    where depth counts, 'b h w 1'
  moves, nonrigid               what moves on its own, and what could
  intrinsics                    of the true camera, 'b 3 3'
  true_focal, focal             in pixels, 'b'
  true_turn, turn               rotations, 'b 3 3'
  true_shift, shift             translations, 'b 3'

and those of sequences, which `metrics.sequence_table` names.
"""

from collections.abc import Mapping
from typing import Any

from dagan_jax.metrics.action_units import unit_agreement, unit_correlation
from dagan_jax.metrics.consistency import (
  literal_temporal_consistency,
  temporal_consistency,
)
from dagan_jax.metrics.depth import DEPTH_ERRORS, normal_error
from dagan_jax.metrics.head_motion import (
  direction_error,
  focal_ratio,
  rotation_error,
)
from dagan_jax.metrics.head_pose import pose_error
from dagan_jax.metrics.identity import (
  identity_distance,
  identity_similarity,
  squared_identity_distance,
)
from dagan_jax.metrics.images import (
  LEAST_MS_SSIM_SIDE,
  l1,
  least_error,
  ms_ssim,
  paper_ssim,
  psnr,
  ssim,
)
from dagan_jax.metrics.landmarks import (
  euclidean_landmark_distance,
  landmark_distance,
  landmark_error,
  landmarks_found,
)
from dagan_jax.metrics.lip_sync import sync_confidence, sync_distance
from dagan_jax.metrics.metric import Metric
from dagan_jax.metrics.perceptual import dists, lpips
from dagan_jax.metrics.ranking import auroc, rank_correlation
from dagan_jax.metrics.sequence_table import SEQUENCE_METRICS
from dagan_jax.metrics.sets import frechet_distance, kernel_distance
from dagan_jax.metrics.vmaf import vmaf

Arrays = Mapping[str, Any]


def _depth_metrics(
  depth: str, ending: str, alignment: str
) -> dict[str, Metric]:
  """The metrics of a depth that was aligned in one way."""
  needs = ('true_depth', depth, 'foreground')
  rows = {
    name + ending: Metric(
      function,
      needs,
      f'{name}, {alignment}',
      'higher' if name.startswith('delta') else 'lower',
    )
    for name, function in DEPTH_ERRORS.items()
  }
  rows[f'normals{ending}'] = Metric(
    normal_error, (*needs, 'intrinsics'), f'normals, degrees, {alignment}'
  )
  return rows


METRICS = {
  'l1': Metric(l1, ('true_picture', 'picture'), 'L1, pictures in [0, 1]'),
  'psnr': Metric(
    psnr, ('true_picture', 'picture'), 'PSNR, dB, peak 1', 'higher'
  ),
  'ssim': Metric(
    ssim,
    ('true_picture', 'picture'),
    'SSIM, Gaussian 11 / 1.5, range 1, at most 1',
    'higher',
  ),
  'ssim_paper': Metric(
    paper_ssim,
    ('true_picture', 'picture'),
    "SSIM, papers' way: uniform 7, range 2, at most 1",
    'higher',
  ),
  'ms_ssim': Metric(
    ms_ssim,
    ('true_picture', 'picture'),
    'MS-SSIM, 5 scales, Gaussian 11 / 1.5, range 1, at most 1',
    'higher',
    LEAST_MS_SSIM_SIDE,
  ),
  'lpips': Metric(
    lpips,
    ('true_alexnet', 'alexnet', 'alexnet_heads'),
    'LPIPS 0.1, AlexNet, 0 is best',
  ),
  'lpips_vgg': Metric(
    lpips,
    ('true_vgg16', 'vgg16', 'vgg16_heads'),
    'LPIPS 0.1, VGG-16, 0 is best',
  ),
  'dists': Metric(
    dists,
    ('true_picture', 'picture', 'true_dists', 'dists', 'dists_heads'),
    'DISTS, VGG-16 with L2 pooling, 0 is best',
  ),
  'landmark_distance': Metric(
    landmark_distance,
    ('true_landmarks', 'landmarks', 'size'),
    "AKD, papers' way: mean |difference| of a coordinate, px of 256",
  ),
  'landmark_distance_euclidean': Metric(
    euclidean_landmark_distance,
    ('true_landmarks', 'landmarks', 'size'),
    'AKD, Euclidean: mean distance, px of 256',
  ),
  'landmark_error': Metric(
    landmark_error,
    ('true_landmarks', 'landmarks'),
    'landmarks, mean distance / distance of the eyes',
  ),
  'landmarks_found': Metric(
    landmarks_found,
    ('true_landmarks', 'landmarks'),
    'faces found in truth and answer, share',
    'higher',
  ),
  'identity_distance': Metric(
    identity_distance,
    ('true_embedding', 'embedding'),
    'AED, Euclidean, embedding of dlib, 0.6: another person',
  ),
  'identity_distance_squared': Metric(
    squared_identity_distance,
    ('true_embedding', 'embedding'),
    "AED, papers' way: squared, embedding of dlib",
  ),
  'identity_similarity': Metric(
    identity_similarity,
    ('source_embedding', 'embedding'),
    'CSIM, cosine to the source, embedding of dlib, in [-1, 1]',
    'higher',
  ),
  'identity_distance_arcface': Metric(
    identity_distance,
    ('true_arcface', 'arcface'),
    'AED, Euclidean, embedding of ArcFace, in [0, 2]',
  ),
  'identity_similarity_arcface': Metric(
    identity_similarity,
    ('source_arcface', 'arcface'),
    'CSIM, cosine to the source, embedding of ArcFace, in [-1, 1]',
    'higher',
  ),
  'head_pose_rms': Metric(
    pose_error,
    ('true_pose', 'pose'),
    'PRMSE, yaw, pitch and roll by PnP, degrees',
  ),
  'unit_agreement': Metric(
    unit_agreement,
    ('true_presence', 'presence'),
    'AUCON: share of action units that both show or both do not, in [0, 1]',
    'higher',
  ),
  'unit_correlation': Metric(
    unit_correlation,
    ('true_units_set', 'units_set'),
    'action units: mean correlation of intensities over time, in [-1, 1]',
    'higher',
  ),
  'tcm': Metric(
    temporal_consistency,
    ('true_change', 'change'),
    'TCM, exp(-|r - 1|), Farneback flow, at most 1',
    'higher',
  ),
  'tcm_literal': Metric(
    literal_temporal_consistency,
    ('true_change', 'change'),
    'TCM as printed, exp(-r - 1), 0.135 is best',
    '',
  ),
  'vmaf': Metric(
    vmaf,
    ('vmaf_frames',),
    'VMAF, model vmaf_v0.6.1, brightness by bt709, in [0, 100]',
    'higher',
  ),
  'lse_d': Metric(
    sync_distance,
    ('sync_lips', 'sync_voices'),
    'LSE-D, SyncNet as given, 0 is best',
  ),
  'lse_c': Metric(
    sync_confidence,
    ('sync_lips', 'sync_voices'),
    'LSE-C, SyncNet as given',
    'higher',
  ),
  'kid_vgg16': Metric(
    kernel_distance,
    ('true_vgg16_set', 'vgg16_set'),
    'KID on VGG-16: unbiased MMD^2, cubic kernel, relu5_3 averaged, 0 is best',
  ),
  'frechet_vgg16': Metric(
    frechet_distance,
    ('true_vgg16_set', 'vgg16_set'),
    'Fréchet distance on VGG-16, relu5_3 averaged, no FID, 0 is best',
  ),
  'kid': Metric(
    kernel_distance,
    ('true_inception_set', 'inception_set'),
    'KID, Inception as given: unbiased MMD^2, cubic kernel, 0 is best',
  ),
  'fid': Metric(
    frechet_distance,
    ('true_inception_set', 'inception_set'),
    'FID, Inception as given, 0 is best',
  ),
  'photometric': Metric(
    least_error, ('view_errors',), 'photometric error of the best view'
  ),
  **_depth_metrics('scaled_depth', '', 'scaled to the truth'),
  'rank_correlation': Metric(
    rank_correlation,
    ('true_depth', 'depth', 'foreground'),
    'Spearman correlation of depth, in [-1, 1]',
    'higher',
  ),
  **_depth_metrics(
    'shifted_depth', '_shifted', 'scaled and shifted to the truth'
  ),
  'rotation_degrees': Metric(
    rotation_error, ('true_turn', 'turn'), 'rotation error, degrees'
  ),
  'direction_degrees': Metric(
    direction_error,
    ('true_shift', 'shift'),
    "error of a translation's direction, degrees",
  ),
  'focal_ratio': Metric(
    focal_ratio,
    ('true_focal', 'focal'),
    'focal length / true one, 1 is best',
    '',
  ),
  'uncertainty_auroc': Metric(
    auroc,
    ('moves', 'uncertainty', 'foreground'),
    'area under ROC of uncertainty against what moves',
    'higher',
  ),
  'uncertainty_auroc_can_move': Metric(
    auroc,
    ('nonrigid', 'uncertainty', 'foreground'),
    'area under ROC of uncertainty against what can move',
    'higher',
  ),
  'error_auroc': Metric(
    auroc,
    ('moves', 'error', 'foreground'),
    'area under ROC of the photometric error against what moves',
    'higher',
  ),
  **SEQUENCE_METRICS,
}


def compute_metrics(
  truth: Arrays, answers: Mapping[str, Arrays]
) -> dict[str, Any]:
  """Values 'b' by name: how the answer's name begins, then the metric's.

  Args:
    truth: arrays that all answers are compared with.
    answers: arrays of each answer, by the beginning of its scores' names.
  """
  values = {}
  for beginning, answer in answers.items():
    arrays = {**truth, **answer}
    for name, metric in METRICS.items():
      if not all(need in arrays for need in metric.needs):
        continue
      inputs = [arrays[need] for need in metric.needs]
      if metric.least_side == 1 or metric.least_side <= min(
        inputs[0].shape[1:3]
      ):
        values[beginning + name] = metric.function(*inputs)
  return values
