"""Mistakes in shapes, told with both shapes, the axis, and the step that made each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from math import lcm, prod
from typing import TYPE_CHECKING

from resdsl.design.liveness import Liveness
from resdsl.design.model import Apply, Definition, Fork, Instance, Join, Residual
from resdsl.design.network import InputSpec
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Frame as Link
from resdsl.diagnostics.diagnostic import Label, Sink, is_allowed
from resdsl.diagnostics.fixes import Fix
from resdsl.extents import Extent, Shape
from resdsl.extents.agreement import Agreement
from resdsl.extents.conditions import Condition, agree_where, cure, meant, text_where
from resdsl.ops import Op
from resdsl.ops.needs import Need, Needs
from resdsl.records import dataclass
from resdsl.source import Span

if TYPE_CHECKING:
    from resdsl.language.messages.mending import Mend
    from resdsl.language.values.context import Frame

# Sizes in a row that are tried for one at which two extents differ.
_SEARCH = 4_096
# Of these in a row, strides leave another rest at one.
_NEAR = 64
_UNPROVED = "no size was found at which they differ; each that is asked for is checked"


# What decides how long the ways of std's blocks are.
_WAYS = ("shortcut", "tail", "unit", "stride", "k", "dilation")


@dataclass(frozen=True, slots=True)
class _Sometimes:
    """A warning that is to be told. `cause` is where, if that is not the sum or join itself."""

    message: str
    span: Span | None
    cause: Span | None
    label: str
    others: tuple[Label, ...]
    help: tuple[str, ...]
    fix: Fix | None
    chain: tuple[Link, ...] = ()


class ShapeErrors:
    """Reports to the sink what does not hold at the declared input."""

    def __init__(self, sink: Sink, input: InputSpec) -> None:
        self.sink = sink
        self.input = input
        # What gave it another number of spatial dimensions than is declared, where it stands.
        self.rank_set_by: Label | None = None
        # The errors that there were when shapes began to be followed through a definition.
        self._most: int | None = None
        # What the network declares of its free extents.
        self.conditions: tuple[Condition, ...] = ()
        # Where messages speak of a sum or join.
        self.places: dict[Residual | Fork | Join, Span] = {}
        # Calls whose numbers are in another library's order, where an error has told of it.
        self._in_other_order: set[Span | None] = set()
        # Of what agrees at some sizes only: whether anything reads it is known at the end.
        self._sometimes: list[_Sometimes] = []

    # --- what an inference observes ---

    @contextmanager
    def first(self) -> Iterator[None]:
        """Of what is observed meanwhile, the first mistake is told: shapes behind it follow from
        it."""
        before, self._most = self._most, self.sink.errors
        try:
            yield
        finally:
            self._most = before

    @property
    def _is_told(self) -> bool:
        return self._most is not None and self.sink.errors > self._most

    def needs(self, apply: Apply, op: Op, shape: Shape, needs: Needs) -> None:
        if not self._is_told:
            self.check_needs(op, shape, needs, apply.span)

    def meet(self, step: Residual | Fork | Join, met: Agreement, one: Shape, two: Shape) -> None:
        if self._is_told:
            return
        span = self.places.get(step, step.span)
        self.disagreement(met, one, two, span, [], residual=isinstance(step, Residual))

    def features(self, apply: Apply, op: Op, shape: Shape, expected: int) -> None:
        got = self.feature_count(shape)
        if got is not None and got != expected and not self._is_told:
            self.sink.error(
                codes.MISMATCH,
                f"`{op.name}` was sized for {int(expected)} features, but {got} come in",
                apply.span,
                f"{got} features at this input size",
            )

    def inside(self, apply: Apply, instance: Instance) -> AbstractContextManager[None]:
        return self.sink.within(lambda: f"`{instance.definition.name}`", apply.span)

    # --- checks ---

    def feature_count(self, shape: Shape) -> int | None:
        """The features of a flat tensor at the declared input; None where an extent is free."""
        values = [self.value(extent) for extent in shape.extents]
        if any(value is None for value in values):
            return None
        return int(shape.channels) * prod(value for value in values if value is not None)

    def value(self, extent: Extent) -> int | None:
        if extent.axis is None:
            return extent.offset
        declared = self.input.extents[extent.axis]
        return None if declared is None else extent.at(declared)

    def check_needs(
        self, op: Op, shape: Shape, needs: Needs, span: Span | None, also: Sequence[str] = ()
    ) -> bool:
        """True if all hold at the declared input (a free extent holds: it has a minimum).

        `also`: what else there is to say where one does not.
        """
        failed = next((need for need in needs if not need.holds(self.value)), None)
        if failed is not None:
            self._too_small(op, shape, failed, span, also)
        return failed is None

    def _too_small(
        self, op: Op, shape: Shape, need: Need, span: Span | None, also: Sequence[str]
    ) -> None:
        if self._is_told_at_call():
            return
        message = need.message(op.name, "x".join(str(n) for n in self._numbers(shape)[1:]))
        order = self.sink.told(codes.ORDER)
        if order is not None:
            # That is why: one message, at the call.
            self.sink.diagnostics.remove(order)
            self._in_other_order.add(order.span)
            label, help = order.message, order.help
            self.sink.error(need.code, message, order.span, label, help=help)
            return
        fits = need.fits(self.input.names)
        self.sink.error(
            need.code,
            message,
            span,
            f"{self.text(shape)} comes in",
            help=[*also, *([f"it fits where the input has {fits}"] if fits else [])],
        )

    def _is_told_at_call(self) -> bool:
        """Whether what is elaborated is of a call whose numbers were told to be no such."""
        return any(link.span in self._in_other_order for link in self.sink.chain)

    def disagreement(
        self,
        met: Agreement,
        one: Shape,
        two: Shape,
        span: Span | None,
        made: list[Label],
        *,
        residual: bool,
        help: tuple[str, ...] = (),
        mended: Mend | None = None,
        frame: Frame | None = None,
    ) -> bool:
        """Reports two shapes that do not agree; False if they do agree at the declared input."""
        first, second = (
            ("main", "the shortcut") if residual else ("the left side", "the right side")
        )
        if self._is_told_at_call():
            return True
        where = "a residual adds" if residual else "this joins"
        if met.kinds or met.channels:
            axis = "channels differ" if met.channels else "a map meets a vector"
            if met.kinds and one.flat and two.flat:
                axis = "the length of a vector depends on the input size"
                help = (*help, "join the maps before `flatten`, or pool globally")
            elif met.kinds and one.flat == two.flat:
                axis = "the numbers of spatial dimensions differ"
            self.sink.error(
                codes.MISMATCH,
                f"{where} shapes that differ: {first} gives {self.text(one)}, {second} "
                f"{self.text(two)} ({axis})",
                span,
                axis,
                others=made,
                help=help,
            )
            return True
        return self._extents(met, one, two, span, made, where, (first, second), help, mended, frame)

    def _extents(
        self,
        met: Agreement,
        one: Shape,
        two: Shape,
        span: Span | None,
        made: list[Label],
        where: str,
        names: tuple[str, str],
        help: tuple[str, ...],
        mended: Mend | None,
        frame: Frame | None,
    ) -> bool:
        if mended is not None:
            help = (*help, mended.text)
        fix = None if mended is None else mended.fix
        sometimes: tuple[str, Extent, Extent, str] | None = None
        for axis, left, right in met.extents:
            here, there = self.value(left), self.value(right)
            name = self.input.names[axis] if axis < len(self.input.names) else f"dimension {axis}"
            if agree_where(left, right, self.conditions):
                continue
            failing = self._failing(left, right, frame)
            # Of so long a period that no equality is proved: opaque (extents/extent.py).
            unproved = failing is None and (left.is_opaque or right.is_opaque) and here == there
            if not unproved and (here is None or there is None or here != there):
                at = "" if here is None or there is None else f" ({here} and {there} along {name})"
                cures = self._cure(met) if here is None or there is None else None
                if mended is None and here is not None and there is not None:
                    help = (*help, *_evened(left, right, here, there, self.input.extents[axis]))
                self.sink.error(
                    codes.MISMATCH,
                    f"{where} shapes that differ: {names[0]} gives {self.text(one)}, {names[1]} "
                    f"{self.text(two)}{at}",
                    span,
                    f"the extents along {name} differ",
                    others=made,
                    help=[*filter(None, (None if at else failing, cures)), *help],
                    fix=fix,
                )
                return True
            # The other dimensions have the same cause: one is told.
            label = _UNPROVED if unproved else failing or "they agree at the declared size"
            sometimes = sometimes or (name, left, right, label)
        if sometimes is not None:
            name, left, right, label = sometimes
            known = "are not proved to agree" if label is _UNPROVED else "agree at some sizes only"
            message = (
                f"{where} shapes that {known}: along {name}, {names[0]} gives "
                f"{left.text(name)} and {names[1]} {right.text(name)}"
            )
            cause = self._cause(span, mended, frame)
            if cause is not None and span is not None:
                label = f"with this, {label}"
                made = [Label(span, "they meet here"), *made]
            found = _Sometimes(message, span, cause, label, tuple(made), help, fix)
            self._sometimes.append(replace(found, chain=self.sink.chain))
            self.sink.reports += 1
        return False

    def _cause(self, span: Span | None, mended: Mend | None, frame: Frame | None) -> Span | None:
        """What brings a disagreement about, where that is told once for many uses: a step that
        another definition has, or in std's text what makes std's block so."""
        step = None if mended is None else mended.span
        if step is not None and not step.source.library:
            own = None if frame is None else frame.symbol.node.span
            if own is None or not own.holds(step):
                return step
        return self.sink.cause(_WAYS) if span is not None and span.source.library else None

    def tell(self, root: Definition | None) -> None:
        """Tells of what agrees at some sizes only, but of what nothing in a network reads."""
        unread: set[Span] = set()
        if root is not None and self._sometimes:
            liveness = Liveness(root)
            unread = {span for step, span in self.places.items() if not liveness.is_read(step)}
            unread -= {span for step, span in self.places.items() if liveness.is_read(step)}
        strange = self._in_other_order | {
            one.span for one in self.sink.diagnostics if one.code is codes.ORDER
        }
        for found in self._sometimes:
            span = found.span
            if not strange.isdisjoint({found.cause, *(link.span for link in found.chain)} - {None}):
                continue  # that is why
            if span is not None and (span in unread or is_allowed(codes.SOME_SIZES, span)):
                continue
            self.sink.warning(
                codes.SOME_SIZES,
                found.message,
                found.cause or span,
                found.label,
                others=found.others,
                chain=found.chain,
                help=found.help,
                fix=found.fix,
            )
        self._sometimes.clear()

    def _cure(self, met: Agreement) -> str | None:
        """Where two shapes agree along all their dimensions, those that agree as it is left out."""
        pairs = [(a, b) for _, a, b in met.extents if not agree_where(a, b, self.conditions)]
        found = [cure(left, right) for left, right in pairs]
        cures = [one for one in found if one is not None]
        if not cures or len(cures) < len(found):
            return None
        text = " and ".join(one.text(self.input.names[one.axis]) for one in cures)
        axes = {one.axis for one in cures}
        mine = [condition for condition in self.conditions if condition.axis in axes]
        if mine:
            both = all(
                meant([one, *(other for other in mine if other.axis == one.axis)], 1)
                for one in cures
            )
            how = "too weak" if both else "no use for this join"
            return f"what is declared is {how}: they agree where {text}"
        return f"they agree where {text}: declare it with `expect {text}`"

    def _failing(self, left: Extent, right: Extent, frame: Frame | None) -> str | None:
        """The smallest input extent that is meant, and at which two differ, as a sentence.

        Of an extent that is too small for what comes before there would be nothing to compare.
        """
        axes = {extent.axis for extent in (left, right) if extent.axis is not None}
        if len(axes) != 1:
            return None
        axis = axes.pop()
        start = max(1, *(e.least(1) for e in (left, right) if e.axis is not None))
        start = max(start, frame.least_input(axis) if frame is not None else 1)
        mine = [condition for condition in self.conditions if condition.axis == axis]
        # Maps that grow differently may agree for a whole period.
        period = 2 * lcm(left.stride, right.stride, *(condition.modulus for condition in mine))
        for h in meant(mine, start, period)[:_SEARCH]:
            if left.at(h) != right.at(h):
                name = self.input.names[axis]
                return f"at {name} = {h} they are {left.at(h)} and {right.at(h)}"
        return None

    # --- words ---

    def _numbers(self, shape: Shape) -> tuple[int | str, ...]:
        return (
            int(shape.channels),
            *(
                self._extent_text(extent) if (value := self.value(extent)) is None else value
                for extent in shape.extents
            ),
        )

    def _extent_text(self, extent: Extent) -> str:
        name = "" if extent.axis is None else self.input.names[extent.axis]
        return text_where(extent, name, self.conditions)

    def text(self, shape: Shape) -> str:
        """`256x56x56`, a vector as `2048`."""
        if shape.flat:
            count = self.feature_count(shape)
            return f"a vector of {count}" if count is not None else "a vector"
        return "x".join(str(part) for part in self._numbers(shape))


def _evened(left: Extent, right: Extent, here: int, there: int, declared: int | None) -> list[str]:
    """What makes up for one row, as an even window or an odd map leaves it over."""
    if abs(here - there) != 1:
        return []
    like = (
        "`crop(like=…)` behind the larger, or `pad(like=…)` or `upsample(like=…)` behind the "
        "smaller, makes them equal"
    )
    if declared is None or left.axis is None or left.axis != right.axis:
        return [like]
    near = range(declared, declared + _NEAR)
    if all(left.at(h) - right.at(h) == here - there for h in near):
        return ["an even window makes a map one smaller: `pad(0, 1)` before it keeps the extents"]
    return [like]


def maker(frame: Frame, ref: int, what: str) -> Label | None:
    """A label at the step that made a value."""
    word, span = frame.makers[ref]
    return Label(span, what.format(word)) if span is not None else None
