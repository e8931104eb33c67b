"""How reading a JSON design stops: with one mistake and the place in the file that has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from resdsl.diagnostics.codes import BAD_DESIGN, Code
from resdsl.diagnostics.diagnostic import Sink


class RefusedError(Exception):
    """The design breaks a rule of the language. `where` is the path to it, innermost first."""

    def __init__(self, message: str, code: Code = BAD_DESIGN, help: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.help = tuple(help)
        self.where: list[str] = []

    @property
    def place(self) -> str:
        """`definitions[2].bodies[0].steps[3]`: the innermost definition, and body in it."""
        found: list[str] = []
        for part in self.where:
            if part.startswith("definitions["):
                found.append(part)
                break
            if not any(inner.startswith(".bodies[") for inner in found):
                found.append(part)
        return "".join(reversed(found)).lstrip(".")


@contextmanager
def at(place: str) -> Iterator[None]:
    """What is refused inside is at `.place` or `[number]` of what is around."""
    try:
        yield
    except RefusedError as error:
        error.where.append(place)
        raise


def refuse_unless(holds: bool, message: str) -> None:
    if not holds:
        raise RefusedError(message)


def stop_after_an_error(sink: Sink) -> None:
    """What the rules of shapes have told the sink ends the reading as well, with the place."""
    told = next((one for one in sink.diagnostics if one.severity == "error"), None)
    if told is not None:
        sink.diagnostics.remove(told)
        raise RefusedError(told.message, told.code, told.help)
