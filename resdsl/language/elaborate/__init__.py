"""Steps, blocks and networks, as a design."""
