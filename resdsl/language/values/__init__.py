"""Values of the language, of Python and of a command line, and where they are known."""
