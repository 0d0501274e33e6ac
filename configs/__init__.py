"""Configs are data: read by path through --config, imported by no package."""
