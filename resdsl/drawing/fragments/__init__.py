"""Trees laid out."""
