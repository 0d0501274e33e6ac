"""One clock for all streams of a file, from its start to its end.

Recordings that were joined begin their time stamps anew, and broadcasts leap.
Players go on from where they were, with picture and sound still together. So
time stamps are moved: by the same amount for all streams of a part of the file.
"""

from fractions import Fraction
from typing import NamedTuple

import av

# How far back a stream's decoding times may fall before a new part begins, and
# how far they may leap in formats of which clocks that leap are known: seconds.
BACK = Fraction(1, 10)
AHEAD = Fraction(10)
LEAPS = 0x0200  # libav's AVFMT_TS_DISCONT


class _Stream(NamedTuple):
  part: int
  time: Fraction  # the last decoding time as stored, seconds
  end: Fraction  # of the last packet as stored, seconds


class Clock:
  """Moves the time stamps of packets, in the order in which they are read."""

  def __init__(self, container: av.container.InputContainer):
    self._leaps = bool(container.format.flags & LEAPS)
    self._streams: dict[int, _Stream] = {}
    self._shifts = [Fraction(0)]  # of each part, seconds
    self._places: list[int | None] = [None]  # where each part begins, bytes
    self._end = Fraction(0)  # the latest end of all, as moved

  @property
  def parts(self) -> int:
    """How many parts were met, each with time stamps of its own."""
    return len(self._shifts)

  def move(self, packet: av.Packet) -> None:
    """Gives a packet its time in the one clock."""
    if packet.dts is None:
      part = self._part(packet.stream_index)
    else:
      part = self._follow(packet)
    shift = round(self._shifts[part] / packet.time_base)
    if shift and packet.pts is not None:
      packet.pts += shift
    if shift and packet.dts is not None:
      packet.dts += shift

  def _part(self, stream: int) -> int:
    """The part that a stream is in; at first that of the others."""
    known = self._streams.get(stream)
    return known.part if known else len(self._shifts) - 1

  def _follow(self, packet: av.Packet) -> int:
    time = packet.dts * packet.time_base
    part = self._part(packet.stream_index)
    last = self._streams.get(packet.stream_index)
    length = (packet.duration or 0) * packet.time_base
    if not length and last:  # not told: as long as the one before
      length = time - last.time if time > last.time else last.end - last.time
    end = time + length
    if last and self._is_new_part(last, time, packet.pos):
      part += 1
      if part == len(self._shifts):
        self._shifts.append(self._end - time)
        self._places.append(packet.pos)
    self._streams[packet.stream_index] = _Stream(part, time, end)
    self._end = max(self._end, end + self._shifts[part])
    return part

  def _is_new_part(
    self, last: _Stream, time: Fraction, place: int | None
  ) -> bool:
    if time < last.time - BACK or (self._leaps and time > last.end + AHEAD):
      return True
    # Another stream has met the next part before: packets that lie beyond its
    # beginning belong to it, though their own clock seems to go on.
    following = self._places[last.part + 1 : last.part + 2]
    return bool(
      following
      and None not in (place, following[0])
      and place >= following[0] >= 0
    )
