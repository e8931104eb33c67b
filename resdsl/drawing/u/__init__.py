"""The U of a network whose kept tensors nest."""
