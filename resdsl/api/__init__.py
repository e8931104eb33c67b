"""What `resdsl` exposes; `resdsl/__init__.py` opens it lazily."""
