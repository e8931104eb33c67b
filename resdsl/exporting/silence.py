"""Exporters talk: of versions, of what they decompose, of inequalities that they cannot solve."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO

from resdsl.exporting.refusal import ExportError


@contextmanager
def quiet(doing: str) -> Iterator[None]:
    """Nothing that is said meanwhile is shown; what is raised is an ExportError of one line.

    `doing` says what failed then.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            yield
    except (ExportError, MemoryError):
        raise
    except Exception as error:
        # Exporters raise whatever they like, and hide the reason below the first line, or behind.
        root: BaseException = error
        while root.__cause__ is not None:
            root = root.__cause__
        line = next((line for line in str(root).splitlines() if line.strip()), "no reason given")
        raise ExportError(f"{doing} failed: {type(root).__name__}: {line.strip():.300}") from error
    finally:
        logging.disable(before)
