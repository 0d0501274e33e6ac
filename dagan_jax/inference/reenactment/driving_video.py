"""A video that drives: opened once, read as often as need be."""

from data_pipelines.media import video_reader


class DrivingVideo(video_reader.SteadyVideo):
  """The frames of a video at a steady rate, so that sound stays with them."""
