"""ONNX files written byte by byte, so that no test needs the package onnx."""


def averaging_network(size=None, operations=('GlobalAveragePool', 'Flatten')):
  """The bytes of a network that gives the means of a picture's channels.

  Args:
    size: of the pictures that it takes; None: any.
    operations: one after another; other ones make other networks.
  """
  names = ['picture', *(f'x{i}' for i in range(1, len(operations))), 'features']
  nodes = b''.join(
    _field(1, _text(1, before) + _text(2, after) + _text(4, operation))
    for operation, before, after in zip(
      operations, names, names[1:], strict=False
    )
  )
  graph = nodes + _text(2, 'averages')
  graph += _field(11, _tensor(names[0], (None, 3, size, size)))
  graph += _field(12, _tensor(names[-1], None))
  opset = _field(8, _number(2, 13))
  return _number(1, 8) + _field(7, graph) + opset


def _tensor(name, shape):
  """A tensor of float32; a dimension of None may be any."""
  type_ = _number(1, 1)
  if shape is not None:
    dimensions = (
      _text(2, f'd{i}') if side is None else _number(1, side)
      for i, side in enumerate(shape)
    )
    type_ += _field(2, b''.join(_field(1, x) for x in dimensions))
  return _text(1, name) + _field(2, _field(1, type_))


def _text(number, text):
  return _field(number, text.encode())


def _field(number, content):
  return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number, value):
  return _varint(number << 3) + _varint(value)


def _varint(value):
  written = b''
  while value > 127:
    written += bytes([value & 127 | 128])
    value >>= 7
  return written + bytes([value])
