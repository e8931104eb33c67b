"""The cases, one a file. Each file has `cases()`, which makes whatever its contestants need."""
