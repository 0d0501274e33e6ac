"""Everything about pixels on disk; NumPy and Grain, never jax."""
