import contextlib
import itertools
import json
import multiprocessing
import os
import signal
import time

import numpy as np
import pytest
from ml_collections import ConfigDict

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.workers import show_workers
from data_pipelines.media import video_writer
from data_pipelines.reading import pipeline
from data_pipelines.synthetic import rendered_faces
from tests.support import recorded

KEYS = {'source', 'driving', 'weight'}


@pytest.fixture(scope='module')
def data(tmp_path_factory):
  """Settings for eight clips whose pixels say which clip and frame they are."""
  folder = tmp_path_factory.mktemp('data')
  for split, clips in {'train': 5, 'test': 3}.items():
    for clip in range(clips):
      with video_writer.VideoWriter(
        folder / 'clips' / split / f'{clip}', 25
      ) as video:
        for frame in range(12):
          level = (40 * clip + 10, 20 * frame + 10, 100)
          video.write(np.full((20, 24, 3), level, np.uint8))
  return ConfigDict(
    {
      'source': 'videos',
      'path': str(folder / 'clips'),
      'cache': str(folder / 'cache'),
      'image_size': 16,
      'batch_size': 4,
      'workers': 0,
      'prefetch': 2,
      'seed': 1,
      'sampler': 'pairs',
      'landmarks': False,
      'truth': False,
      'views': 3,
      'frame_gap': 2,
      'test_fraction': 0.1,
      'eval_frames': 3,
      'eval_clips': 0,
      'identities': 3,
      'test_identities': 2,
      'clip_frames': 5,
    }
  )


@pytest.fixture(scope='module')
def data_set(tmp_path_factory):
  """A data set of the same clips."""
  return recorded.write(tmp_path_factory.mktemp('data'))


@pytest.fixture(params=['videos', 'tfds'])
def each(request, data, data_set):
  """The settings for one source, then for the other."""
  path = {'videos': data.path, 'tfds': str(data_set)}[request.param]
  return changed(data, source=request.param, path=path)


def changed(data, **fields):
  return ConfigDict({**data, **fields})


def batches(data, number, split='train', **options):
  iterator = pipeline.make_iterator(data, split, **options)
  taken = list(itertools.islice(iterator, number))
  iterator.close()
  return taken


def assert_equal(ones, others):
  assert len(ones) == len(others)
  for one, other in zip(ones, others, strict=True):
    assert one.keys() == other.keys() >= KEYS
    for name in one:
      np.testing.assert_array_equal(one[name], other[name])


def meaning(images):
  """The clip and the frame of each image."""
  red, green, _ = np.moveaxis(images.mean((1, 2)), -1, 0)
  return np.round((red - 10) / 40), np.round((green - 10) / 20)


def test_a_pair_is_two_frames_of_one_clip_the_earlier_one_first(each):
  for batch in batches(each, 10):
    for name in ('source', 'driving'):
      assert batch[name].shape == (4, 16, 16, 3)
      assert batch[name].dtype == np.uint8
    source_clip, source_frame = meaning(batch['source'])
    driving_clip, driving_frame = meaning(batch['driving'])
    np.testing.assert_array_equal(source_clip, driving_clip)
    assert (source_frame <= driving_frame).all()
    np.testing.assert_array_equal(batch['weight'], np.ones(4, np.float32))
    assert batch['weight'].dtype == np.float32


def test_the_stream_does_not_depend_on_the_size_of_batches(data):
  pairs = batches(changed(data, batch_size=1), 8)
  for name in KEYS:
    np.testing.assert_array_equal(
      np.concatenate([pair[name] for pair in pairs]),
      np.concatenate([batch[name] for batch in batches(data, 2)]),
    )


def test_a_seed_names_a_stream(data):
  assert_equal(batches(data, 5), batches(data, 5))
  other = batches(changed(data, seed=2), 5)
  assert any(
    (one['driving'] != two['driving']).any()
    for one, two in zip(batches(data, 5), other, strict=True)
  )


