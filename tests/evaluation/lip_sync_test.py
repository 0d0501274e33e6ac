import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.frames import End, Frame, Start
from dagan_jax.evaluation.given_networks import open_given
from dagan_jax.evaluation.lip_sync import SyncNet
from dagan_jax.evaluation.scoring import Scorer
from dagan_jax.metrics.lip_sync import sync_confidence, sync_distance
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.landmarks import LandmarkDetector
from data_pipelines.media.cepstra import find_cepstra
from data_pipelines.media.waveform import read_waveform
from tests.support.encoded_videos import encode
from tests.support.syncnet_files import make_tensors, write_syncnet

FRAMES = 38


class Everywhere(LandmarkDetector):
  """Finds a face that fills the middle of a picture."""

  identifies = False

  def __init__(self):
    pass

  def find(self, picture):
    angles = np.linspace(0, 2 * np.pi, 68, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    half = np.array(picture.shape[1::-1]) / 2
    return np.float32(half + ring * half / 2)


class Nowhere(Everywhere):
  def find(self, picture):
    return None


@pytest.fixture(scope='module')
def film(tmp_path_factory):
  lot = np.random.default_rng(0).integers(0, 256, (FRAMES, 8, 8, 3))
  frames = lot.repeat(8, 1).repeat(8, 2).astype(np.uint8)
  path = tmp_path_factory.mktemp('films') / 'film.mp4'
  return encode(path, frames, sound=True)


@pytest.fixture(scope='module')
def syncnet(tmp_path_factory):
  return SyncNet(write_syncnet(tmp_path_factory.mktemp('net') / 'net.npz'))


def test_a_film_is_seen_and_heard_frame_by_frame(syncnet, film):
  lips, voice = syncnet.measure(film, film, Everywhere())
  assert lips.shape == voice.shape == (FRAMES - 5, 6)
  assert np.isfinite(lips).all() and np.isfinite(voice).all()
  assert lips.std(0).max() > 1e-3
  cepstra = find_cepstra(np.concatenate([*read_waveform(film)]))
  own = np.float32(cepstra[None, :, 80:100, None])
  (heard,) = np.asarray(syncnet._hear(own.repeat(16, 0)))[:1]
  np.testing.assert_allclose(voice[20], heard, rtol=1e-4, atol=1e-5)


def test_who_is_mute_is_held_against_the_sound_of_who_drives(
  syncnet, film, tmp_path
):
  lot = np.random.default_rng(0).integers(0, 256, (FRAMES, 8, 8, 3))
  mute = encode(
    tmp_path / 'mute.mp4', lot.repeat(8, 1).repeat(8, 2).astype(np.uint8)
  )
  expected = syncnet.measure(film, film, Everywhere())
  found = syncnet.measure(mute, film, Everywhere())
  np.testing.assert_array_equal(found.voice, expected.voice)
  np.testing.assert_allclose(found.lips, expected.lips, rtol=0.05, atol=0.05)
  with pytest.raises(DataError, match='has a sound'):
    syncnet.measure(mute, mute, Everywhere())


def test_what_cannot_be_measured_is_told(syncnet, film, tmp_path):
  with pytest.raises(DataError, match='no face'):
    syncnet.measure(film, film, Nowhere())
  frames = np.zeros((20, 32, 32, 3), np.uint8)
  short = encode(tmp_path / 'short.mp4', frames, sound=True)
  with pytest.raises(DataError, match=r'needs 1\.4 s of both'):
    syncnet.measure(short, short, Everywhere())


def test_every_frame_of_an_example_has_the_scores_of_its_film(
  syncnet, film, tmp_path
):
  given = open_given(None, None, write_syncnet(tmp_path / 'net.npz'))
  assert given.describe()[0]['name'] == 'SyncNet, net.npz'
  scorer = Scorer({}, Everywhere(), given, crosses_identity=False)
  frame = np.zeros((32, 32, 3), np.uint8)
  events = [Start('a', None, film, film), *3 * [Frame(frame, frame)]]
  (scored,) = scorer.score([*events, End('a', '', '')])
  features = syncnet.measure(film, film, Everywhere())
  for name, function in (('lse_d', sync_distance), ('lse_c', sync_confidence)):
    (expected,) = function(*([x] for x in features))
    assert scored.values[name] == 3 * [expected]
  mute = tmp_path / 'no.mp4'
  events[0] = Start('b', None, mute, mute)
  (scored,) = scorer.score([*events, End('b', '', '')])
  assert 'has a sound' in scored.remark and 'lse_d' not in scored.values


@pytest.mark.parametrize('wrong', ['another', 'lacking', 'no file'])
def test_another_file_is_refused_in_one_line(wrong, tmp_path):
  path = tmp_path / 'net.npz'
  tensors = make_tensors()
  if wrong == 'another':
    tensors = {'conv.weight': np.zeros((2, 2), np.float32)}
  else:
    del tensors['netcnnlip.8.weight']
  if wrong != 'no file':
    np.savez(path, **tensors)
  with pytest.raises(UsageError) as caught:
    SyncNet(str(path))
  assert '\n' not in str(caught.value)
  told = 'there is no file' if wrong == 'no file' else '--syncnet='
  assert told in str(caught.value)
