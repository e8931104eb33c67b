"""Steps that are calls of operators."""
