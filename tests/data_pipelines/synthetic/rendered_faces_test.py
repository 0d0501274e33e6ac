"""The laws that synthetic talking heads obey, whatever they look like."""

import functools
import subprocess
import sys
import zlib

import numpy as np
import pytest

from data_pipelines.synthetic import motion as motions
from data_pipelines.synthetic import render, rendered_faces
from data_pipelines.synthetic.anatomy import EXPRESSIONS
from data_pipelines.synthetic.person import person
from data_pipelines.synthetic.speech import VISEMES, weights
from data_pipelines.synthetic.stage import stage
from data_pipelines.synthetic.traits import traits

SIZE = 64
INDICES = (0, 14, 21, 28)
STILL = motions.Motion(
  yaw=0, pitch=0, roll=0, shift=(0, 0, 0), expression=weights({}),
  gaze=np.zeros((2, 2)),
)  # fmt: skip
RECORDED = 462564827  # crc32 of image(5, 1.5, 32)
UPPER_LIP, LOWER_LIP = slice(61, 64), slice(65, 68)
OPEN = weights({'jawOpen': 0.8})
SHUT = weights({'eyeBlinkLeft': 1.0, 'eyeBlinkRight': 1.0})


@functools.lru_cache(maxsize=64)
def frame(index, time, size=SIZE, motion=None):
  return rendered_faces.frame(index, time, size, motion, clean=True)


def posed(monkeypatch, index, size=SIZE, **changes):
  """A frame whose motion is STILL but for some changes."""
  moment = STILL._replace(**changes)
  monkeypatch.setattr(rendered_faces, 'motion_of', lambda *_: moment)
  return rendered_faces.frame(index, 0.0, size, clean=True)


def project(intrinsics, points):
  x, y, z = points.T
  focal, middle = intrinsics[0, 0], intrinsics[:2, 2]
  return np.stack([focal * x / z, focal * y / z], -1) + middle


def crc(index, time):
  return zlib.crc32(rendered_faces.image(index, time, 32).tobytes())


def test_a_fresh_process_draws_the_same_pixels():
  code = (
    'import zlib; from data_pipelines.synthetic.rendered_faces import image; '
    'print(zlib.crc32(image(5, 1.5, 32).tobytes()))'
  )
  fresh = subprocess.run(
    [sys.executable, '-c', code], capture_output=True, text=True, check=True
  )
  assert int(fresh.stdout) == crc(5, 1.5)


def test_every_machine_draws_the_same_pixels():
  assert crc(5, 1.5) == RECORDED, 'a new look needs its checksum recorded here'


def test_the_renderer_needs_no_jax():
  code = (
    'import sys; import data_pipelines.synthetic.rendered_faces; '
    'sys.exit("jax" in sys.modules)'
  )
  subprocess.run([sys.executable, '-c', code], check=True)


@pytest.mark.parametrize('size', [32, 64, 128])
def test_a_frame_has_the_documented_arrays(size):
  one = frame(3, 0.5, size)
  shapes = {
    'image': ((size, size, 3), np.uint8),
    'depth': ((size, size), np.float32),
    'foreground': ((size, size), np.bool_),
    'nonrigid': ((size, size), np.bool_),
    'intrinsics': ((3, 3), np.float64),
    'camera_from_head': ((4, 4), np.float64),
    'landmarks': ((68, 2), np.float32),
    'landmarks_3d': ((68, 3), np.float32),
    'expression': ((52,), np.float32),
    'gaze': ((2, 2), np.float32),
  }
  assert one._fields == tuple(shapes)
  for name, (shape, dtype) in shapes.items():
    assert getattr(one, name).shape == shape, name
    assert getattr(one, name).dtype == dtype, name
    assert np.isfinite(getattr(one, name)).all(), name


@pytest.mark.parametrize('index', INDICES)
def test_image_is_the_frames_image(index):
  for clean in (False, True):
    picture = rendered_faces.image(index, 0.8, SIZE, clean=clean)
    whole = rendered_faces.frame(index, 0.8, SIZE, clean=clean)
    np.testing.assert_array_equal(picture, whole.image)


def test_different_indices_are_different_people():
  pictures = [frame(i, 0.0).image.astype(float) for i in INDICES]
  for i, one in enumerate(pictures):
    for other in pictures[:i]:
      assert np.abs(one - other).mean() > 8


@pytest.mark.parametrize('index', INDICES)
def test_neighbouring_frames_differ_little(index):
  one, two, later = (frame(index, t).image.astype(float) for t in (1, 1.04, 3))
  near, far = np.abs(one - two).mean(), np.abs(one - later).mean()
  assert near < 4
  assert near < far


