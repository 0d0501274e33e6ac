import pytest

from data_pipelines.builders.listings import rendered
from data_pipelines.errors.mendable import DataError
from data_pipelines.synthetic.rendered_faces import FIRST_TEST_FACE


def test_faces_are_those_that_training_would_render():
  jobs = rendered.list_jobs(10, 5, 0.3).jobs
  faces = [(job.face, job.split) for job in jobs]
  assert faces[:7] == [(face, 'train') for face in range(7)]
  assert faces[7:] == [(FIRST_TEST_FACE + face, 'test') for face in range(3)]
  assert len({job.name for job in jobs}) == 10


@pytest.mark.parametrize('identities, frames', [(0, 9), (3, 1)])
def test_less_than_a_pair_is_one_clear_line(identities, frames):
  with pytest.raises(DataError, match=r'\A[^\n]*are needed\Z'):
    rendered.list_jobs(identities, frames, 0.1)
