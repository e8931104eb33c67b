"""A warning of a `let` in a group, branch or residual that was meant for what stands behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.language.messages.surroundings import Surroundings
from resdsl.language.names.elsewhere import Binder
from resdsl.language.names.mentions import mentions
from resdsl.records import dataclass
from resdsl.source import Span
from resdsl.syntax import tree

_HERE = frozenset({"here", "in"})


@dataclass(frozen=True, slots=True)
class _Braces:
    """Where a `let` ends, of what that is a part, and the outermost loop around it there."""

    body: tree.Body
    owner: tree.Apply | tree.Stage | tree.Branch | tree.Residual
    loop: tree.For | None = None

    @property
    def word(self) -> str:
        match self.owner:
            case tree.Residual(main=main):
                return "main" if main is self.body else "shortcut"
            case tree.Branch():
                return "branch"
            case _:
                return "group"


def warn_of_lost_lets(around: Surroundings, read: Iterable[tree.Name], sink: Sink) -> None:
    """Tells of each that gives a name of outside a value which nothing in its braces reads.

    `read`: the names that the definition reads. What reads the name to rebind it only hands on.
    """
    by_name: dict[str, list[tree.Let]] = {}
    for node in around.nodes:
        if isinstance(node, tree.Let):
            by_name.setdefault(node.name.id, []).append(node)
    places: dict[str, list[Span]] = {}
    for mention in read if by_name else ():
        places.setdefault(mention.id, []).append(mention.span)
    for name, lets in by_name.items():
        binders = [one for one in around.binders.of(name) if _binds(one, name)]
        if len(binders) < 2 or name not in places:
            continue  # what is read nowhere is told of anyway
        reads = [
            span for span in places[name] if not any(let.value.span.holds(span) for let in lets)
        ]
        told: set[int] = set()
        for let in sorted(lets, key=lambda let: let.span.start):
            braces = _braces(around, let)
            if braces is None or id(braces.body) in told or _is_read(let, braces, reads):
                continue
            outside = [one for one in binders if _is_seen(around, one, braces.body)]
            if outside:
                told.add(id(braces.body))
                _tell(let, braces, max(outside, key=lambda one: one.span.start), sink)


def _binds(binder: Binder, name: str) -> bool:
    """Whether it binds just this name, to the end of some braces."""
    is_one = not isinstance(binder.node, tree.Keep) or binder.node.index is None
    return binder.kind != "branch" and is_one and binder.span.text == name


def _braces(around: Surroundings, node: Any) -> _Braces | None:
    """None for those of the definition itself."""
    body: tree.Body | None = None
    loop: tree.For | None = None
    for outer in around.enclosing(node):
        match outer:
            case tree.Body():
                body = outer
            case tree.For():
                loop = outer
            case tree.Apply() | tree.Stage() | tree.Branch() | tree.Residual() if body is not None:
                return _Braces(body, outer, loop)
            case _:
                pass
    return None


def _is_read(let: tree.Let, braces: _Braces, reads: Iterable[Span]) -> bool:
    """Whether something behind it does, or another turn of the loop."""
    loop = braces.loop
    for span in reads:
        if let.span.stop <= span.start < braces.body.span.stop:
            return True
        if loop is not None and loop.body.span.holds(span):
            return True
    return False


def _is_seen(around: Surroundings, binder: Binder, body: tree.Body) -> bool:
    """Whether a name that is bound before these braces is seen in them."""
    if binder.span.start >= body.span.start:
        return False
    there = _braces(around, binder.node)
    return there is None or there.body.span.holds(body.span)


def _tell(let: tree.Let, braces: _Braces, outside: Binder, sink: Sink) -> None:
    name, word = let.name.id, braces.word
    the = word if word == "main" else f"the {word}"
    help = [f"put what reads `{name}` into the braces"]
    if word == "group":
        help[0] += ", or leave the braces out"
    # What a repetition keeps ends with it.
    copied = not isinstance(braces.owner, tree.Residual) and braces.owner.count is not None
    if mentions(let.value, _HERE) and not copied:
        kept = ", as `keep made[i]`," if braces.loop is not None else ""
        help.append(f"a `keep` of another name{kept} is seen to the end of the definition")
    sink.warning(
        codes.UNREAD,
        f"nothing reads this `{name}`: a `let` ends with its braces, and behind {the} "
        f"`{name}` is what it was",
        let.span,
        f"ends with {the}",
        others=[Label(outside.span, "seen again behind it")],
        help=help,
    )
