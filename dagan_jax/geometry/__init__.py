"""Formulas: pure functions of arrays."""
