"""What can be learnt, by the name that a config gives in `config.task`."""

from dagan_jax.tasks.face_depth.task import FaceDepthTask
from dagan_jax.tasks.reenactment.task import ReenactmentTask

TASKS = {'face_depth': FaceDepthTask, 'reenactment': ReenactmentTask}
