"""A network for inference: another design, of fewer layers, that computes the same in eval mode."""
