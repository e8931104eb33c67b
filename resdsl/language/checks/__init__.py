"""What is read of a text without elaborating it."""
