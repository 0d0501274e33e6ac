import errno
import os

import av
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.trouble import passing_reason


@pytest.mark.parametrize(
  'number', [errno.EIO, errno.ESTALE, errno.EACCES, errno.EMFILE, errno.ENOMEM]
)
def test_a_machines_trouble_passes(number):
  assert passing_reason(OSError(number, 'why')) == os.strerror(number)
  told = f"UNKNOWN: Error reading [os_error_code='{number}']"
  assert passing_reason(ValueError(told)) == os.strerror(number)


@pytest.mark.parametrize(
  'error',
  [
    None,
    FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)),
    OSError('image file is truncated'),
    ValueError('no video'),
    av.error.InvalidDataError(1094995529, 'invalid'),
  ],
)
def test_what_a_file_is_does_not_pass(error):
  assert passing_reason(error) is None


def test_an_error_counts_as_the_one_in_whose_place_it_was_raised():
  for trouble in (MemoryError(), av.error.PermissionError(13, 'denied')):
    with pytest.raises(DataError) as caught:
      try:
        raise trouble
      except (MemoryError, av.FFmpegError):
        raise DataError('no video') from None
    assert passing_reason(caught.value) in (
      'out of memory',
      'Permission denied',
    )