def test_neither_workers_nor_a_break_change_a_bit(data, data_set):
  data = changed(data, source='tfds', path=str(data_set))
  expected = batches(changed(data, prefetch=0), 9)
  iterator = pipeline.make_iterator(data, 'train')
  assert_equal([next(iterator) for _ in range(3)], expected[:3])
  state = iterator.get_state()
  next(iterator)
  iterator.set_state(state)
  assert_equal([next(iterator)], expected[3:4])
  resumed = pipeline.make_iterator(changed(data, workers=2), 'train')
  resumed.set_state(iterator.get_state())
  assert_equal([next(resumed) for _ in range(3)], expected[4:7])
  iterator.set_state(resumed.get_state())
  resumed.close()
  assert_equal([next(iterator) for _ in range(2)], expected[7:])


def test_epochs_go_on_from_a_checkpoint_in_the_middle_of_one(each):
  by_two = changed(each, batch_size=2)
  iterator = pipeline.make_iterator(by_two, 'train')
  taken = [next(iterator) for _ in range(2)]  # four of five faces
  iterator.close()
  resumed = pipeline.make_iterator(by_two, 'train')
  resumed.set_state(iterator.get_state())
  taken += [next(resumed) for _ in range(3)]
  assert_equal(taken, batches(by_two, 5))
  clip, _ = meaning(np.concatenate([batch['source'] for batch in taken]))
  np.testing.assert_array_equal(np.sort(clip.reshape(2, 5)), 2 * [range(5)])


@pytest.mark.parametrize('split', ['train', 'test'])
def test_hosts_share_each_global_batch_out(each, split):
  whole = batches(each, 3, split)
  hosts = [batches(each, 3, split, shard=(k, 2)) for k in range(2)]
  for batch, *parts in zip(whole, *hosts, strict=True):
    for name, value in batch.items():
      together = np.empty_like(value)
      together[0::2], together[1::2] = (part[name] for part in parts)
      np.testing.assert_array_equal(together, value)


def test_a_test_pass_shows_each_pair_once_and_fills_its_last_batch(each):
  taken = batches(each, 10, 'test')
  assert [batch['source'].shape for batch in taken] == [(4, 16, 16, 3)] * 3
  weight = np.concatenate([batch['weight'] for batch in taken])
  np.testing.assert_array_equal(weight, [1] * 9 + [0] * 3)
  place = np.concatenate([batch['place'] for batch in taken])
  np.testing.assert_array_equal(place[:9], range(9))
  listed = pipeline.make_iterator(each, 'test').listed
  assert [example.frames for example in listed] == [(0, 4), (0, 7), (0, 11)] * 3
  assert len({example.clip for example in listed}) == 3
  clip, frame = meaning(np.concatenate([batch['source'] for batch in taken]))
  np.testing.assert_array_equal(clip[:9], [0, 0, 0, 1, 1, 1, 2, 2, 2])
  assert (frame == 0).all()
  _, frame = meaning(np.concatenate([batch['driving'] for batch in taken]))
  np.testing.assert_array_equal(frame[:9], [4, 7, 11] * 3)


def test_of_many_held_out_clips_some_are_shown_spread_over_all(each, caplog):
  with caplog.at_level('INFO'):
    taken = batches(changed(each, eval_clips=2, batch_size=6), 10, 'test')
  assert len(taken) == 1 and 'of 3 held-out clips 2 are scored' in caplog.text
  clip, _ = meaning(taken[0]['source'])
  np.testing.assert_array_equal(clip, [0, 0, 0, 2, 2, 2])


def test_a_split_is_gone_through_again_without_being_read_again(
  each, monkeypatch
):
  iterator = pipeline.make_iterator(each, 'test')
  monkeypatch.setattr(pipeline, 'SOURCES', {})
  first = list(iterator)
  iterator.rewind()
  assert_equal(list(iterator), first)
  iterator.close()


@pytest.mark.parametrize('split', ['train', 'test'])
@pytest.mark.parametrize('views', [2, 3])
def test_neighbours_are_frames_of_one_clip_in_the_order_of_time(
  data, split, views
):
  near = changed(data, sampler='neighbours', views=views)
  for batch in batches(near, 3, split):
    # Of videos no truth is known.
    assert batch.keys() - {'place'} == {'frames', 'weight'}
    assert batch['frames'].shape == (4, views, 16, 16, 3)
    assert batch['frames'].dtype == np.uint8
    clip, frame = meaning(batch['frames'].reshape(-1, 16, 16, 3))
    clip, frame = clip.reshape(4, views), frame.reshape(4, views)
    assert (clip == clip[:, :1]).all()
    gaps = np.diff(frame)
    assert (gaps == gaps[:, :1]).all() and set(gaps.flat) <= {1, 2}
    assert split == 'train' or (gaps == 2).all()


