"""The overview: stages below each other."""
