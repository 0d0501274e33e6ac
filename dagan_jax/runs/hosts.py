"""What the hosts of a run tell one another; a host by itself tells itself.

Each function waits until all hosts have called it.
"""

import json
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh

from dagan_jax.runs import devices


def gather(value: int) -> set[int]:
  """What all hosts give."""
  if jax.process_count() == 1:
    return {value}
  return set(multihost_utils.process_allgather(np.int32(value)).tolist())


def gather_texts(text: str) -> list[str]:
  """The texts of all hosts, in the order of their numbers."""
  if jax.process_count() == 1:
    return [text]
  told = np.frombuffer(text.encode(), np.uint8)
  lengths = multihost_utils.process_allgather(np.int32(len(told))).tolist()
  room = 1 << max(lengths).bit_length()  # few sizes: each is compiled once
  padded = np.zeros(room, np.uint8)
  padded[: len(told)] = told
  rows = multihost_utils.process_allgather(padded)
  return [
    row[:length].tobytes().decode()
    for row, length in zip(rows, lengths, strict=True)
  ]


def from_first(value: Any) -> Any:
  """What the first host gives, of what JSON knows; that of others is lost."""
  return json.loads(gather_texts(json.dumps(value))[0])


def collect(
  values: Mapping[str, np.ndarray], mesh: Mesh
) -> dict[str, np.ndarray]:
  """This host's share 'b/hosts ...' of a batch -> all of it, on every host.

  Examples come in the order in which `devices.put` lays them out.
  """
  if jax.process_count() == 1:
    return dict(values)
  whole = jax.jit(lambda x: x, out_shardings=devices.replicated(mesh))
  return jax.device_get(whole(devices.put(values, mesh)))