def test_a_test_pass_of_neighbours_fills_its_last_batch(data):
  taken = batches(changed(data, sampler='neighbours'), 10, 'test')
  weight = np.concatenate([batch['weight'] for batch in taken])
  np.testing.assert_array_equal(weight, [1] * 9 + [0] * 3)


def test_workers_do_not_change_a_bit_of_neighbours_and_their_truth(data):
  faces = changed(data, source='synthetic', sampler='neighbours')
  expected = batches(faces, 2, 'test')
  several = batches(changed(faces, workers=1), 2, 'test')
  for one, other in zip(expected, several, strict=True):
    assert one.keys() == other.keys()
    for name in one:
      np.testing.assert_array_equal(one[name], other[name])


def test_the_truth_is_that_of_the_frames_beside_it(data):
  faces = changed(
    data, source='synthetic', sampler='neighbours', batch_size=1, clip_frames=3
  )
  for number, batch in enumerate(batches(faces, 9, 'test')):
    for view in range(3):  # all there are: clips have three frames
      frame = rendered_faces.frame(1_000_000 + number, view / 25, 16)
      for name, value in batch.items():
        if name == 'frames':
          np.testing.assert_array_equal(value[0, view], frame.image)
        elif name in ('depth', 'foreground', 'nonrigid'):
          expected = getattr(frame, name)
          np.testing.assert_array_equal(value[0, view, ..., 0], expected)
    shapes = {name: value.shape for name, value in batch.items()}
    assert shapes == {
      'frames': (1, 3, 16, 16, 3),
      'weight': (1,),
      'place': (1,),
      'depth': (1, 3, 16, 16, 1),
      'foreground': (1, 3, 16, 16, 1),
      'nonrigid': (1, 3, 16, 16, 1),
      'own_motion': (1, 3, 16, 16, 1),
      'intrinsics': (1, 3, 3, 3),
      'camera_from_head': (1, 3, 4, 4),
    }


def test_training_comes_with_true_depth_where_it_is_asked_for(data):
  faces = changed(data, source='synthetic', sampler='neighbours', truth=True)
  (batch,) = batches(changed(faces, batch_size=1), 1)
  assert batch['depth'].shape == (1, 3, 16, 16, 1)
  assert (batch['depth'] > 0.1).all()


def test_who_asks_videos_for_true_depth_is_told_who_has_it(each):
  asked = changed(each, sampler='neighbours', truth=True)
  with pytest.raises(DataError, match='rendered faces have true depth') as told:
    batches(asked, 1)
  assert 'data.truth' in str(told.value) and '\n' not in str(told.value)
  batches(asked, 1, 'test')  # what is scored may lack it


@pytest.mark.parametrize(
  'sampler, split, names',
  [
    ('neighbours', 'train', {'frames', 'weight'}),
    ('pairs', 'train', KEYS),
    ('pairs', 'test', KEYS | {'place'}),
  ],
)
def test_all_other_batches_hold_no_truth(data, sampler, split, names):
  faces = changed(data, source='synthetic', sampler=sampler)
  (batch,) = batches(faces, 1, split)
  assert batch.keys() == names


def test_landmarks_of_pairs_come_where_they_are_asked_for(data_set, data):
  known = changed(data, source='tfds', path=str(data_set), landmarks=True)
  (batch,) = batches(known, 1)
  assert batch['landmarks'].shape == (4, 2, 68, 2)
  # Each frame's are its number in sixteenths, and the frame's green tells it.
  for name, landmarks in zip(
    ('source', 'driving'), batch['landmarks'].swapaxes(0, 1), strict=True
  ):
    number = (batch[name][:, 0, 0, 1] - 10.0) / 20
    number[number == 0] = np.nan  # the face was not found
    np.testing.assert_array_equal(landmarks[:, 0, 0], number / 16)
  (batch,) = batches(known, 1, 'test')
  assert 'landmarks' not in batch


