"""Writing random texts, step by step."""