@pytest.mark.parametrize('index', INDICES)
def test_the_background_stands_still(index):
  one, two = frame(index, 0.0), frame(index, 2.0)
  # An outline's pixel may be covered in part while its middle is not.
  away = ~_grown(one.foreground) & ~_grown(two.foreground)
  assert away.mean() > 0.1
  np.testing.assert_array_equal(one.image[away], two.image[away])
  np.testing.assert_array_equal(one.depth[away], two.depth[away])
  assert not one.nonrigid[~one.foreground].any()


@pytest.mark.parametrize('index', INDICES)
def test_only_what_can_move_moves_on_its_own(index):
  one = frame(index, 0.4)
  (moved,) = rendered_faces.own_motions(index, 0.4, [1.6], SIZE)
  assert moved.shape == (SIZE, SIZE)
  assert moved.dtype == np.float32
  rigid = ~one.nonrigid
  assert moved[rigid & ~one.foreground].max() == 0
  # A surface counts as rigid if no smile moves it by half a millimetre.
  assert moved[rigid].max() < 0.001 * one.intrinsics[0, 0] / one.depth.min()
  assert moved[one.nonrigid].max() > 0.5


def test_nothing_moves_on_its_own_in_no_time():
  moved = rendered_faces.own_motions(INDICES[0], 0.4, [0.4, 1.6, 0.4], SIZE)
  np.testing.assert_allclose(moved[::2], 0, atol=1e-6)
  assert moved[1].max() > 0.5


def _neighbours(values):
  """Each pixel's 3 x 3 neighbourhood: (9, h, w)."""
  padded = np.pad(values, 1, mode='edge')
  high, wide = values.shape
  return np.stack(
    [padded[i : i + high, j : j + wide] for i in range(3) for j in range(3)]
  )


def _grown(mask):
  return _neighbours(mask).any(0)


@pytest.mark.parametrize('index', INDICES)
def test_landmarks_are_the_projected_3d_landmarks(index):
  one = frame(index, 1.2)
  expected = project(one.intrinsics, one.landmarks_3d.astype(float))
  np.testing.assert_allclose(one.landmarks, expected, atol=1e-3)


@pytest.mark.parametrize('index', INDICES)
def test_the_heads_pose_is_rigid(index):
  turn = frame(index, 2.2).camera_from_head[:3, :3]
  np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
  assert np.linalg.det(turn) == pytest.approx(1)
  np.testing.assert_array_equal(
    frame(index, 2.2).camera_from_head[3], [0, 0, 0, 1]
  )


@pytest.mark.parametrize('index', INDICES)
def test_landmarks_lie_on_the_surface(index, monkeypatch):
  one = posed(monkeypatch, index, size=128)
  column, row = np.floor(one.landmarks).astype(int).T
  inner = slice(17, 60)  # glasses and fringes may stand before the rest
  gap = one.landmarks_3d[:, 2] - one.depth[row, column]
  assert np.median(np.abs(gap[inner])) < 0.002
  assert abs(gap[30]) < 0.004  # the nose's tip
  assert one.landmarks_3d[30, 2] == one.landmarks_3d[27:, 2].min()


@pytest.mark.parametrize('index', INDICES)
def test_rigid_pixels_move_by_the_heads_pose_alone(index):
  size = 128
  one, two = frame(index, 0.4, size), frame(index, 1.6, size)
  rigid = one.foreground & ~one.nonrigid
  row, column = np.nonzero(rigid)
  depth = one.depth[rigid].astype(float)
  middle, focal = size / 2, one.intrinsics[0, 0]
  points = np.stack(
    [
      (column + 0.5 - middle) / focal * depth,
      (row + 0.5 - middle) / focal * depth,
      depth,
      np.ones_like(depth),
    ]
  )
  moved = (two.camera_from_head @ np.linalg.inv(one.camera_from_head) @ points)[
    :3
  ].T
  x, y = np.floor(project(two.intrinsics, moved)).astype(int).T
  inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
  x, y, moved = x[inside], y[inside], moved[inside]
  gap = moved[:, 2] - two.depth[y, x]
  # What is behind the new surface is hidden now; nothing may be before all of
  # its neighbourhood.
  nearest = _neighbours(two.depth).min(0)[y, x]
  assert np.median(np.abs(gap)) < 0.0025
  assert (moved[:, 2] > nearest - 0.005).mean() > 0.99
  # Of hair another strand may be seen.
  assert (np.abs(gap) < 0.006).mean() > 0.65


