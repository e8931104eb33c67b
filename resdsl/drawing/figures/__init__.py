"""Figures of blocks, and of every operator."""
