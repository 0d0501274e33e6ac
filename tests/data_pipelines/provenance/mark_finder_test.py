import numpy as np
import pytest
from PIL import Image

from data_pipelines.media import video_reader
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.provenance.mark import Mark, write_payload
from data_pipelines.provenance.mark_finder import SURE, find_mark
from data_pipelines.provenance.origin import Origin
from tests.support.textures import texture

VERSION = (5, 77)
ORIGIN = Origin(mark=Mark(VERSION))


@pytest.fixture(scope='module')
def marked():
  """A texture that moves, marked."""
  wide = texture(256, 300)
  return [Mark(VERSION)(wide[:, 3 * i : 3 * i + 256]) for i in range(6)]


def scale(frame, size):
  return np.asarray(Image.fromarray(frame).resize(size, Image.LANCZOS))


CHANGES = {
  'as it is': lambda frame: frame,
  'a quarter cut off': lambda frame: frame[21:213, 40:232],
  'half the size': lambda frame: scale(frame, (128, 128)),
  'odd sizes, larger': lambda frame: scale(frame[:, :251], (437, 446)),
  'cut off and smaller': lambda frame: scale(frame[11:, :220], (165, 184)),
  'half as bright': lambda frame: frame // 2,
}


@pytest.mark.parametrize('change', CHANGES)
def test_a_mark_is_found_in_changed_frames(marked, change):
  finding = find_mark(map(CHANGES[change], marked))
  assert finding.version == VERSION


@pytest.mark.parametrize(
  'name, crf', [('a.mp4', 16), ('a.mp4', 23), ('a.gif', 0), ('a.webp', 0)]
)
def test_a_mark_outlives_its_encoding(marked, name, crf, tmp_path):
  with VideoWriter(tmp_path / name, 25, crf=crf) as video:
    for frame in marked:
      video.write(frame)
  assert find_mark(video_reader.read(tmp_path / name)).version == VERSION


def test_size_is_that_by_which_the_frames_were_scaled(marked):
  small = (scale(frame, (154, 154)) for frame in marked)
  assert find_mark(small).size == pytest.approx(154 / 256, rel=0.01)


def test_all_frames_vote(marked):
  """Where each is too noisy alone, together they tell."""
  rng = np.random.default_rng(0)
  noisy = [
    (frame + rng.normal(0, 60, (*frame.shape[:2], 1))).clip(0, 255)
    for frame in 6 * marked
  ]
  noisy = [frame.astype(np.uint8) for frame in noisy]
  assert find_mark(noisy[:1]).version is None
  assert find_mark(noisy).version == VERSION


def test_waves_that_noise_drowns_do_not_take_the_others_along(marked):
  """As a codec does with the short ones."""
  often = np.fft.fftfreq(256)
  length = 1 / np.maximum(np.hypot(often[:, None], often), 1e-9)
  spectrum = np.fft.fft2(np.random.default_rng(0).normal(size=(256, 256)))
  noise = np.fft.ifft2(spectrum * ((length > 7) & (length < 8.3))).real
  noise *= 18 / noise.std()
  noisy = [(x + noise[..., None]).clip(0, 255).astype(np.uint8) for x in marked]
  assert find_mark(noisy).version == VERSION


@pytest.mark.parametrize('seed', [1, 2, 3])
def test_a_picture_without_a_mark_has_none(seed):
  picture = texture(200, 230, seed)
  assert find_mark([picture]).version is None
  stripes = np.sin(np.arange(230) * (1 + seed) / 3)[None, :, None]
  striped = (picture * 0.5 + 60 * (1 + stripes)).astype(np.uint8)
  assert find_mark([striped]).version is None


@pytest.mark.parametrize('size', [(1, 1), (5, 400), (90, 70)])
def test_a_picture_too_flat_or_small_for_a_mark_has_none(size):
  finding = find_mark([np.full((*size, 3), 50, np.uint8)])
  assert finding.version is None and finding.score < SURE


def test_no_bit_of_a_mark_is_taken_for_granted(marked):
  """Of a picture without a mark about half of the bits are right."""
  assert (find_mark(marked).bits == write_payload(VERSION)).all()
  bits = [find_mark([texture(150, 150, seed)]).bits[:24] for seed in (4, 5, 6)]
  assert 0.2 < np.mean(bits == write_payload(VERSION)[:24]) < 0.95
