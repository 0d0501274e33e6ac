"""Numbers to report: arrays in, one value for each example out."""
