"""`--debug`: whether a bug shows its traceback."""

from __future__ import annotations

import click

_state = {"on": False}


def is_on() -> bool:
    return _state["on"]


def turn_off() -> None:
    """At the start of a run."""
    _state["on"] = False


def turn_on(_context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    """A click callback; the option may stand before and after the command's name."""
    _state["on"] = _state["on"] or value
