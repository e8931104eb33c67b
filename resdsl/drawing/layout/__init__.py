"""What a figure is laid out on, and how it becomes DOT."""
