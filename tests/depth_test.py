import pytest

from dagan_jax import depth


def test_the_command_line_takes_outputs_in_either_way(monkeypatch):
  asked = {}
  monkeypatch.setattr(
    depth, 'estimate_depth', lambda **flags: asked.update(flags)
  )
  monkeypatch.setattr(depth.log, 'quiet', lambda: None)
  for module in (depth.compile_cache, depth.memory):
    for name in ('keep', 'keep_freed_memory'):
      monkeypatch.setattr(module, name, lambda: None, raising=False)
  for outputs in (
    ['--output', 'a.png', 'b.npy'],
    ['--output=a.png', '--output=b.npy'],
  ):
    line = ['depth', '--workdir=w', '--input=i.mp4', *outputs]
    monkeypatch.setattr(depth.sys, 'argv', line)
    with pytest.raises(SystemExit) as raised:
      depth.main()
    assert raised.value.code == 0
    assert asked == {
      'workdir': 'w',
      'input': 'i.mp4',
      'output': ['a.png', 'b.npy'],
      'uncertainty': None,
      'contact_sheet': None,
      'refine': 0,
      'crop': 'auto',
    }
