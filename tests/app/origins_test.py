import hashlib
import sys

import pytest

from dagan_jax.app.origins import Signing, describe_origin, name_inputs
from dagan_jax.console.errors import UsageError
from data_pipelines.provenance import manifests


def test_all_is_told_unless_it_is_unwanted():
  origin = describe_origin()
  assert origin.comment == describe_origin(provenance=False).comment
  assert origin.mark and not describe_origin(provenance=False).mark
  assert not describe_origin(provenance=False).manifest


def test_without_what_signs_the_mark_is_there(monkeypatch):
  monkeypatch.setitem(sys.modules, 'c2pa', None)
  origin = describe_origin()
  assert origin.mark and not origin.manifest
  assert name_inputs(origin, {'portrait': 'none.png'}) == origin
  with pytest.raises(UsageError, match=r"pip install '.\[provenance\]'"):
    describe_origin(signing=Signing(certificate='a.pem'))


@pytest.mark.parametrize(
  'ask',
  [
    lambda: Signing(key='key.pem'),
    lambda: describe_origin(False, Signing(certificate='a.pem')),
  ],
)
def test_options_that_contradict_each_other_are_one_clear_line(ask):
  with pytest.raises(UsageError, match=r'\A[^\n]*provenance[^\n]*\Z'):
    ask()


def test_inputs_are_told_by_their_digests(tmp_path):
  manifest = manifests.Manifest('a', '1', manifests.Certificate(b'', b'', ''))
  origin = describe_origin(provenance=False)._replace(manifest=manifest)
  (tmp_path / 'frames').mkdir()
  for name in ('frames/0.png', 'frames/1.png', 'portrait.png'):
    (tmp_path / name).write_text(name)
  inputs = {
    'portrait': str(tmp_path / 'portrait.png'),
    'driving': str(tmp_path / 'frames'),
    'camera': '-',
  }
  told = dict(name_inputs(origin, inputs).manifest.inputs)
  assert [*told] == ['portrait', 'driving']
  assert told['portrait'] == hashlib.sha256(b'portrait.png').hexdigest()
  (tmp_path / 'frames/1.png').write_text('another')
  again = dict(name_inputs(origin, inputs).manifest.inputs)
  assert again['driving'] != told['driving']
