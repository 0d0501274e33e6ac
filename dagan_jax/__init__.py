"""Talking-head video generation in JAX: DaGAN++, DaGAN and FOMM."""
