"""The result of a job, in one file: a zip of frames that anyone can open.

  clips.json          what is known of each clip, why others were rejected
  0/000000.jpg, ...   the frames of clip 0
  0/000000.npz        what else is known of that frame, if anything is
  0/landmarks.npy     float32 (frames, 68, 2)
  0/overview.jpg      the video with the clip's square drawn into it
  0/speech            of who speaks: a record of `recorded.speeches`, alone

It bears its name only when it is whole, so a job that was killed has none.
"""

import collections
import contextlib
import dataclasses
import functools
import io
import json
import pathlib
import re
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image

from data_pipelines.errors.whole_files import write_whole
from data_pipelines.media.encoded_images import encode_image

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same job gives the same bytes
SUFFIXES = {'jpeg': '.jpg', 'png': '.png'}
TRUTH = '.npz'
SPEECH = 'speech'
_FRAME = re.compile(r'(\d+)/\d+\.')


@dataclasses.dataclass(frozen=True)
class MadeClip:
  """What is known of a clip besides its frames."""

  name: str
  source: str  # the video's path below raw
  start_time: float  # seconds in the video
  frames: int
  square: tuple[float, float, float]  # left, top, side in the video
  video_size: tuple[int, int]  # width, height
  face_height: float  # median, pixels of the video
  embedding: list[float] | None  # of the face; None where nobody asked


@dataclasses.dataclass
class Outcome:
  """What came of a job; frames are read when asked for."""

  path: pathlib.Path
  clips: list[MadeClip]
  rejected: list[str]  # why there is no clip, or not one more
  notes: list[str]  # what else a user may want to know
  # Why the video could not be read this time: then there is no clip yet, and
  # the job is not done.
  trouble: str | None = None

  def frames(
    self, clip: int
  ) -> Iterator[tuple[bytes, np.ndarray, dict[str, np.ndarray]]]:
    """Yields encoded frames, landmarks (68, 2) and what else is known."""
    file, clips = self._open()
    landmarks = np.load(io.BytesIO(file.read(f'{clip}/landmarks.npy')))
    names = [entry.filename for entry in clips[clip]]
    images = [name for name in names if not name.endswith(TRUTH)]
    truths = set(names).difference(images)
    for name, points in zip(images, landmarks, strict=True):
      truth = {}
      if (known := name.rpartition('.')[0] + TRUTH) in truths:
        with np.load(io.BytesIO(file.read(known))) as arrays:
          truth = dict(arrays)
      yield file.read(name), points, truth

  def size(self, clip: int) -> int:
    """Bytes of a clip's frames, as they are encoded, or of its speech."""
    file, clips = self._open()
    if clip not in clips:
      return file.getinfo(f'{clip}/{SPEECH}').file_size
    return sum(entry.compress_size for entry in clips[clip])

  def speech(self, clip: int) -> bytes:
    """The record of a speech."""
    file, _ = self._open()
    return file.read(f'{clip}/{SPEECH}')

  def overview(self, clip: int) -> np.ndarray | None:
    """The video with the square in it, uint8 (h, w, 3); None: there is none."""
    file, _ = self._open()
    try:
      picture = file.read(f'{clip}/overview.jpg')
    except KeyError:
      return None
    return np.asarray(Image.open(io.BytesIO(picture), formats=['JPEG']))

  def _open(self) -> '_Opened':
    status = self.path.stat()
    return _open(self.path, status.st_mtime_ns, status.st_size, status.st_ino)


class _Opened(NamedTuple):
  """A file, and of each clip in it the entries of its frames, in order."""

  file: zipfile.ZipFile
  clips: dict[int, list[zipfile.ZipInfo]]


