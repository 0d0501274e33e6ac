"""Videos of red discs, a finder that takes these for faces, and odd videos."""

from fractions import Fraction

import av
import numpy as np
from scipy import ndimage

from data_pipelines.builders.work.jobs import Recipe
from data_pipelines.faces.find import Face

GROUND = (20, 60, 160)
SIDE = 96  # of the videos


class DiscFinder:
  """Finds red discs; who has more green in the red is somebody else."""

  name = 'disc'

  def find(self, picture):
    stride = -(-max(picture.shape) // 256)
    seen = picture[::stride, ::stride]
    red = (seen[..., 0] > 140) & (seen[..., 2] < 110)
    labels, _ = ndimage.label(ndimage.binary_opening(red, iterations=2))
    faces = [
      face_in(
        (stride * down.start, stride * down.stop),
        (stride * right.start, stride * right.stop),
      )
      for down, right in ndimage.find_objects(labels)
    ]
    return sorted(faces, key=lambda face: face.box[0] - face.box[2])

  def identity(self, picture, face):
    x, y = face.landmarks.mean(axis=0).round().astype(int)
    return np.full(128, picture[y, x, 1] / 255, np.float32)


def face_in(rows, columns):
  box = np.array([columns[0], rows[0], columns[1], rows[1]], np.float32)
  angles = np.linspace(0, 2 * np.pi, 68, endpoint=False)
  ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
  middle, radius = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
  return Face(box, (middle + radius * ring).astype(np.float32))


def picture(*discs, size=(SIDE, SIDE)):
  """uint8 (h, w, 3) with discs of (x, y, radius, green)."""
  height, width = size
  image = np.full((height, width, 3), GROUND, np.uint8)
  y, x = np.mgrid[:height, :width]
  for across, down, radius, green in discs:
    image[np.hypot(x - across, y - down) < radius] = (230, green, 40)
  return image


def talking(frames=40, green=30, size=(SIDE, SIDE), radius=16):
  """A face that moves a little."""
  middle = size[1] / 2, size[0] / 2
  return [
    picture(
      (middle[0] + 3 * np.sin(k / 4), middle[1], radius, green), size=size
    )
    for k in range(frames)
  ]


def write_video(path, frames, rate=25, turned=0):
  """Writes frames as H.264; a video shot with the camera `turned`."""
  path.parent.mkdir(parents=True, exist_ok=True)
  options = {'crf': '12', 'preset': 'ultrafast'}
  with av.open(str(path), 'w') as container:
    stream = container.add_stream('libx264', Fraction(rate), options=options)
    stream.height, stream.width = frames[0].shape[:2]
    stream.pix_fmt = 'yuv420p'
    if turned:
      stream.set_display_rotation(turned)
    for frame in frames:
      image = av.VideoFrame.from_ndarray(frame, format='rgb24')
      container.mux(stream.encode(image))
    container.mux(stream.encode())
  return path


def write_sound(path):
  """Writes a video without pictures."""
  path.parent.mkdir(parents=True, exist_ok=True)
  with av.open(str(path), 'w') as container:
    stream = container.add_stream('aac', 16000)
    silence = np.zeros((1, 4096), np.float32)
    frame = av.AudioFrame.from_ndarray(silence, 'fltp', 'mono')
    frame.sample_rate = 16000
    container.mux(stream.encode(frame))
    container.mux(stream.encode())
  return path


def recipe(raw, **fields):
  return Recipe(raw=str(raw), **{'size': 64, 'least_side': 24, **fields})
