"""Whole pictures from interlaced video."""

from collections.abc import Iterable, Iterator

import av


class Deinterlacer:
  """Makes whole pictures of interlaced frames; others pass as they are.

  libavfilter's bwdif looks one frame ahead: so it is asked only from the first
  frame on that is interlaced.
  """

  def __init__(self):
    self._graph: av.filter.Graph | None = None
    self._kind: tuple | None = None  # of the frames that the filter takes

  def whole(self, frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The same frames, each whole, with their times."""
    for frame in frames:
      kind = frame.width, frame.height, frame.format.name
      if self._graph and kind != self._kind:
        yield from self._end()
      if frame.interlaced_frame and not self._graph:
        self._graph, self._kind = _bwdif(frame), kind
      if self._graph:
        self._graph.vpush(frame)
        yield from self._ready()
      else:
        yield frame
    if self._graph:
      yield from self._end()

  def _end(self) -> Iterator[av.VideoFrame]:
    self._graph.vpush(None)
    yield from self._ready()
    self._graph = None

  def _ready(self) -> Iterator[av.VideoFrame]:
    while True:
      try:
        yield self._graph.vpull()
      except (av.BlockingIOError, av.EOFError):
        return


def _bwdif(frame: av.VideoFrame) -> av.filter.Graph:
  graph = av.filter.Graph()
  source = graph.add_buffer(
    width=frame.width,
    height=frame.height,
    format=frame.format,
    time_base=frame.time_base,
  )
  field = graph.add('bwdif', 'mode=send_frame:deint=interlaced')
  graph.link_nodes(source, field, graph.add('buffersink')).configure()
  return graph
