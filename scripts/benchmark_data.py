"""How many pairs a second each source gives: part of `benchmark.py data`.

First people are rendered at 256 pixels into a temporary folder: as a data set
(JPEG in ArrayRecord), as videos, and as folders of PNG files. The PNG files are
read as the loaders of FOMM and DaGAN read theirs: they list a clip's folder,
choose two frames, decode both, and convert them to floats.
"""

import contextlib
import os
import pathlib
import statistics
import tempfile
import time
from collections.abc import Iterator

import numpy as np
from ml_collections import ConfigDict
from PIL import Image

from data_pipelines.builders.work import job_files
from data_pipelines.builders.work.job_files import MadeClip
from data_pipelines.builders.work.jobs import Recipe
from data_pipelines.builders.writing.collection import PlacedClip
from data_pipelines.media import pictures, video_writer
from data_pipelines.reading import pipeline
from data_pipelines.reading.samplers import RandomPair
from data_pipelines.reading.sources import SOURCES
from data_pipelines.synthetic import rendered_faces

SIZE, PEOPLE, FRAMES = 256, 6, 20
SECONDS = 1.0  # of each measurement of one core
PAIRS = 256  # of each measurement of the pipeline, or for so many seconds:
LONGEST = 4.0
WORKERS = (0, *(2**k for k in range((os.cpu_count() or 1).bit_length())))


def compare(data: ConfigDict, repeats: int) -> None:
  """Prints pairs a second: of one core, then of the pipeline with workers.

  Args:
    data: the fields of `config.data`; its seed and its prefetch count.
    repeats: measurements of a core, taken in turns; their median is told.
  """
  with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    print(f'rendering {PEOPLE * FRAMES} pictures at {SIZE} px to read ...')
    sources = _written(folder, data)
    ways = {'PNG': _png_pairs(folder / 'png', data.seed)}
    for title, settings in sources.items():
      ways[repr(title)] = _pairs(settings)
    rates = _rates(ways, repeats)
    for title, rate in rates.items():
      times = rate / rates['PNG']
      print(f'{title:12s} {rate:7.1f} pairs/s and core, {times:5.2f} x PNG')
    print('pairs/s with workers (0: threads)')
    print(' ' * 12, *(f'{count:7d}' for count in WORKERS))
    for title, settings in sources.items():
      made = (_pipeline_rate(settings, count) for count in WORKERS)
      print(f'{title!r:12s}', *(f'{rate:7.1f}' for rate in made))


def _written(folder: pathlib.Path, data: ConfigDict) -> dict[str, ConfigDict]:
  """Writes everything that is read; returns settings for each source."""
  from data_pipelines.builders.writing import tfds_writer

  recipe = Recipe(raw='', size=SIZE)
  clips = [_clip(face, folder, recipe) for face in range(PEOPLE)]
  tfds_writer.write(
    'synthetic', {'train': clips}, recipe, 'none', folder / 'tfds'
  )
  shared = {
    **data,
    'image_size': SIZE,
    'batch_size': 8,
    'sampler': 'pairs',
    'landmarks': False,
    'test_fraction': 0.0,
    'cache': str(folder / 'cache'),
    # So many that hardly a frame is remembered.
    'identities': 10_000,
    'clip_frames': 250,
  }
  return {
    name: ConfigDict({**shared, 'source': name, 'path': str(folder / name)})
    for name in ('tfds', 'videos', 'synthetic')
  }


def _clip(face: int, folder: pathlib.Path, recipe: Recipe) -> PlacedClip:
  """Renders a face; writes PNG files, a video, and what the data set takes."""
  name = f'face{face}'
  job = folder / 'jobs' / name
  made = MadeClip(
    name=name,
    source='',
    start_time=0.0,
    frames=FRAMES,
    square=(0.0, 0.0, float(SIZE)),
    video_size=(SIZE, SIZE),
    face_height=0.0,
    embedding=None,
  )
  (folder / 'videos').mkdir(exist_ok=True)
  with (
    job_files.write(job, recipe.encoding, recipe.quality) as parts,
    video_writer.VideoWriter(folder / 'videos' / f'{name}.mp4', 25) as video,
  ):
    for index in range(FRAMES):
      image = rendered_faces.image(face, index / 25, SIZE)
      pictures.write_picture(folder / 'png' / name / f'{index:07}.png', image)
      video.write(image)
      parts.frame(0, index, image)
    parts.clip(0, made, np.full((FRAMES, 68, 2), np.nan))
  return PlacedClip(made, name, job_files.read(job), 0)


def _png_pairs(folder: pathlib.Path, seed: int) -> Iterator[list[np.ndarray]]:
  generator = np.random.default_rng(seed)
  clips = sorted(folder.iterdir())
  while True:
    clip = clips[generator.integers(len(clips))]
    names = os.listdir(clip)
    pair = []
    for place in np.sort(generator.integers(len(names), size=2)):
      with Image.open(clip / names[place], formats=['PNG']) as picture:
        pair.append(np.asarray(picture).astype(np.float32) / 255)
    yield pair


def _pairs(settings: ConfigDict) -> Iterator[np.ndarray]:
  """The pairs that the pipeline would give, without it."""
  source = SOURCES[settings.source](settings, 'train')
  sampler = RandomPair(source.clips, settings.seed)
  position = 0
  while True:
    sample = sampler(position)
    yield source.frames(sample.clip, sample.frames)
    position += 1


def _rates(ways: dict[str, Iterator], repeats: int) -> dict[str, float]:
  """Pairs per second of processor time: what others compute does not count."""
  rates = {name: [] for name in ways}
  for pairs in ways.values():
    next(pairs)
  for _ in range(repeats):
    for name, pairs in ways.items():
      began, count = time.process_time(), 0
      while (spent := time.process_time() - began) < SECONDS:
        next(pairs)
        count += 1
      rates[name].append(count / spent)
  return {name: statistics.median(each) for name, each in rates.items()}


def _pipeline_rate(settings: ConfigDict, workers: int) -> float:
  """Pairs per second of the clock, after the first batch."""
  settings = ConfigDict({**settings, 'workers': workers})
  batches = pipeline.make_iterator(settings, 'train')
  with contextlib.closing(batches):
    next(batches)
    began, count = time.perf_counter(), 0
    while True:
      next(batches)
      count += settings.batch_size
      spent = time.perf_counter() - began
      if count >= PAIRS or spent > LONGEST:
        return count / spent
