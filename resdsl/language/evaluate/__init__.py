"""Expressions, calls and arguments, as values."""
