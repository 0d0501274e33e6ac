"""Makes data sets of videos, for `python -m data_pipelines.build`."""
