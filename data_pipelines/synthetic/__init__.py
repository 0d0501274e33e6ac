"""A small software renderer of talking heads, in NumPy alone."""
