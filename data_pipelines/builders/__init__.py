"""Makes data sets of films, for `python -m data_pipelines.build`."""
