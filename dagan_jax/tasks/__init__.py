"""What can be learnt, by the name that a config gives in `config.task`."""

from dagan_jax.tasks.reenactment import ReenactmentTask

TASKS = {'reenactment': ReenactmentTask}
