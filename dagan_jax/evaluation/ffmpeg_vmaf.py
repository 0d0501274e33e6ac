"""Has an ffmpeg that holds libvmaf look at a video, where there is one.

Frames go to it as they come, the true one above the answer, through one pipe;
what it says lies in a file at the end. VMAF sees brightness alone.
"""

import contextlib
import json
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from absl import logging
from jaxtyping import UInt8

from dagan_jax.console.errors import UsageError

MODEL = 'vmaf_v0.6.1'
INSTALL = 'pip install imageio-ffmpeg brings an ffmpeg that has libvmaf'
_LOG = 'vmaf.json'
_TO_YUV = (
  'scale=out_color_matrix=bt709:out_range=limited'
  ':flags=accurate_rnd+full_chroma_int+bitexact,format=yuv420p'
)

Picture = UInt8[np.ndarray, 'h w 3']


class FfmpegVmaf:
  """An ffmpeg that computes VMAF."""

  def __init__(self, path: str):
    """Raises UsageError: there is none at that path, or it has no VMAF."""
    self._path = path
    grey = np.full((64, 64, 3), 128, np.uint8)
    with self.look() as video:
      video.add(grey, grey)
      self._version = video.finish()['version']

  def look(self) -> 'ComparedVideo':
    """A video to be looked at, frame by frame."""
    return ComparedVideo(self._path)

  def describe(self) -> dict[str, Any]:
    """Its name and version, for reports."""
    version = f'libvmaf {self._version}, {_read_version(self._path)}'
    return {'name': f'VMAF, {MODEL}', 'version': version, 'sha256': ''}


class ComparedVideo:
  """A true video and an answer to it, on their way through ffmpeg."""

  def __init__(self, path: str):
    self._path = path
    self._process: subprocess.Popen | None = None
    self._folder: tempfile.TemporaryDirectory | None = None

  def add(self, truth: Picture, answer: Picture) -> None:
    """Takes the next frames, of one size; UsageError: ffmpeg has ended."""
    if self._process is None:
      self._start(*truth.shape[:2])
    try:
      self._process.stdin.write(truth.tobytes() + answer.tobytes())
    except OSError:
      raise self._failed() from None

  def finish(self) -> dict[str, Any]:
    """libvmaf's log: its `version`, and `frames` with their `metrics`.

    Raises:
      UsageError: ffmpeg has failed.
    """
    try:
      self._process.stdin.close()
      if self._process.wait() == 0:
        text = (pathlib.Path(self._folder.name) / _LOG).read_text('utf-8')
        return json.loads(text)
    except (OSError, ValueError):
      pass
    raise self._failed()

  def close(self) -> None:
    """Ends ffmpeg, whether or not it is done."""
    if self._process is not None:
      self._process.kill()
      with contextlib.suppress(OSError):  # frames that it no longer reads
        self._process.stdin.close()
      self._process.wait()
      self._folder.cleanup()
      self._process = None

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self.close()

  def _start(self, height: int, width: int) -> None:
    crop = f'crop={width}:{height}:0'
    graph = (
      f'[0:v]split[a][b];[a]{crop}:0,{_TO_YUV}[truth]'
      f';[b]{crop}:{height},{_TO_YUV}[answer];[answer][truth]libvmaf='
      f"model='version={MODEL}':log_fmt=json:log_path={_LOG}"
    )
    # Names below its own folder need no escapes in a graph, on any system.
    self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    errors = pathlib.Path(self._folder.name) / 'errors'
    try:
      with open(errors, 'wb') as file:
        self._process = subprocess.Popen(
          [
            *(self._path, '-hide_banner', '-loglevel', 'error'),
            *('-f', 'rawvideo', '-pixel_format', 'rgb24', '-framerate', '25'),
            *('-video_size', f'{width}x{2 * height}', '-i', 'pipe:0'),
            *('-filter_complex', graph, '-f', 'null', '-'),
          ],
          stdin=subprocess.PIPE,
          stdout=subprocess.DEVNULL,
          stderr=file,
          cwd=self._folder.name,
        )
    except OSError as error:
      self._folder.cleanup()
      raise UsageError(f'{self._path}: {error.strerror}') from None

  def _failed(self) -> UsageError:
    self._process.wait()
    errors = pathlib.Path(self._folder.name) / 'errors'
    lines = errors.read_text('utf-8', 'replace').splitlines()
    return UsageError(
      f'{self._path}: VMAF has failed ({lines[-1] if lines else "no word"});'
      ' start again, or take this ffmpeg away, and VMAF is not computed'
    )


def find_vmaf() -> FfmpegVmaf | None:
  """The first ffmpeg that has libvmaf: of PATH, then of imageio-ffmpeg."""
  for path in _list_ffmpegs():
    try:
      return FfmpegVmaf(path)
    except UsageError as error:
      logging.debug('no VMAF: %s', error)
  return None


def _list_ffmpegs() -> Iterator[str]:
  if found := shutil.which('ffmpeg'):
    yield found
  try:
    import imageio_ffmpeg

    yield imageio_ffmpeg.get_ffmpeg_exe()
  except (ImportError, RuntimeError):  # or it carries none for this system
    return


def _read_version(path: str) -> str:
  """As 'ffmpeg version 7.1', its first line."""
  said = subprocess.run(
    [path, '-version'], capture_output=True, text=True, check=False
  )
  return ' '.join(said.stdout.split()[:3])
