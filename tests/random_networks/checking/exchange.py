"""Written as JSON and read again, a design is the same."""

from __future__ import annotations

from collections.abc import Iterator

import resdsl
from resdsl import Design
from tests.random_networks.checking.failures import Failure, raised


def read_again(design: Design, source: str) -> Iterator[Failure]:
    """Written as JSON and read again, it is the same design."""
    try:
        text = design.to_json()
        again = resdsl.design(text)
    except Exception as error:
        yield raised("json", error)
        return
    if again.to_json() != text:
        yield Failure("json: changes", "what is written again differs")
    if again.source() != source:
        yield Failure("json: source", "the module differs")
