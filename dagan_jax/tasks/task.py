"""What the training loop knows of whatever it trains."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import optax
from clu import metrics
from flax import linen as nn
from flax import struct
from ml_collections import ConfigDict

Batch = Mapping[str, jax.typing.ArrayLike]
Variables = dict[str, Any]


class TrainState(struct.PyTreeNode):
  """All that changes while training; arrays only.

  No functions live in it, so a checkpoint outlives a refactoring of the code.
  """

  step: Any  # int32 '': updates done; a shape under jax.eval_shape
  variables: dict[str, Variables]  # network -> {'params', 'batch_stats'}
  opt_state: dict[str, optax.OptState]  # player -> state of its optimizer


def averages(values: Mapping[str, jax.Array]) -> metrics.Collection:
  """What a step reports, to be averaged over steps and hosts."""
  return metrics.Collection.create_collection(
    **{
      name: metrics.Average.from_model_output(value)
      for name, value in values.items()
    }
  )


def zeros_for(
  network: nn.Module, key: jax.Array, *inputs: Any, **flags: Any
) -> Variables:
  """Zeros in the shapes of a network's variables, which will be given."""
  init = functools.partial(network.init, **flags)
  shapes = jax.eval_shape(init, key, *inputs)
  return jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)


class Answers(NamedTuple):
  """Arrays 'b ...' by the names of `metrics.table`."""

  truth: dict[str, Any]
  answers: dict[str, dict[str, Any]]  # by the beginning of their scores' names


@runtime_checkable
class Task(Protocol):
  """One thing that can be learnt; `dagan_jax.tasks.TASKS` names them all."""

  saved: tuple[str, ...]  # the networks that a checkpoint holds
  scored: tuple[str, ...]  # those of them that eval_step looks at
  dispensable: tuple[str, ...]  # those that it scores less without
  # Answers without a network that eval_step gives as well: the beginning of
  # their scores' names, and what to call them.
  trivial: Mapping[str, str]

  @staticmethod
  def check(config: ConfigDict) -> None:
    """Whether the task's own fields of a config are possible.

    Raises:
      UsageError: names the first field that is not, and what it may be.
    """

  def init(self, key: jax.Array, batch: Batch) -> TrainState:
    """A fresh state, from the key and the shapes in `batch` alone; for jit.

    Networks that a config gives are put in place by `training.starts`.
    """

  def train_step(
    self, key: jax.Array, state: TrainState, batch: Batch
  ) -> tuple[TrainState, metrics.Collection]:
    """One update of every player; folds `state.step` into `key`."""

  def eval_step(self, variables: dict[str, Variables], batch: Batch) -> Answers:
    """What `metrics.table` compares with the truth; for jit.

    Answers are named as their scores begin: '' the networks', then `trivial`.
    """

  def images(self, variables: dict[str, Variables], batch: Batch) -> tuple:
    """What its row of `drawing.tasks.DRAWINGS` draws, as a tuple; for jit."""

  def warnings(self, values: dict[str, float]) -> Iterator[str]:
    """Sentences for the user about the mean losses of a while, if any."""
