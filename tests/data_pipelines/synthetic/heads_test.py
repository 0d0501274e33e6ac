"""The shared head, and what people make of it."""

import itertools

import numpy as np
import pytest

from data_pipelines.synthetic import anatomy
from data_pipelines.synthetic.head import express, eye_axes, head
from data_pipelines.synthetic.motion import motion
from data_pipelines.synthetic.speech import VISEMES, speech, weights
from data_pipelines.synthetic.texels import texels
from data_pipelines.synthetic.traits import traits

SHARED = anatomy.anatomy()


def test_the_file_has_apples_expressions_in_order():
  with np.load(anatomy.FILE) as file:
    assert tuple(file['expression_names']) == anatomy.EXPRESSIONS
  assert list(anatomy.EXPRESSIONS) == sorted(anatomy.EXPRESSIONS)
  assert len(SHARED.expressions) == 52


def test_the_licence_lies_beside_the_data():
  text = (anatomy.FILE.parent / 'HEAD_DATA_LICENSE.txt').read_text()
  assert 'CC0 1.0' in text
  assert anatomy.FILE.stat().st_size < 2_000_000


def test_the_shared_face_is_symmetrical():
  place = SHARED.base[SHARED.landmarks]
  mirror = place[[16, 26, 45, 54]] * (-1, 1, 1)
  np.testing.assert_allclose(place[[0, 17, 36, 48]], mirror, atol=0.5)


def test_left_and_right_are_the_persons():
  left, right = (
    SHARED.expressions[anatomy.EXPRESSIONS.index(f'eyeBlink{side}')]
    for side in ('Left', 'Right')
  )
  assert SHARED.base[left.vertices, 0].mean() > 10
  assert SHARED.base[right.vertices, 0].mean() < -10


def test_heads_differ_but_eyes_stay_in_their_sockets():
  heads = [head(traits(index)) for index in range(6)]
  for one, other in itertools.pairwise(heads):
    assert np.abs(one.position - other.position).max() > 5
  for face in heads:
    corners = face.position[SHARED.landmarks[[36, 39, 42, 45]], 0]
    right, left = face.eyes[:, 0]
    assert corners[0] < right < corners[1] < corners[2] < left < corners[3]


def test_an_expression_moves_what_it_names():
  face = head(traits(3))
  still = motion(3, 0.0)._replace(expression=weights({}), gaze=np.zeros((2, 2)))
  rest = express(face, still)
  smile = weights({'mouthSmileLeft': 1.0, 'mouthSmileRight': 1.0})
  moved = express(face, still._replace(expression=smile)) - rest
  corners = moved[SHARED.landmarks[[48, 54]]]
  assert (corners[:, 1] < -2).all()
  assert corners[0, 0] < -1 < 1 < corners[1, 0]
  assert np.abs(moved[SHARED.landmarks[[17, 26]]]).max() < 1


@pytest.mark.parametrize('angles', [(0.0, 0.0), (0.5, 0.0), (-0.2, 0.3)])
def test_eyes_look_where_their_gaze_says(angles):
  right, down = eye_axes(*angles)
  ahead = -np.cross(right, down)
  yaw = np.arctan2(ahead[0], -ahead[2])
  np.testing.assert_allclose([yaw, np.arcsin(ahead[1])], angles, atol=1e-12)


def test_speech_is_made_of_visemes_and_never_jumps():
  track = np.array([speech((1, 2), n / 200) for n in range(400)])
  assert np.abs(np.diff(track, axis=0)).max() < 0.1
  used = {name for shares in VISEMES.values() for name in shares}
  silent = [n not in used for n in anatomy.EXPRESSIONS]
  assert not track[:, silent].any()
  assert track.max() > 0.2


def test_every_quad_has_texels_of_its_own():
  paint = texels(4.0)
  count = np.where(SHARED.parts == anatomy.SKIN, paint.stride**2, 1)
  spans = sorted(zip(paint.first, count, strict=True))
  ends = [first + many for first, many in spans]
  assert [first for first, _ in spans] == [0, *ends[:-1]]
  assert ends[-1] == paint.start + len(paint.place)
  low, high = SHARED.base.min(0), SHARED.base.max(0)
  assert (paint.place >= low).all() and (paint.place <= high).all()
