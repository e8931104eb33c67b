"""The JSON form of a design: written, and read back as strictly as a text."""
