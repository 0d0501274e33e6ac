"""Numbers to lower: arrays in, one unweighted scalar out."""