def test_poses_keep_their_limits_and_reach_far():
  tracks = [
    motions.motion(index, time)
    for index in range(60)
    for time in np.arange(0, 40, 1.3)
  ]
  limits = {'yaw': 45, 'pitch': 25, 'roll': 20}
  for name, limit in limits.items():
    angles = np.abs([getattr(m, name) for m in tracks])
    assert angles.max() <= limit
    assert angles.max() > 0.6 * limit
    assert np.mean(angles < 0.56 * limit) > 0.8
  assert np.abs([m.shift for m in tracks]).max() <= 0.03
  expressions = np.array([m.expression for m in tracks])
  assert expressions.min() >= 0
  assert expressions.max() <= 1
  rare = {'mouthClose', 'mouthDimpleLeft', 'mouthDimpleRight', 'eyeWideLeft',
          'eyeWideRight'}  # fmt: skip
  used = {n for n, w in zip(EXPRESSIONS, expressions.T, strict=True) if w.any()}
  assert used >= set(EXPRESSIONS) - rare


def test_motion_is_smooth():
  for index in range(6):
    track = [motions.motion(index, n / 100) for n in range(400)]
    for name, step in {'yaw': 1.0, 'pitch': 0.6, 'roll': 0.6}.items():
      steps = np.abs(np.diff([getattr(m, name) for m in track]))
      assert steps.max() < step, name
    steps = np.abs(np.diff([m.expression for m in track], axis=0))
    assert steps.max() < 0.25


def test_everybody_blinks_every_few_seconds():
  for index in range(4):
    lid = EXPRESSIONS.index('eyeBlinkLeft')
    track = [motions.motion(index, n / 50) for n in range(1000)]
    shut = [m.expression[lid] > 0.9 for m in track]
    blinks = np.diff(np.array(shut, int)).clip(0).sum()
    assert 3 <= blinks <= 11  # in 20 s


def test_motion_of_another_moves_this_identity():
  mine, theirs = frame(4, 1.0), frame(11, 1.0)
  lent = frame(4, 1.0, motion=11)
  turns = [f.camera_from_head[:3, :3] for f in (lent, theirs, mine)]
  np.testing.assert_array_equal(turns[0], turns[1])
  assert np.abs(turns[0] - turns[2]).max() > 0.01
  corner = np.s_[:4, :4]  # the wall is the identity's
  np.testing.assert_array_equal(lent.image[corner], mine.image[corner])
  own = frame(4, 1.0, motion=4)
  np.testing.assert_array_equal(own.image, mine.image)


def test_a_positive_yaw_turns_the_nose_to_the_right(monkeypatch):
  nose = lambda **turn: posed(monkeypatch, 3, **turn).landmarks[30]
  ahead = nose()
  assert nose(yaw=30)[0] > ahead[0] + 3
  assert nose(pitch=20)[1] > ahead[1] + 1
  brows = posed(monkeypatch, 3, roll=15).landmarks
  assert brows[26, 1] > brows[17, 1] + 3


@pytest.mark.parametrize('index', INDICES)
def test_the_jaw_opens_the_mouth(index, monkeypatch):
  shut = posed(monkeypatch, index, size=128)
  wide = posed(monkeypatch, index, size=128, expression=OPEN)
  gap = lambda f: np.linalg.norm(
    f.landmarks_3d[LOWER_LIP].mean(0) - f.landmarks_3d[UPPER_LIP].mean(0)
  )
  # The lips' inner edges lie one behind the other.
  assert gap(shut) < 0.0045
  assert gap(wide) > 0.01
  # The mouth's inside shows.
  x, y = (
    wide.landmarks[UPPER_LIP].mean(0) + 2 * wide.landmarks[LOWER_LIP].mean(0)
  ) / 3
  inside = np.s_[int(y), int(x)]
  assert wide.nonrigid[inside]
  assert np.ptp([wide.image[inside], shut.image[inside]], axis=0).max() > 10


@pytest.mark.parametrize('index', INDICES)
def test_a_blink_shuts_the_eyes(index, monkeypatch):
  open_eyes = posed(monkeypatch, index, size=128)
  shut = posed(monkeypatch, index, size=128, expression=SHUT)
  for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46)):
    open_gap, shut_gap = (
      f.landmarks_3d[lower, 1] - f.landmarks_3d[upper, 1]
      for f in (open_eyes, shut)
    )
    assert open_gap > 0.004
    assert abs(shut_gap) < 0.002
  changed = np.any(open_eyes.image != shut.image, axis=-1)
  assert changed.any()
  assert not changed[~_grown(open_eyes.nonrigid)].any()


