"""Randomness without a state: each random number is a function of what it is for.

A generator that is carried along would have to be saved with each checkpoint, once for each
process and device. Here the shuffling of an epoch, the crop of an image and the dropout of a step
draw from a seed that is made of the run's seed and of where they are; a run that goes on, and one
on two processes, draw what an unbroken one on a single process does.
"""

from __future__ import annotations

from hashlib import sha256


def seed_for(*where: str | int) -> int:
    """A seed of 63 bits, the same in each process and version of Python."""
    return int.from_bytes(sha256(repr(where).encode()).digest()[:8]) >> 1