# A video of an hour has 90,000 entries: reading their list anew for each of its
# clips would take far longer than the clips. Jobs are gone through in order.
@functools.lru_cache(2)
def _open(path: pathlib.Path, *version: int) -> _Opened:
  """A job's file, of the version that is told by its time, size and number."""
  file = zipfile.ZipFile(path)
  clips = collections.defaultdict(list)
  for entry in file.infolist():
    if found := _FRAME.match(entry.filename):
      clips[int(found[1])].append(entry)
  return _Opened(file, clips)


@contextlib.contextmanager
def write(
  path: pathlib.Path, encoding: str, quality: int
) -> Iterator['JobWriter']:
  """Gives what writes a job's file, whole or not at all.

  Args:
    path: of the file; `process` says how it is called.
    encoding: of the frames, jpeg or png.
    quality: of JPEG.

  Raises:
    DataError: the place cannot be written.
  """
  with write_whole(path) as partial, zipfile.ZipFile(partial, 'w') as file:
    writer = JobWriter(file, encoding, quality)
    yield writer
    writer.finish()


class JobWriter:
  """Takes the clips of a job, frame by frame, and what there is to say."""

  def __init__(self, file: zipfile.ZipFile, encoding: str, quality: int):
    self._file = file
    self._encoding, self._quality = encoding, quality
    self._clips: list[MadeClip] = []
    self.rejected: list[str] = []
    self.notes: list[str] = []
    self.trouble: str | None = None  # no verdict on the video: try again later

  def frame(
    self,
    clip: int,
    index: int,
    image: np.ndarray,
    **truth: np.ndarray,
  ) -> None:
    """Adds a frame, uint8 (h, w, 3), to a clip, and what else is known."""
    name = f'{clip}/{index:06}'
    suffix = SUFFIXES[self._encoding]
    self._write(
      f'{name}{suffix}', encode_image(image, self._encoding, self._quality)
    )
    if truth:
      arrays = io.BytesIO()
      np.savez(arrays, **truth)
      values = arrays.getvalue()
      self._write(f'{name}{TRUTH}', values, zipfile.ZIP_DEFLATED)

  def clip(
    self,
    clip: int,
    made: MadeClip,
    landmarks: np.ndarray,
    overview: np.ndarray | None = None,
  ) -> None:
    """Ends a clip; clips end in their order. landmarks: (frames, 68, 2)."""
    assert clip == len(self._clips)
    points = io.BytesIO()
    np.save(points, landmarks.astype(np.float32))
    self._write(f'{clip}/landmarks.npy', points.getvalue())
    if overview is not None:
      picture = io.BytesIO()
      Image.fromarray(overview).save(picture, 'JPEG', quality=90)
      self._write(f'{clip}/overview.jpg', picture.getvalue())
    self._clips.append(made)

  def speech(self, clip: int, made: MadeClip, record: bytes) -> None:
    """Adds a speech; it is a clip without pictures."""
    assert clip == len(self._clips)
    self._write(f'{clip}/{SPEECH}', record)
    self._clips.append(made)

  def finish(self) -> None:
    """Writes down what is known of the clips."""
    clips = [] if self.trouble else self._clips
    header = {
      'clips': [dataclasses.asdict(clip) for clip in clips],
      'rejected': self.rejected,
      'notes': self.notes,
      'trouble': self.trouble,
    }
    self._write('clips.json', json.dumps(header, indent=1).encode())

  def _write(
    self, name: str, content: bytes, method: int = zipfile.ZIP_STORED
  ) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = method
    self._file.writestr(entry, content)


def read(path: pathlib.Path) -> Outcome:
  """Returns what came of a job.

  Raises:
    OSError, zipfile.BadZipFile: there is no such file, or it is damaged.
  """
  with zipfile.ZipFile(path) as file:
    header = json.loads(file.read('clips.json'))
  clips = [
    MadeClip(
      **{
        **clip,
        'square': tuple(clip['square']),
        'video_size': tuple(clip['video_size']),
      }
    )
    for clip in header['clips']
  ]
  told = (header[name] for name in ('rejected', 'notes'))
  return Outcome(path, clips, *told, header.get('trouble'))
