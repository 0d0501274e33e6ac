"""ICC profiles of RGB spaces, made from their primaries, and their numbers."""

import struct

import numpy as np

D50 = np.array([0.9642, 1.0, 0.8249])
D65 = 0.3127, 0.3290
_BRADFORD = np.array(
  [
    [0.8951, 0.2664, -0.1614],
    [-0.7502, 1.7135, 0.0367],
    [0.0389, -0.0685, 1.0296],
  ]
)

# Red, green, blue and white as (x, y), and the exponent of the numbers.
SPACES = {
  'adobe': ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), D65, 563 / 256),
  'p3': ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), D65, 563 / 256),
  'prophoto': (
    (0.7347, 0.2653),
    (0.1596, 0.8404),
    (0.0366, 0.0001),
    (0.3457, 0.3585),
    461 / 256,
  ),
}
SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65)


def numbers(srgb: np.ndarray, space: str) -> np.ndarray:
  """Colours of sRGB, float (..., 3) in [0, 1], as that space numbers them."""
  *corners, gamma = SPACES[space]
  linear = np.where(
    srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4
  )
  matrix = np.linalg.inv(_to_d50(*corners)) @ _to_d50(*SRGB)
  return np.clip(linear @ matrix.T, 0, 1) ** (1 / gamma)


def profile(space: str) -> bytes:
  """The bytes of a profile, version 2, with three exponents and a matrix."""
  *corners, gamma = SPACES[space]
  curve = b'curv' + struct.pack('>IIH2x', 0, 1, round(256 * gamma))
  tags = {
    b'desc': b'desc' + struct.pack('>II', 0, 1) + bytes(84),
    b'wtpt': _xyz(D50),
    b'rTRC': curve,
    b'gTRC': curve,
    b'bTRC': curve,
  }
  for name, column in zip((b'r', b'g', b'b'), _to_d50(*corners).T, strict=True):
    tags[name + b'XYZ'] = _xyz(column)
  return _file(b'RGB ', tags)


def linear_grey() -> bytes:
  """A profile of greys that are shares of the light of white."""
  tags = {
    b'desc': b'desc' + struct.pack('>II', 0, 1) + bytes(84),
    b'wtpt': _xyz(D50),
    b'kTRC': b'curv' + struct.pack('>II', 0, 0),
  }
  return _file(b'GRAY', tags)


def _file(space: bytes, tags: dict[bytes, bytes]) -> bytes:
  table, body = struct.pack('>I', len(tags)), b''
  begin = 128 + 4 + 12 * len(tags)
  for name, data in tags.items():
    table += name + struct.pack('>II', begin + len(body), len(data))
    body += data
  header = struct.pack('>I4xI', begin + len(body), 0x02400000)
  header += b'mntr' + space + b'XYZ ' + bytes(12) + b'acsp' + bytes(28)
  return (header + _xyz(D50)[8:]).ljust(128, b'\0') + table + body


def _xyz(values: np.ndarray) -> bytes:
  return b'XYZ ' + struct.pack(
    '>I3i', 0, *(round(65536 * value) for value in values)
  )


def _to_d50(*corners: tuple[float, float]) -> np.ndarray:
  """(3, 3), from linear RGB to XYZ, as seen in the light D50."""
  red, green, blue, white = (
    np.array([x / y, 1, (1 - x - y) / y]) for x, y in corners
  )
  matrix = np.stack([red, green, blue], axis=1)
  matrix = matrix * np.linalg.solve(matrix, white)
  scale = (_BRADFORD @ D50) / (_BRADFORD @ white)
  return np.linalg.inv(_BRADFORD) @ (scale[:, None] * _BRADFORD) @ matrix
