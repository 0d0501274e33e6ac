"""The face model that everybody may use: expressions do as they are called."""

import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.morphable_face import (
  build_mesh,
  eye_motion,
  find_landmarks,
  project,
)
from dagan_jax.inference.face_models import open_face_model, rendered_face
from data_pipelines.synthetic.head import head
from data_pipelines.synthetic.head_family import IDENTITIES
from data_pipelines.synthetic.speech import weights
from data_pipelines.synthetic.traits import traits

REST = jnp.asarray(weights({}), jnp.float32)


def express(**shares):
  return jnp.asarray(weights(shares), jnp.float32)


def lip_gap(expression):
  """Between the inner lips' middles, decimetres."""
  marks = np.asarray(find_landmarks(rendered_face(), expression))
  return np.linalg.norm(marks[62] - marks[66])


def test_without_a_licensed_file_it_is_ours():
  assert open_face_model() is rendered_face()
  assert rendered_face().expression.shape[0] == 52


def test_the_jaw_opens_the_lips():
  gaps = [lip_gap(express(jawOpen=share)) for share in (0, 0.25, 0.5, 1)]
  assert gaps == sorted(gaps)
  assert gaps[0] < 0.02 < 0.3 < gaps[-1]


def test_a_blink_shuts_the_eyes():
  face = rendered_face()
  shut = express(eyeBlinkLeft=1, eyeBlinkRight=1)
  height = [eye_motion(face, w)[0] for w in (REST, 0.5 * shut, shut)]
  np.testing.assert_allclose(height, [1, 0.5, 0], atol=0.02)


@pytest.mark.parametrize(('name', 'up'), [('browInnerUp', 1), ('browDown', -1)])
def test_brows_go_where_they_are_told(name, up):
  both = {'browInnerUp': {'browInnerUp': 1}}.get(
    name, {'browDownLeft': 1, 'browDownRight': 1}
  )
  moved = np.asarray(eye_motion(rendered_face(), express(**both)))[1:]
  assert up * moved.reshape(10, 2)[[4, 5], 1].mean() > 1


def test_a_face_is_upright_before_the_camera():
  seen = np.asarray(project(find_landmarks(rendered_face(), REST)))
  chin, nose, right_eye, left_eye = seen[[8, 30, 36, 45]]
  assert chin[1] < nose[1] < right_eye[1]
  assert right_eye[0] < nose[0] < left_eye[0]
  assert (seen > 0).all() and (seen < 224).all()


def test_identities_span_the_heads_of_people():
  face = rendered_face()
  flat = np.asarray(face.identity).reshape(IDENTITIES, -1)
  overlap = flat @ flat.T
  sizes = np.sqrt(np.diag(overlap))
  assert (np.diff(sizes) < 0).all()
  np.testing.assert_allclose(
    overlap / np.outer(sizes, sizes), np.eye(IDENTITIES), atol=1e-3
  )
  someone = head(traits(3)).position * [0.01, -0.01, -0.01]
  apart = someone - someone.mean(0) - face.mean
  share = flat @ apart.ravel() / sizes**2
  found = np.asarray(build_mesh(face, REST, jnp.asarray(share, jnp.float32)))
  off = found - (face.mean + apart)
  assert np.abs(off).mean() < 0.25 * np.abs(apart).mean()
