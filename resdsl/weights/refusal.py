"""Why weights are not taken."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics.brief import brief
from resdsl.diagnostics.codes import UNFIT_WEIGHTS, UNREADABLE_WEIGHTS, Code
from resdsl.diagnostics.diagnostic import Diagnostic
from resdsl.diagnostics.exception import SpecError


class WeightsError(SpecError):
    """Weights that cannot be read, or do not fit the network: why, and what would help."""


class UnfusableError(WeightsError, ValueError):
    """Norms whose numbers no layer can have."""


def unfit(message: str, help: Sequence[str] = ()) -> WeightsError:
    return _error(UNFIT_WEIGHTS, message, help)


def unreadable(message: str, help: Sequence[str] = ()) -> WeightsError:
    return _error(UNREADABLE_WEIGHTS, message, help)


def unfusable(message: str, help: Sequence[str]) -> WeightsError:
    return _error(UNFIT_WEIGHTS, message, help, UnfusableError)


def _error(
    code: Code, message: str, help: Sequence[str], kind: type[WeightsError] = WeightsError
) -> WeightsError:
    text = "\n".join(map(brief, message.split("\n")))
    return kind([Diagnostic(code, "error", text, help=tuple(map(brief, help)))])
