"""HDTF and VoxCeleb in miniature: videos of rendered faces, true lists."""

import json

import numpy as np
import pytest

from data_pipelines import build
from data_pipelines.builders import data_set
from data_pipelines.builders.data_set import Settings
from data_pipelines.recorded.manifest import Manifest
from data_pipelines.synthetic import rendered_faces
from tests.support.drawn_faces import write_video

pytest.importorskip('dlib')

LEFT, TOP, FACE = 150, 60, 128  # where a video of 320 x 240 shows its face


@pytest.fixture(autouse=True)
def no_tensorflow():
  """Not forbidden, as conftest does: TFDS takes its None for TensorFlow."""


def video(path, face, seconds=2):
  """A rendered face in a corner of a room; it nods to and fro."""
  moments = [rendered_faces.image(face, k / 25, FACE) for k in range(0, 25, 2)]
  moments += moments[-2:0:-1]
  frames = np.full((25 * seconds, 240, 320, 3), 90, np.uint8)
  frames[..., :40, :] = 160
  for index, frame in enumerate(frames):
    frame[TOP : TOP + FACE, LEFT : LEFT + FACE] = moments[index % len(moments)]
  write_video(path, list(frames))


def built(name, raw, out):
  flags = [f'--name={name}', f'--raw={raw}', f'--out={out}', '--size=96']
  flags += ['--jobs=1', '--test_fraction=0.5', '--fps=10']
  data_set.build(Settings(**vars(build.parser().parse_args(flags))))
  folder = out / name / '96' / '1.0.0'
  report = json.loads((folder / 'report.json').read_text())
  return Manifest.read(folder).splits, report


def test_hdtf_by_its_official_lists(tmp_path):
  raw = tmp_path / 'raw'
  (raw / 'HDTF_dataset').mkdir(parents=True)
  lists = {
    'RD_video_url.txt': 'Radio7 https://www.youtube.com/watch?v=a\n',
    'RD_annotion_time.txt': 'Radio7.mp4 00:01-00:02\n',
    # The video was listed at twice its height.
    'RD_crop_wh.txt': 'Radio7_0.mp4 300 256 120 256\n',
    'RD_resolution.txt': 'Radio7.mp4 480\n',
    'WRA_video_url.txt': 'JohnKasich0 https://www.youtube.com/watch?v=b\n'
    'TimScott https://www.youtube.com/watch?v=c\n',
    'WRA_annotion_time.txt': 'JohnKasich0.mp4 00:00-00:01 00:01-00:02 \n'
    'TimScott.mp4 00:00-00:02\n',
    # The other clip is of the corner without a face.
    'WRA_crop_wh.txt': f'JohnKasich0_0.mp4 {LEFT} {FACE} {TOP} {FACE}\n'
    'JohnKasich0_1.mp4 0 100 40 100\n'
    f'TimScott_0.mp4 {LEFT} {FACE} {TOP} {FACE}\n',
    'WRA_resolution.txt': 'JohnKasich0.mp4 240\n',
  }
  for name, text in lists.items():
    (raw / 'HDTF_dataset' / name).write_text(text)
  video(raw / 'RD' / 'Radio7.mp4', 3)
  video(raw / 'JohnKasich0.mp4', 5)
  splits, report = built('hdtf', raw, tmp_path / 'out')
  clips = {clip.name: clip for s in splits.values() for clip in s.clips}
  assert set(clips) == {'Radio7_0', 'JohnKasich0_0'}
  assert {clip.identity for clip in clips.values()} == {'Radio', 'JohnKasich'}
  assert all(len(split.clips) == 1 for split in splits.values())
  for clip in clips.values():
    assert clip.frames == 10
    assert clip.square == pytest.approx((LEFT, TOP, FACE))
  assert clips['Radio7_0'].start_time == 1
  why = {one['video']: one['why'] for one in report['rejected']}
  assert why.keys() == {'JohnKasich0_1', 'TimScott_0'}
  assert why['JohnKasich0_1'].startswith('a face in only 0 of the 10 frames')
  assert why['TimScott_0'] == 'TimScott.mp4 is not there'


def test_voxceleb_by_the_list_of_the_usual_preprocessing(tmp_path):
  box = (
    f'{2 * LEFT}-{2 * TOP + 10}-{2 * LEFT + 2 * FACE}-{2 * TOP + 2 * FACE - 10}'
  )
  raw = tmp_path / 'raw'
  raw.mkdir()
  (raw / 'vox-metadata.csv').write_text(
    'video_id,start,end,bbox,fps,width,height,partition,person_id\n'
    f'WMh3ye5tBsE,10,40,{box},25,640,480,train,id10005\n'
    f'-A_bDxy7bnj,0,30,{box},25,640,480,test,id10270\n'
    f'gone,0,30,{box},25,640,480,train,id10003\n'
  )
  video(raw / 'WMh3ye5tBsE.mp4', 3)
  video(raw / '-A_bDxy7bnj.mp4', 5)
  splits, report = built('voxceleb', raw, tmp_path / 'out')
  assert [clip.identity for clip in splits['train'].clips] == ['id10005']
  assert [clip.identity for clip in splits['test'].clips] == ['id10270']
  (clip,) = splits['train'].clips
  assert clip.name == 'id10005#WMh3ye5tBsE#000010#000040'
  assert (clip.frames, clip.start_time) == (12, 0.4)
  # The box was not square; the square reaches around it, nothing is squashed.
  assert clip.square == pytest.approx((LEFT, TOP, FACE))
  assert [one['why'] for one in report['rejected']] == ['gone.mp4 is not there']
