"""TensorBoard files, which CLU's writer makes where TensorFlow is installed."""

from typing import Any

from absl import logging

from dagan_jax.runs.workdirs import PathLike


def open_tensorboard(folder: PathLike) -> Any:
  """CLU's writer of TensorBoard files; None, said once, without TensorFlow."""
  try:
    import tensorflow as tf
    from clu import metric_writers
  except ImportError:
    logging.info('TensorFlow is not installed: nothing is kept for TensorBoard')
    return None
  tf.config.set_visible_devices([], 'GPU')  # it would take all the memory
  return metric_writers.SummaryWriter(str(folder))
