"""Torch: the source text of a module, the module itself, its weights, and the check of both."""
