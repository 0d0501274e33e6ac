"""Which pixels show a person, by MediaPipe's selfie segmentation.

Its licence, Apache 2.0, allows every use; the package MediaPipe 0.10.21 carries
the network.
"""

import numpy as np
from jaxtyping import Bool, UInt8
from PIL import Image

from data_pipelines.faces.tflite_files import (
  hash_file,
  locate_package,
  run_network,
)

SIDE = 256  # pixels of what it sees, whatever the picture's shape
_FILE = 'modules/selfie_segmentation/selfie_segmentation.tflite'
_SHA256 = '9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c'


def segment_person(
  picture: UInt8[np.ndarray, 'h w 3'],
) -> Bool[np.ndarray, '256 256'] | None:
  """Where the person is, on the picture scaled to a square.

  None where the network or what runs it is not installed, or is of another
  version.
  """
  package = locate_package('mediapipe')
  if package is None or locate_package('ai_edge_litert') is None:
    return None
  if hash_file(package / _FILE) != _SHA256:
    return None
  small = Image.fromarray(picture).resize(
    (SIDE, SIDE), Image.Resampling.BILINEAR
  )
  (found,) = run_network(package / _FILE, np.asarray(small, np.float32) / 255)
  return found[0, ..., 0] > 0.5
