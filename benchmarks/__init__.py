"""resdsl beside what people use today: `python -m benchmarks.run`."""
