"""What the parts of one elaboration share: where to tell mistakes, and what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from resdsl import limits
from resdsl.design.inference import Inference
from resdsl.design.network import InputSpec
from resdsl.diagnostics import codes
from resdsl.diagnostics.codes import Code
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.messages.shape_errors import ShapeErrors
from resdsl.language.names.files import Files
from resdsl.language.names.symbols import Symbol
from resdsl.provenance import TracedFloat, operation
from resdsl.source import Span


class Progress:
    """Numbers the network-level calls and repetitions that read `progress`.

    How many there are is known after a first pass: until `total` is set all read 0.
    """

    def __init__(self, total: int | None = None) -> None:
        self.total = total
        self.seen: dict[object, int] = {}

    def read(self, event: object) -> float:
        """`k / (N-1)` for the k-th of N events, which is what its origin says."""
        k = self.seen.setdefault(event, len(self.seen))
        if self.total is None or self.total == 1:
            return 0.0
        last = self.total - 1
        return TracedFloat(k / last, operation("/", k, last))


class Halt(Exception):  # noqa: N818 (control flow, not an error of its own)
    """A limit was exceeded and reported: stop elaborating."""


class Session:
    """The elaboration of one network. What it is fed is known when its `input` is read."""

    def __init__(self, files: Files, sink: Sink) -> None:
        self.files = files
        self.sink = sink
        self.shape_errors = ShapeErrors(sink, InputSpec(0, (), ()))
        self.inference = Inference(self.shape_errors, limits.EFFORT)
        self.progress = Progress()
        # By definition, the labels that a `reuse` in its text has.
        self.reused: dict[Symbol, frozenset[str]] = {}
        self.steps = 0
        self.values = 0

    def count_step(self, span: Span) -> None:
        self._spend(1, span, "the network has more than {} steps")

    def count_elements(self, number: int, span: Span) -> None:
        """Of a list that is made, read or passed on: each time somebody goes through it."""
        message = "the network's lists and steps take more than {} steps"
        each = limits.ELEMENTS_A_STEP
        self._spend(number // each, span, message, f"{each} elements of a list count as a step")

    def count_tensors(self, number: int, span: Span) -> None:
        """Of a list that is made of tensors."""
        message = "the network's lists and steps take more than {} steps"
        each = limits.TENSORS_A_STEP
        self._spend(number // each, span, message, f"{each} tensors of a list count as a step")

    def count_shares(self, number: int, span: Span) -> None:
        """Of that many tensors: each is a step that reads all of them."""
        message = "the network's lists and steps take more than {} steps"
        self._spend(number**2, span, message, f"each share of {number:,} tensors reads all of them")

    def count_value(self, span: Span) -> None:
        """Of an expression, each time that somebody asks for it."""
        self.values += 1
        each = limits.VALUES_A_STEP
        if self.values % each == 0:
            message = "the network's expressions and steps take more than {} steps"
            self._spend(1, span, message, f"{each} values count as a step")

    def _spend(self, steps: int, span: Span, message: str, label: str = "") -> None:
        """All that is elaborated is counted in steps, which have one limit."""
        self.steps += steps
        if self.steps > limits.STEPS:
            self.halt(message.format(f"{limits.STEPS:,}"), span, label)

    def halt(
        self,
        message: str,
        span: Span | None,
        label: str = "",
        *,
        code: Code = codes.LIMIT,
        help: Sequence[str] = (),
    ) -> NoReturn:
        self.sink.error(code, message, span, label, help=help)
        raise Halt

    def stop(self) -> NoReturn:
        """Of what was told already, nothing can be made."""
        raise Halt
