"""A warning of steps whose results nothing reads: they are there, and not called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.analysis.advisor import Advisor, Place
from resdsl.design.join_expressions import Use, tensors
from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Ref,
    Residual,
    Step,
)
from resdsl.design.walk import bodies, modules
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label
from resdsl.source import Span

# Steps, and tensors, that a message names.
_NAMED = 3


def warn_of_unread(advisor: Advisor, definition: Definition) -> None:
    """Tells of the outermost steps of a definition that do not count."""
    _Looker(advisor, definition).body(definition.body)


class _Looker:
    def __init__(self, advisor: Advisor, definition: Definition) -> None:
        self.advisor = advisor
        self.liveness = advisor.liveness
        self.definition = definition
        # What the author calls values.
        self.kept: dict[Ref, str] = {definition.input: "in"}

    def body(self, body: Body) -> None:
        """Those in a row are one mistake."""
        row: list[Step] = []
        for step in body.steps:
            if isinstance(step, Keep):
                self.kept[step.ref] = step.name
            if _is_nothing(step):
                continue
            if not self.liveness.counts(step):
                row.append(step)
                continue
            self._row(row, step)
            row = []
            self._inside(step)
        self._row(row, None)

    def _inside(self, step: Step) -> None:
        match step:
            case Residual():
                self._residual(step)
            case Fork() if not self.liveness.is_read(step):
                self._tell("nothing reads the result of this `fork`", step.span, "not computed")
            case Fork():
                for branch in step.branches:
                    if not self.liveness.is_read(branch.apply):
                        self._branch(branch)
        for apply in modules(step):
            if self.liveness.is_read(apply):
                self._copies(apply)
                for inner in bodies(apply):
                    self.body(inner)

    def _residual(self, step: Residual) -> None:
        main = [inner for inner in step.main.steps if not _is_nothing(inner)]
        if not self.liveness.is_read(step):
            self._tell("nothing reads the sum of this residual", step.span, "not computed")
            self.body(step.main)
        elif not main or any(map(self.liveness.counts, main)):
            self.body(step.main)
        elif step.shortcut is None or not self._is_told(step.shortcut):
            shortcut = None if step.shortcut is None else step.shortcut.span
            self._tell(
                "nothing reads the main of this residual, which is not called: its shortcut gives "
                "the value, and leaves main out",
                _whole(main),
                "not called",
                others=[Label(shortcut, "gives the value")] if shortcut else [],
                help=["`join main + here` at the end of the shortcut reads both"],
            )

    def _is_told(self, shortcut: Apply) -> bool:
        """Whether a shortcut has steps that nothing reads: it is these that read main."""
        for run in shortcut.runs:
            match run.unit:
                case Instance(definition):
                    body = definition.body
                case Group(body):
                    pass
                case _:
                    continue
            if not all(self.liveness.counts(step) or _is_nothing(step) for step in body.steps):
                return True
        return False

    def _branch(self, branch: Branch) -> None:
        self._tell(
            f"the `join` of this fork does not read its branch `{branch.label}`, which is not "
            "called",
            branch.apply.span,
            "not called",
            help=["name the branch in the `join`, or leave it out"],
        )

    def _copies(self, apply: Apply) -> None:
        skipped = sum(self.liveness.skipped(apply, run) for run in apply.runs)
        if skipped:
            copies = "the first copy" if skipped == 1 else f"the first {skipped:,} copies"
            self._tell(
                f"nothing reads the result of {copies} of this `{_name(apply)}`: the next copy "
                "begins with another tensor",
                apply.span,
                f"{skipped:,} of {apply.count:,} are not called",
                help=["leave out the `join` that begins a copy: it is fed what the last one made"],
            )

    def _row(self, steps: Sequence[Step], after: Step | None) -> None:
        if not steps:
            return
        names = list(dict.fromkeys(name for step in steps for name in _names(step)))
        if names:
            are = "are not called" if len(names) > 1 else "is not called"
            message = f"nothing reads what {_listed(names)} makes, which {are}"
            if len(names) > 1:
                message = f"nothing reads what {_listed(names)} make: they {are}"
        else:
            message = "nothing reads the result of this `join`, which is not computed"
        reads = [] if after is None else self._reads(after)
        others = []
        if after is not None and after.span is not None and reads:
            others.append(Label(after.span, f"reads {_listed(reads)}"))
        self._tell(
            message,
            _whole(steps),
            "not called" if names else "not computed",
            others=others,
            help=[
                "read it in a `join`, where it is `here`, or leave it out"
                if len(names) < 2
                else "read the last in a `join`, where it is `here`, or leave them out"
            ],
        )

    def _reads(self, step: Step) -> list[str]:
        """What a step reads, as its author calls it; nothing where that has no name."""
        if isinstance(step, Join):
            names = [use.name for use in tensors(step.join)]
        elif isinstance(step, Apply | Residual | Fork) and step.input in self.kept:
            names = [self.kept[step.input]]
        else:
            names = []
        return [f"`{name}`" for name in dict.fromkeys(names)]

    def _tell(
        self,
        message: str,
        span: Span | None,
        label: str,
        *,
        others: Sequence[Label] = (),
        help: Sequence[str] = (),
    ) -> None:
        place = Place(self.definition, span)
        self.advisor.tell(codes.UNREAD_STEP, message, place, label, others=others, help=help)


def _is_nothing(step: Step) -> bool:
    """A name, another name for a tensor, `x 0`, an empty group."""
    match step:
        case Keep() | Join(join=Use()):
            return True
        case Join(span=Span() as span):
            # Computed for a `let` or an argument, of whose names the text's check tells.
            return not span.text.startswith("join")
        case Apply():
            groups = (run.unit for run in step.runs)
            return all(isinstance(unit, Group) and unit.body.is_idle for unit in groups)
        case _:
            return False


def _names(step: Step) -> Iterator[str]:
    match step:
        case Apply():
            yield f"`{_name(step)}`"
        case Residual():
            yield "a residual"
        case Fork():
            yield "a fork"


def _name(apply: Apply) -> str:
    return apply.label or apply.word


def _listed(names: Sequence[str]) -> str:
    if len(names) > _NAMED:
        return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _whole(steps: Sequence[Step]) -> Span | None:
    """From the first of these steps to the last, if they stand so in one text."""
    spans = [step.span for step in steps if step.span is not None]
    if not spans:
        return None
    first, last = spans[0], spans[-1]
    return first.to(last) if first.source is last.source and first.start <= last.start else first
