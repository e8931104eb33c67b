"""Tree to design: imports, names, types, expressions, elaboration."""
