import os
import stat

from dagan_jax.app.web import folders


def test_a_root_is_private_and_gone_at_the_end(tmp_path, monkeypatch):
  monkeypatch.setattr('tempfile.tempdir', str(tmp_path))
  with folders.open_root() as root:
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    folder = folders.make_folder(root)
    (folder / 'file').write_bytes(bytes(100))
    assert folders.count_bytes(root) == 100
  assert not list(tmp_path.iterdir())


def test_what_a_killed_server_left_is_removed_at_the_next_start(
  tmp_path, monkeypatch
):
  monkeypatch.setattr('tempfile.tempdir', str(tmp_path))
  owner = folders.owners.name_this_process()
  machine, number, start = owner.split('-')
  dead = tmp_path / f'dagan_jax_page-{machine}-{number}-{int(start) + 1}-ab'
  other = tmp_path / 'dagan_jax_page-notes'
  live = tmp_path / f'dagan_jax_page-{owner}-ab'
  for folder in (dead, other, live):
    (folder / 'inside').mkdir(parents=True)
  link = tmp_path / f'{dead.name}cd'
  link.symlink_to(other)
  with folders.open_root():
    assert not dead.exists()
    assert other.exists() and live.exists() and os.path.lexists(link)
