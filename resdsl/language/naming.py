"""The names of modules: the keys of the state dict.

A body numbers its modules 0, 1, 2… if it holds no label, residual, fork or stage; otherwise, and
always in a network, an unlabelled step is called by the word written, the second `conv_1`.
"""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resdsl import limits
from resdsl.design.model import Apply
from resdsl.diagnostics import codes
from resdsl.diagnostics.model import Label, Sink
from resdsl.language.reserved import MODULE_ATTRIBUTES
from resdsl.source import Span

if TYPE_CHECKING:
    from resdsl.language.builder import Builder


@dataclass(slots=True, eq=False)
class Entry:
    """A module waiting for its name. `span` is its label's, else its own."""

    apply: Apply
    label: str | None
    word: str
    span: Span


def name_modules(builder: Builder, sink: Sink, *, words: bool) -> bool:
    """Gives each module of a body its key; True if the body is numbered."""
    entries = builder.entries
    if not builder.named and not words:
        for number, entry in enumerate(entries):
            entry.apply.key = str(number)
        return True
    labels: dict[str, Entry] = {}
    for entry in entries:
        if entry.label is None:
            continue
        if entry.label in labels:
            _twice(sink, entry, labels[entry.label])
        labels.setdefault(entry.label, entry)
    counts: dict[str, int] = {}
    taken = set(labels)
    for entry in entries:
        if entry.label is not None:
            entry.apply.key = entry.label
            continue
        problem = label_problem(entry.word)
        if problem is not None:
            _bad_word(sink, entry, problem)
        number = counts.get(entry.word, 0)
        while (name := f"{entry.word}_{number}" if number else entry.word) in taken:
            number += 1
        counts[entry.word] = number + 1
        taken.add(name)
        entry.apply.key = name
    return False


def _bad_word(sink: Sink, entry: Entry, problem: str) -> None:
    sink.error(
        codes.LABEL,
        f"a step without a label is called by its word, and `{entry.word}` cannot be the name of "
        f"a module: {problem}",
        entry.span,
        "needs a label",
        help=[f"for example `{entry.word}1: {entry.word}`"],
    )


def _twice(sink: Sink, again: Entry, first: Entry) -> None:
    sink.error(
        codes.DUPLICATE_NAME,
        f"two modules of one body are called `{again.label}`",
        again.span,
        "the same name again",
        others=[Label(first.span, "the first one")] if first.span != again.span else [],
        help=[
            "names are state-dict keys: every module needs its own",
            *(
                ["in a loop, an index sets them apart: `name[i]`"]
                if first.span == again.span
                else []
            ),
        ],
    )


def label_problem(label: str) -> str | None:
    """Why a label cannot be the name of a module; None if it can."""
    if label == "":
        return "a label is not empty"
    if "." in label:
        return f'"{label}" holds a dot, and dots separate the parts of a state-dict key'
    if len(label) > limits.NAME_LENGTH:
        return f"a label has at most {limits.NAME_LENGTH} characters"
    if not label.isprintable():
        return "a label holds printable characters only"
    if keyword.iskeyword(label):
        return f"`{label}` is a word of Python's"
    if label.startswith("__") and label.endswith("__"):
        return f"`{label}` is a name that Python keeps for itself"
    if label in MODULE_ATTRIBUTES:
        return f"`{label}` is an attribute of torch's modules"
    return None
