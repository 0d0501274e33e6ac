from ml_collections import ConfigDict

from scripts import benchmark_data
from tests.support import recorded


def test_all_sources_are_compared(monkeypatch, capsys):
  small = {'SIZE': 16, 'PEOPLE': 2, 'FRAMES': 3, 'WORKERS': (0,)}
  soon = {'SECONDS': 0.01, 'PAIRS': 8}
  for name, value in {**small, **soon}.items():
    monkeypatch.setattr(benchmark_data, name, value)
  with recorded.tfds():
    benchmark_data.compare(ConfigDict({'seed': 0, 'prefetch': 1}), repeats=1)
  lines = capsys.readouterr().out.splitlines()
  cores = {line.split()[0]: float(line.split()[1]) for line in lines[1:5]}
  assert list(cores) == ['PNG', "'tfds'", "'videos'", "'synthetic'"]
  assert lines[6].split() == ['0']
  pipelines = {line.split()[0]: float(line.split()[1]) for line in lines[7:]}
  assert list(pipelines) == ["'tfds'", "'videos'", "'synthetic'"]
  assert min(*cores.values(), *pipelines.values()) > 0
