"""The validated graph that a text becomes: definitions elaborated once, and instances of them."""