def test_faces_fill_the_picture_as_in_talking_head_videos(monkeypatch):
  marks = np.array(
    [posed(monkeypatch, i, size=16).landmarks / 16 for i in range(40)]
  )
  eyes = marks[:, 36:48].mean(1)
  heights = marks[:, 8, 1] - eyes[:, 1]
  assert heights.min() > 0.2
  assert heights.max() < 0.58
  assert heights.max() > 1.5 * heights.min()
  assert np.abs(eyes - [0.5, 0.47]).max() < 0.2
  assert np.abs(np.median(eyes, 0) - [0.5, 0.47]).max() < 0.05
  assert np.ptp(eyes, axis=0).min() > 0.1
  cut = marks[..., 1].max(1) > 1
  assert cut.mean() < 0.15


def test_cameras_stand_near_and_far():
  stages = [stage(traits(index)) for index in range(100)]
  distances = np.array([each.distance for each in stages])
  assert distances.min() < 0.7
  assert distances.max() > 1.8
  assert min(each.wall - each.distance for each in stages) > 0.5


def test_identities_vary():
  people = [traits(index) for index in range(300)]
  assert len({p.hair_style for p in people}) == 8
  assert 0.3 < np.mean([p.masculine > 0.5 for p in people]) < 0.7
  assert 0.1 < np.mean([p.glasses > 0 for p in people]) < 0.35
  skins = np.array([p.skin.mean() for p in people])
  assert skins.min() < 0.08
  assert skins.max() > 0.5


def test_no_cracks_open_in_a_face(monkeypatch):
  monkeypatch.setattr(
    rendered_faces,
    'motion_of',
    lambda *_: STILL._replace(yaw=33, expression=OPEN),
  )
  for index in INDICES[1:]:  # one sees past the glasses of the first
    one = rendered_faces.frame(index, 0.0, 128)
    hull = (
      np.maximum.accumulate(one.foreground, 1)
      & np.maximum.accumulate(one.foreground[:, ::-1], 1)[:, ::-1]
    )
    x, y = one.landmarks[[27, 30, 33, 51, 57, 8]].T
    rows = slice(int(y.min()), int(y.max()))
    columns = slice(int(x.min()) - 6, int(x.min()) + 4)
    assert not (hull & ~one.foreground)[rows, columns].any()


def test_a_rendered_person_fits_its_mesh():
  model = person(2, SIZE)
  vertices = render.pose(model, STILL).vertices
  assert max(corner.max() for corner in model.mesh[:3]) < len(vertices)
  assert {len(each) for each in (*model.mesh, *model.cells)} == {
    len(model.cells.texel)
  }
  assert len(model.gloss) == len(vertices)
  triangle = np.arange(len(model.cells.texel))
  for second, third in ((-1e-9, -1e-9), (1.1, 0), (0, 1.1), (0.4, 0.3)):
    shares = (np.full(len(triangle), share) for share in (second, third))
    texels = model.cells.texels(triangle, *shares)
    assert texels.min() >= 0
    assert texels.max() < model.texture.shape[1]


def test_halves_of_a_cell_see_the_same_texel_at_their_common_edge():
  cells = person(2, SIZE).cells
  upper = np.flatnonzero(cells.across == 1)[-1:]  # a patch's last cell
  lower = np.flatnonzero(cells.across == -1)[-1:]
  for share in (0.1, 0.3, 0.45, 0.8):
    # From the left upper corner to the right lower one, and back.
    along = cells.texels(upper, np.zeros(1), np.array([share]))
    back = cells.texels(lower, np.zeros(1), np.array([1 - share]))
    np.testing.assert_array_equal(along, back)


def test_a_gaze_moves_the_iris(monkeypatch):
  looks = [
    posed(monkeypatch, 21, size=128, gaze=np.full((2, 2), (side * 0.4, 0.0)))
    for side in (-1, 1)
  ]
  np.testing.assert_array_equal(looks[0].landmarks, looks[1].landmarks)
  for corners, row in (((36, 39), 0), ((42, 45), 1)):
    start, stop = looks[0].landmarks[list(corners), 0]
    level = looks[0].landmarks[list(corners), 1].mean()
    cut = np.s_[round(level) - 1 : round(level) + 1, round(start) : round(stop)]
    dark = [255.0 - look.image[cut].mean((0, 2)) for look in looks]
    middles = [(d * np.arange(len(d))).sum() / d.sum() for d in dark]
    assert middles[1] > middles[0] + 0.3
    assert looks[1].gaze[row, 0] == np.float32(0.4)


def test_every_viseme_but_silence_moves_the_lips(monkeypatch):
  still = posed(monkeypatch, 3).landmarks_3d[48:]
  for name, shares in VISEMES.items():
    spoken = posed(monkeypatch, 3, expression=weights(shares))
    moved = np.abs(spoken.landmarks_3d[48:] - still).max()
    assert (moved > 0.001) == (name != 'sil'), name
