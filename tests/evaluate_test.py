from dagan_jax.evaluate import table


def test_the_table_sets_trivial_answers_beside_the_network():
  values = {'l1': 0.25, 'copy_l1': 0.5, 'focal': 4.0}
  header, first, second = table(values, {'copy_': 'copy of source'}).split('\n')
  assert header.split() == ['network', 'copy', 'of', 'source']
  assert first.split() == ['l1', '0.2500', '0.5000']
  assert second.split() == ['focal', '4.0000']
