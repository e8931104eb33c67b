"""Pictures and tables of a design, without torch."""
