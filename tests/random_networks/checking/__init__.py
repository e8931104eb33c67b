"""How a random text is compared with the interpreter of its designs."""
