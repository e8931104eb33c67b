"""The names of modules: the keys of the state dict.

A body numbers its modules 0, 1, 2… if it holds no label, residual, fork or stage; otherwise, and
always in a network, an unlabelled step is called by the word written, the second `conv_1`.

A label with dots names a module in a container: `convs.0` in `convs`, which all such labels of the
body share, and no module has that name.

The label of a branch is a name for its `join` first: a branch without parameters and buffers has no
key, so the `pool`s of two forks share the label, and the second is the module `pool_1`.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from resdsl import limits
from resdsl.design.keys import containers
from resdsl.design.state import is_stateless
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.language.elaborate.builder import Builder, Entry
from resdsl.language.names.reserved import CONTAINER_ATTRIBUTES, MODULE_ATTRIBUTES


def name_modules(builder: Builder, sink: Sink, *, words: bool) -> bool:
    """Gives each module of a body its key; True if the body is numbered."""
    entries = builder.entries
    if not builder.named and not words:
        for number, entry in enumerate(entries):
            entry.name(str(number))
        return True
    labels, aside = _labelled(entries, sink)
    counts: dict[str, int] = {}
    taken = {*labels, *_shared_containers(labels, sink)}
    for entry in entries:
        word = entry.label or entry.word
        if entry.label is not None and id(entry) not in aside:
            entry.name(word)
            continue
        problem = label_problem(word)
        if problem is not None:
            _bad_word(sink, entry, problem)
        number = counts.get(word, 0)
        while (name := f"{word}_{number}" if number else word) in taken:
            number += 1
        counts[word] = number + 1
        taken.add(name)
        entry.name(name)
    return False


def _labelled(entries: list[Entry], sink: Sink) -> tuple[dict[str, Entry], set[int]]:
    """The modules that have their labels as keys, and the branches that stand aside (by identity).

    The label is that of the module with tensors, if there is one: its keys begin with it.
    """
    labels: dict[str, Entry] = {}
    aside: set[int] = set()
    for entry in entries:
        if entry.label is None:
            continue
        first = labels.setdefault(entry.label, entry)
        if first is entry:
            continue
        if _can_stand_aside(entry, first):
            aside.add(id(entry))
        elif _can_stand_aside(first, entry):
            aside.add(id(first))
            labels[entry.label] = entry
        else:
            _twice(sink, entry, first)
    return labels, aside


def _shared_containers(labels: Mapping[str, Entry], sink: Sink) -> dict[str, Entry]:
    """The containers of a body's labels, each with its first member. None is a module itself."""
    found: dict[str, Entry] = {}
    for label, entry in labels.items():
        for container in containers(label):
            found.setdefault(container, entry)
    for container, member in found.items():
        if container in labels:
            _also_a_module(sink, container, labels[container], member)
    return found


def _also_a_module(sink: Sink, name: str, module: Entry, member: Entry) -> None:
    first, again = sorted((module, member), key=lambda entry: entry.span.start)
    as_module, as_container = "a module", f"a container, of `{member.label}`"
    is_module_first = first is module
    sink.error(
        codes.DUPLICATE_NAME,
        f"`{name}` is a module and a container of modules",
        again.span,
        as_container if is_module_first else as_module,
        others=[Label(first.span, as_module if is_module_first else as_container)],
        help=["labels with dots alone make a container: give the module another name"],
    )


def _can_stand_aside(entry: Entry, other: Entry) -> bool:
    """A branch without tensors, of another fork than `other`."""
    is_free = entry.fork is not None and entry.fork is not other.fork
    return is_free and is_stateless(entry.apply)


def _bad_word(sink: Sink, entry: Entry, problem: str) -> None:
    if any(one.code is codes.LABEL and one.span == entry.span for one in sink.diagnostics):
        return  # of its label, which was refused
    sink.error(
        codes.LABEL,
        f"a step without a label is called by its word, and `{entry.word}` cannot be the name of "
        f"a module: {problem}",
        entry.span,
        "needs a label",
        help=[f"for example `{entry.word}1: {entry.word}`"],
    )


def _twice(sink: Sink, again: Entry, first: Entry) -> None:
    is_loop = first.span == again.span
    if again.fork is not None and again.fork is first.fork:
        help = ["the `join` reads a branch by its label: every branch needs its own"]
    elif is_stateless(again.apply):
        help = ["a module without parameters has no key: leave its label out"]
    else:
        help = ["names are state-dict keys: every module needs its own"]
    if again.fork is None and not is_stateless(again.apply):
        help.append(f"`reuse {again.label}` calls the first again")
    if is_loop:
        help.append("in a loop, an index sets them apart: `name[i]`")
    sink.error(
        codes.DUPLICATE_NAME,
        f"two modules of one body are called `{again.label}`",
        again.span,
        "the same name again",
        others=[] if is_loop else [Label(first.span, "the first one")],
        help=help,
    )


def label_problem(label: str) -> str | None:
    """Why a label cannot be the name of a module; None if it can."""
    if label == "":
        return "a label is not empty"
    if len(label) > limits.NAME_LENGTH:
        return f"a label has at most {limits.NAME_LENGTH} characters"
    parts = label.split(".")
    problems = (_part_problem(part, in_container=place > 0) for place, part in enumerate(parts))
    return next((problem for problem in problems if problem is not None), None)


def better_labels(label: str, *, completes: bool) -> list[str]:
    """What to write for a label that cannot be used. `completes`: an index may follow it."""
    if completes and label.endswith(".") and label_problem(f"{label}0") is None:
        return [f'an index completes it: `"{label}"[i]`']
    found = re.sub(r"\W", "_", label).strip("_")[: limits.NAME_LENGTH - 1]
    others = (found, f"{found}_") if found and not found[0].isdigit() else ()
    fit = [other for other in others if other != label and label_problem(other) is None]
    return [f"`{other}` would do" for other in fit[:1]]


def output_problem(name: str) -> str | None:
    """Why a network cannot have an output of that name; None if it can."""
    if name == "":
        return "its name is not empty"
    if len(name) > limits.KEY_LENGTH:
        return f"its name has at most {limits.KEY_LENGTH:,} characters"
    return None if name.isprintable() else "its name holds printable characters only"


def _part_problem(label: str, *, in_container: bool) -> str | None:
    """Why a part of a label, between its dots, cannot be the name of a module."""
    if label == "":
        return "a dot stands between two names"
    if not label.isprintable():
        return "a label holds printable characters only"
    if keyword.iskeyword(label):
        return f"`{label}` is a word of Python's"
    if label.startswith("__") and label.endswith("__"):
        return f"`{label}` is a name that Python keeps for itself"
    if label in MODULE_ATTRIBUTES:
        return f"`{label}` is an attribute of torch's modules"
    if in_container and label in CONTAINER_ATTRIBUTES:
        return f"`{label}` is an attribute of torch's containers"
    return None
