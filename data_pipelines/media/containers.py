"""Opens a file of pictures and sound with libav: that file, and no other.

Some formats of libav are but lists of other files, or of places on a network:
playlists, manifests, sessions, names with numbers in them. Whoever opens such
a file of a stranger reads what the stranger likes. So the formats are named
here that hold what they show, and nothing is opened besides.
"""

import os
from typing import Any

import av

_PICTURES = (  # mostly with sound
  'mov,mp4,matroska,webm,avi,asf,flv,live_flv,mpeg,mpegts,ogg,rm,mxf,gxf,nut,'
  'wtv,dv,dhav,nsv,ivf,yuv4mpegpipe,kux'
)
_RAW_PICTURES = (
  'h261,h263,h264,hevc,vvc,av1,obu,m4v,mpegvideo,mjpeg,vc1,dirac,gif,apng'
)
_SOUND = (
  'aac,ac3,eac3,aiff,amr,amrnb,amrwb,ape,au,caf,dts,flac,mp3,mpc,mpc8,tak,tta,'
  'truehd,w64,wav,wv,voc'
)
_ONLY = {
  'format_whitelist': f'{_PICTURES},{_RAW_PICTURES},{_SOUND}',
  'protocol_whitelist': 'file',
}


def open_container(
  file: str | os.PathLike | Any, options: dict[str, str] | None = None
) -> av.container.InputContainer:
  """Opens a path, or what has a method `read`.

  Args:
    file: what is opened.
    options: further ones of libav's.

  Raises:
    av.FFmpegError, OSError: it is not there, or in none of these formats.
  """
  file = os.fspath(file) if isinstance(file, os.PathLike) else file
  options = {**(options or {}), **_ONLY}
  return av.open(file, metadata_errors='replace', options=options)