def stream(data, state, number, hosts):
  """What hosts give from a state on, example by example, and their states."""
  parts, states = [], []
  for host in range(hosts):
    iterator = pipeline.make_iterator(data, 'train', shard=(host, hosts))
    iterator.set_state(state)
    taken = [next(iterator) for _ in range(number)]
    states.append(iterator.get_state())
    iterator.close()
    parts.append({k: np.concatenate([b[k] for b in taken]) for k in KEYS})
  together = {
    name: np.stack([part[name] for part in parts], 1).reshape(
      -1, *parts[0][name].shape[1:]
    )
    for name in KEYS
  }
  return together, states


def test_any_number_of_hosts_goes_on_at_the_same_pair(each):
  whole, _ = stream(changed(each, batch_size=1), {'examples': 0}, 26, hosts=1)
  state, taken = {'examples': 0}, []
  for hosts, size, number in (
    (2, 4, 2),
    (1, 6, 1),
    (4, 4, 2),
    (3, 3, 1),
    (1, 1, 1),
  ):
    part, states = stream(changed(each, batch_size=size), state, number, hosts)
    # Any host's state is everybody's.
    assert states == [{'examples': state['examples'] + size * number}] * hosts
    state = json.loads(json.dumps(states[-1]))
    taken.append(part)
  for name, value in whole.items():
    joined = np.concatenate([part[name] for part in taken])
    np.testing.assert_array_equal(joined, value)


def test_data_that_vanish_are_one_clear_line(data, tmp_path):
  vanishing = changed(data, cache=str(tmp_path))
  iterator = pipeline.make_iterator(vanishing, 'train')
  for name in os.listdir(tmp_path):
    os.remove(tmp_path / name)
  with pytest.raises(DataError, match=r'\Aclip \d: [^\n]*\Z'):
    next(iterator)
  iterator.close()


def test_a_worker_names_the_record_that_is_damaged_in_one_line(data, tmp_path):
  folder = recorded.write(tmp_path, image=lambda clip, frame: b'none')
  damaged = changed(data, source='tfds', path=str(folder), workers=1)
  iterator = pipeline.make_iterator(damaged, 'train')
  place = r'record \d+ of drawn-train\.array_record-\S+, frame \d+ of clip'
  with pytest.raises(DataError, match=rf'\A[^\n]*: {place} [^\n]*\Z'):
    next(iterator)
  iterator.close()


@pytest.mark.parametrize(
  'fields, message',
  [
    ({'source': 'pictures'}, 'none of videos, synthetic'),
    ({'sampler': 'triples'}, 'none of pairs, neighbours'),
    ({'sampler': 'neighbours', 'views': 4}, 'data.views is 4'),
    ({'sampler': 'neighbours', 'frame_gap': 0}, 'data.frame_gap is 0'),
    ({'batch_size': 5}, 'cannot be divided among 2 hosts'),
    ({'path': ''}, 'data.path is empty'),
  ],
)
def test_wrong_settings_are_one_clear_line(data, fields, message):
  with pytest.raises(DataError, match=rf'\A[^\n]*{message}[^\n]*\Z'):
    pipeline.make_iterator(changed(data, **fields), 'train', shard=(0, 2))


def test_a_worker_that_would_start_workers_is_told_why(data, monkeypatch):
  # So is one called that imports a main script without a guard.
  process = multiprocessing.current_process()
  monkeypatch.setattr(process, 'name', 'grain-process-prefetch-of-some-kind')
  with pytest.raises(RuntimeError, match="below `if __name__ == '__main__':`"):
    pipeline.make_iterator(data, 'train')


def test_workers_outlive_stops_but_their_death_is_one_clear_line(data, capfd):
  iterator = pipeline.make_iterator(changed(data, workers=1), 'train')
  with contextlib.closing(iterator):
    iterator.start_prefetch()
    started = multiprocessing.active_children()
    assert len(started) == 1, 'workers start when they are told to'
    for worker in started:
      for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(worker.pid, number)  # while it starts, and has run nothing
    next(iterator)
    for worker in multiprocessing.active_children():
      for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(worker.pid, number)
    show_workers(pipeline.WORKER)
    for _ in range(8):  # more than what was made ahead
      next(iterator)
    told = ''
    for _ in range(100):
      if 'most recent call first' in (told := told + capfd.readouterr().err):
        break
      time.sleep(0.05)
    assert 'most recent call first' in told
    for worker in multiprocessing.active_children():
      os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(DataError, match=r'\A[^\n]*exit code -9[^\n]*\Z'):
      while True:
        next(iterator)
