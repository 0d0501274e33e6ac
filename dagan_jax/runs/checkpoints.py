"""Checkpoints: save, resume, read one network, make a workdir of networks.

`<workdir>/checkpoints/<step>` holds one item for each network, another one
where a running average of it is kept, 'optimizers' for all players, and
'position' for the place in the data, some JSON that holds for any number of
processes. Orbax writes into `<step>.orbax-checkpoint-tmp`
and renames it when it is complete: a killed process leaves no half checkpoint,
and the next start sweeps its rest away.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import numpy as np
from absl import logging
from etils import epath, epy
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.runs.locks import lock_workdir
from dagan_jax.runs.patience import Damaged, insist, read_on_all_hosts
from dagan_jax.runs.workdirs import (
  PathLike,
  checkpoint_folder,
  locate,
  newest_first,
  start_workdir,
)
from data_pipelines.errors.mendable import MendableError
from data_pipelines.errors.trouble import passing_reason

with epy.lazy_imports():  # slow, and few programs need it
  import orbax.checkpoint as ocp

AVERAGE = '_ema'  # ends the name of a network's running average
POSITION = 'position'  # the item that tells the place in the data

Tree = Any  # nested dicts, tuples and optax states of arrays


class Checkpoints:
  """The checkpoints of a workdir that trains; leaving it waits for saves.

  The latest `keep` stay, and those whose step is a multiple of `milestones`.
  """

  def __init__(self, workdir: PathLike, *, keep: int, milestones: int = 0):
    self.folder = checkpoint_folder(workdir)
    self._damaged = self.folder.parent / 'damaged'
    options = ocp.CheckpointManagerOptions(
      max_to_keep=keep,
      keep_period=milestones or None,
      cleanup_tmp_directories=True,
    )
    self._manager = ocp.CheckpointManager(self.folder, options=options)

  def __enter__(self) -> 'Checkpoints':
    return self

  def __exit__(self, kind: type | None, *_) -> None:
    if kind is not None:
      # Of two failures the first one is told.
      with contextlib.suppress(Exception):
        self._manager.close()
      return
    with self.told_when_full():
      self._manager.close()

  def save(
    self,
    step: int,
    trees: Mapping[str, Tree],
    position: Mapping[str, int] | None = None,
  ) -> None:
    """Saves in the background, unless `step` is saved already.

    trees: the items. position: the place in the data, the same on all hosts.

    Raises:
      UsageError: this or the save before cannot be written, as to a full disk;
        it names the last whole checkpoint. So does whatever waits for a save.
    """
    items = {name: ocp.args.StandardSave(tree) for name, tree in trees.items()}
    if position is not None:
      items[POSITION] = ocp.args.JsonSave(dict(position))
    with self.told_when_full():
      self._manager.save(step, args=ocp.args.Composite(**items))

  def wait(self) -> int | None:
    """Waits for the save under way; the last step that is safe on disk."""
    with self.told_when_full():
      self._manager.wait_until_finished()
    return self._manager.latest_step()

  def last_whole(self) -> str:
    """The checkpoint that a run would go on from now, in words."""
    folder = next(newest_first(self.folder), None)
    return (
      f'the last whole checkpoint is {folder}' if folder else 'none is kept'
    )

  @contextlib.contextmanager
  def told_when_full(self) -> Iterator[None]:
    """Tells of what cannot be written in one line, as `save` does."""
    try:
      yield
    except (MemoryError, MendableError):
      raise
    except Exception as error:
      if not (why := passing_reason(error)):
        raise
      raise UsageError(
        f'{self.folder}: cannot be written ({why}); {self.last_whole()}. Mend'
        ' that, or make room, and start the same command again'
      ) from error

  def preempted(self, step: int) -> bool:
    """Whether the cluster takes this machine away: on all hosts at once."""
    return self._manager.reached_preemption(step)

  def restore(
    self, trees: Mapping[str, Tree]
  ) -> tuple[int, dict[str, Tree]] | None:
    """The latest whole checkpoint: its step, and those of `trees` it holds.

    What it holds must agree with `trees` in every name, shape and type, and
    comes back laid out on devices as they are. Damaged checkpoints newer than
    the one returned are moved to `<workdir>/damaged`, by one host, when all
    found them damaged. None: no checkpoint yet.

    Raises:
      NotNow: the newest one cannot be read, which is no proof of damage.
      UsageError: the checkpoint is of another network, or all are damaged.
    """
    damaged = []
    for folder in newest_first(self.folder):
      found = read_on_all_hosts(
        folder,
        lambda folder=folder: {
          name: _read(folder / name, tree)
          for name, tree in trees.items()
          if (folder / name).exists()
        },
      )
      if found is None:
        damaged.append(folder)
        continue
      if damaged:
        self._move_aside(damaged)
      return int(folder.name), found
    if damaged:
      raise UsageError(f'every checkpoint in {self.folder} is damaged')
    return None

  def restore_position(self, step: int) -> dict[str, int] | None:
    """The place in the data at a step; None where it is missing or damaged.

    Raises:
      NotNow: it cannot be read, which is no proof of damage.
    """
    folder = self.folder / str(step) / POSITION
    if not folder.exists():
      return None
    wanted = ocp.args.Composite(**{POSITION: ocp.args.JsonRestore()})
    return read_on_all_hosts(
      folder, lambda: self._manager.restore(step, args=wanted)[POSITION]
    )

  def _move_aside(self, folders: list[epath.Path]) -> None:
    # Their steps will be saved again, under the same names.
    if jax.process_index() == 0:
      self._damaged.mkdir(parents=True, exist_ok=True)
      for folder in folders:
        target = self._damaged / folder.name
        if target.exists():
          target.rmtree()
        folder.rename(target)
    self._manager.reload()


def latest_step(workdir: PathLike) -> int:
  """The step of the latest complete checkpoint.

  Raises:
    UsageError: there is no such workdir, or no checkpoint in it.
  """
  return int(_existing(workdir)[0].name)


def network_names(workdir: PathLike) -> set[str]:
  """What the latest checkpoint holds, networks and other items.

  Raises:
    UsageError: there is no such workdir, or no checkpoint in it.
  """
  folder = _existing(workdir)[0]
  return {item.name for item in folder.iterdir() if item.is_dir()}


def read_network(workdir: PathLike, name: str, step: int | None = None) -> Tree:
  """One network's variables as NumPy arrays, whatever devices saved them.

  Reads no other item. Without `step`: of the latest checkpoint that is whole.

  Raises:
    NotNow: the newest one cannot be read, which is no proof of damage.
    UsageError: no such workdir, checkpoint or network, or all are damaged.
  """
  folders = _existing(workdir)
  if step is not None:
    latest = folders[0].name
    folders = [folder for folder in folders if folder.name == str(step)]
    if not folders:
      raise UsageError(
        f'{workdir} holds no checkpoint of step {step}; the latest is {latest}'
      )
  for folder in folders:
    if not (folder / name).exists():
      items = sorted(item.name for item in folder.iterdir() if item.is_dir())
      raise UsageError(
        f'{folder} holds no network {name!r}, only {", ".join(items)}'
      )
    try:
      return insist(folder, lambda path=folder / name: _read(path))
    except Damaged as error:
      logging.warning('%s', error)
  raise UsageError(f'no checkpoint in {checkpoint_folder(workdir)} can be read')


def read_average(workdir: PathLike, name: str, step: int | None = None) -> Tree:
  """A network's running average, or the network where none was kept.

  An average looks better than the last step of a short run, so it is what is
  scored, shown and handed on.

  Raises: as `read_network` does.
  """
  averaged = name + AVERAGE
  if averaged in network_names(workdir):
    return read_network(workdir, averaged, step)
  return read_network(workdir, name, step)


def write_workdir(
  workdir: PathLike,
  config: ConfigDict,
  networks: Mapping[str, Tree],
  step: int = 0,
) -> None:
  """Makes a workdir that nothing can tell from a trained one.

  Training goes on from it with fresh optimizers.

  Raises:
    UsageError: `workdir` holds checkpoints already.
  """
  with lock_workdir(workdir):
    if any(newest_first(checkpoint_folder(workdir))):
      raise UsageError(f'{workdir} holds checkpoints already')
    start_workdir(workdir, config)
    with Checkpoints(workdir, keep=1) as checkpoints:
      checkpoints.save(step, networks)


def check_equal_shapes(found: Tree, expected: Tree, where: str) -> None:
  """Compares two trees of anything that has a shape and a dtype.

  Raises:
    UsageError: names up to three leaves of `where` that differ.
  """
  found, expected = _leaves(found), _leaves(expected)
  differences = [
    f'{name} is {found.get(name, "missing")} there,'
    f' {expected.get(name, "unknown")} in this network'
    for name in sorted(found.keys() | expected.keys())
    if found.get(name) != expected.get(name)
  ]
  if differences:
    more = len(differences) - 3
    shown = '; '.join(differences[:3]) + (f'; and {more} more' * (more > 0))
    raise UsageError(f'{where} is of another network: {shown}')


def _read(folder: epath.Path, like: Tree | None = None) -> Tree:
  """One item, as `like` in structure and layout; else as NumPy arrays."""
  stored = ocp.StandardCheckpointHandler().metadata(folder).tree
  if like is None:
    target = jax.tree.map(
      lambda leaf: np.broadcast_to(np.zeros((), leaf.dtype), leaf.shape), stored
    )
  else:
    check_equal_shapes(stored, like, str(folder))
    # Without shardings, Orbax asks for the very devices that saved.
    target = jax.tree.map(
      lambda leaf: jax.ShapeDtypeStruct(
        leaf.shape, leaf.dtype, sharding=leaf.sharding
      ),
      like,
    )
  # The handler alone: Orbax's checkpointer would wait for the other hosts, for
  # ever where one of them fails.
  handler = ocp.StandardCheckpointHandler()
  return handler.restore(folder, args=ocp.args.StandardRestore(target))


def _existing(workdir: PathLike) -> list[epath.Path]:
  if not locate(workdir).is_dir():
    raise UsageError(f'{workdir}: no such workdir')
  folders = list(newest_first(checkpoint_folder(workdir)))
  if not folders:
    raise UsageError(f'{workdir} holds no checkpoint')
  return folders


def _leaves(tree: Tree) -> dict[str, str]:
  paths, _ = jax.tree_util.tree_flatten_with_path(tree)
  return {
    jax.tree_util.keystr(path, simple=True, separator='.'): (
      f'{np.dtype(leaf.dtype)}{list(leaf.shape)}'
    )
    for path, leaf in paths
  }
