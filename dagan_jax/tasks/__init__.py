"""What can be learnt, by the name that a config gives in `config.task`."""

from dagan_jax.tasks.face_depth.task import FaceDepthTask
from dagan_jax.tasks.gohd.animator import AnimatorTask
from dagan_jax.tasks.gohd.diffusion import DiffusionTask
from dagan_jax.tasks.gohd.expression import ExpressionTask
from dagan_jax.tasks.gohd.mapper import MapperTask
from dagan_jax.tasks.reenactment.imitation import ImitationTask
from dagan_jax.tasks.reenactment.task import ReenactmentTask

TASKS = {
  'face_depth': FaceDepthTask,
  'gohd_animator': AnimatorTask,
  'gohd_diffusion': DiffusionTask,
  'gohd_expression': ExpressionTask,
  'gohd_mapper': MapperTask,
  'imitation': ImitationTask,
  'reenactment': ReenactmentTask,
}
