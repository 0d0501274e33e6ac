"""What can be learnt, by the name that a config gives in `config.task`."""

from dagan_jax.tasks.face_depth import FaceDepthTask
from dagan_jax.tasks.reenactment import ReenactmentTask

TASKS = {'face_depth': FaceDepthTask, 'reenactment': ReenactmentTask}
