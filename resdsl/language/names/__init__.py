"""Files, the definitions in them, and what names mean."""
