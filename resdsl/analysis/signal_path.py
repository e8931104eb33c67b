"""What stands on the way from x_l to x_L, past the mains of the residuals between them.

He et al. 2016, "Identity Mappings in Deep Residual Networks", 1603.05027, equations 3 to 8: where
shortcuts and what follows their sums are identities, x_L is x_l and a sum, and so is the gradient.
A factor on every shortcut multiplies, and whatever else stands there is passed as often as there
are units.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod
from typing import TypeVar

from resdsl.analysis.path_fold import Paths
from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use
from resdsl.design.keys import containers
from resdsl.design.liveness import Liveness
from resdsl.design.model import Apply, Body, Definition, Fork, Join, Keep, Ref, Residual, Step
from resdsl.design.network import Network
from resdsl.design.walk import bodies
from resdsl.ops import Op
from resdsl.records import dataclass

T = TypeVar("T", str, float)


@dataclass(frozen=True, slots=True)
class SkipPath:
    """One way to a value: the steps on it and how often each is passed, the factors on it, and the
    sums that it goes through on the side of the shortcut."""

    steps: tuple[tuple[str, int], ...] = ()
    factors: tuple[tuple[float, int], ...] = ()
    sums: int = 0
    # Of two ways the one of less effort is meant: moving elements about is no layer.
    effort: int = 0

    @property
    def is_identity(self) -> bool:
        return not self.steps and self.scaling == 1

    @property
    def scaling(self) -> float:
        """The product of the factors."""
        return prod(factor**count for factor, count in self.factors)

    def then(self, other: SkipPath) -> SkipPath:
        if self == HERE:
            return other
        return SkipPath(
            _added(self.steps, other.steps),
            _added(self.factors, other.factors),
            self.sums + other.sums,
            self.effort + other.effort,
        )

    def times(self, n: int) -> SkipPath:
        if n == 0:
            return HERE
        return SkipPath(
            tuple((step, n * count) for step, count in self.steps),
            tuple((factor, n * count) for factor, count in self.factors),
            n * self.sums,
            n * self.effort,
        )

    def past(self, step: str, effort: int) -> SkipPath:
        return self.then(SkipPath(((step, 1),), effort=effort))

    def scaled(self, factor: float) -> SkipPath:
        return self.then(SkipPath(factors=((factor, 1),), effort=1))

    def text(self) -> str:
        """`the identity`, or what stands on it: `3 × relu, 1×1 conv`."""
        parts = [name if count == 1 else f"{count} × {name}" for name, count in self.steps]
        return ", ".join([*parts, *self._scaling()]) or "the identity"

    def _scaling(self) -> list[str]:
        if not self.factors:
            return []
        powers = [_power(factor, count) for factor, count in self.factors]
        product = "" if powers == [f"{self.scaling:.3g}"] else f" = {self.scaling:.3g}"
        return [f"scaled by {' · '.join(powers)}{product}"]


def _power(factor: float, count: int) -> str:
    """`0.5`, `0.5^54`, `(-1)^3`."""
    text = f"{factor:g}"
    if count == 1:
        return text
    return f"({text})^{count}" if "-" in text else f"{text}^{count}"


HERE = SkipPath()


def _added(
    ones: tuple[tuple[T, int], ...], others: tuple[tuple[T, int], ...]
) -> tuple[tuple[T, int], ...]:
    total = Counter(dict(ones))
    total.update(dict(others))
    return tuple(total.items())


@dataclass(frozen=True, slots=True)
class StagePath:
    """The way through one stage. `later` is that from the second unit on, None for a single one."""

    name: str
    units: int
    way: SkipPath
    later: SkipPath | None


@dataclass(frozen=True, slots=True)
class SignalPath:
    """The ways through the stages of a network, and from the first stage to the last."""

    name: str
    stages: tuple[StagePath, ...]
    whole: SkipPath


class _SkipPaths(Paths[SkipPath | None]):
    """Follows the way from an input. None: a value that no way leads to."""

    def __init__(self, rank: int) -> None:
        super().__init__()
        self.rank = rank

    def through(self, op: Op, value: SkipPath | None) -> SkipPath | None:
        if value is None or op.is_identity:
            return value
        if op.constant_factor is not None:
            return value.scaled(float(op.constant_factor))
        is_layer = op.is_weighted or op.is_norm or op.is_activation
        return value.past(self._name(op), 3 if is_layer else 2)

    def _name(self, op: Op) -> str:
        word = op.name.replace("_", " ")
        return f"{op.window.text(self.rank)} {word}" if self.rank and op.window else word

    def meet(self, values: Iterable[SkipPath | None]) -> SkipPath | None:
        """The way of least effort."""
        known = [value for value in values if value is not None]
        return min(known, key=lambda way: way.effort, default=None)

    def added(self, main: SkipPath | None, skip: SkipPath | None) -> SkipPath | None:
        return main if skip is None else skip.then(SkipPath(sums=1))

    def joined(self, expression: Expression, at: dict[Ref, SkipPath | None]) -> SkipPath | None:
        match expression:
            case Use(ref):
                return at[ref]
            case Copies(_, refs):
                return self.meet(at[ref] for ref, _ in refs)
            case Scalar():
                return None
            case Combine(op, operands):
                return self._combined(op, operands, at)

    def _combined(
        self, op: str, operands: tuple[Expression, ...], at: dict[Ref, SkipPath | None]
    ) -> SkipPath | None:
        ways = [self.joined(operand, at) for operand in operands]
        best = self.meet(ways)
        if best is None:
            return None
        tensors = sum(not isinstance(operand, Scalar) for operand in operands)
        if op == "*":
            for operand in operands:
                if isinstance(operand, Scalar):
                    best = best.scaled(float(operand.value))
            return best.past("gate", 2) if tensors > 1 else best
        if op == "-" and ways[0] != best:
            best = best.scaled(-1.0)
        if op in ("+", "-"):
            return best.then(SkipPath(sums=1)) if tensors > 1 else best
        return best if op == "sum" else best.past(op, 2)

    def repeated(
        self, copy: Callable[[SkipPath | None], SkipPath | None], start: SkipPath | None, count: int
    ) -> SkipPath | None:
        first = copy(start)
        again = copy(HERE)
        if first is None or again is None:
            return first
        return first.then(again.times(count - 1))

    def results(
        self, definition: Definition, inputs: tuple[SkipPath | None, ...]
    ) -> tuple[SkipPath | None, ...]:
        """A shortcut is a way from its input, whatever else it does with main."""
        return super().results(definition, (inputs[0], *(None for _ in inputs[1:])))

    def relative(self, inputs: tuple[SkipPath | None, ...]) -> tuple[SkipPath | None, ...]:
        return (HERE, *inputs[1:]) if _is_alone(inputs) else inputs

    def absolute(
        self, result: SkipPath | None, inputs: tuple[SkipPath | None, ...]
    ) -> SkipPath | None:
        first = inputs[0]
        if result is None or first is None or not _is_alone(inputs):
            return result
        return first.then(result)

    def step(self, step: Step) -> list[tuple[SkipPath, int]]:
        """The ways through a step of the network, by runs of equal copies."""
        if isinstance(step, Apply):
            at: dict[Ref, SkipPath | None] = defaultdict(lambda: None)
            copies = [(self._copy(step, run, at)(HERE), run.count) for run in step.runs]
            return [(_LOST if way is None else way, count) for way, count in copies]
        if isinstance(step, Residual | Fork):
            way = self.between([step], Body(step.input, step.output, [step]))
            return [(_LOST if way is None else way, 1)]
        return []

    def between(self, steps: Sequence[Step], body: Body) -> SkipPath | None:
        """The way from what enters the first of these steps to the result of the last."""
        if not steps:
            return None
        at: dict[Ref, SkipPath | None] = defaultdict(lambda: None)
        start = next((s.input for s in steps if not isinstance(s, Keep | Join)), body.input)
        at[start] = HERE
        self._body(Body(start, body.output, list(steps)), at)
        made = [s.output for s in steps if not isinstance(s, Keep)]
        return at[made[-1]] if made else None


def _is_alone(inputs: tuple[SkipPath | None, ...]) -> bool:
    """Whether a way leads to the first, and none to another."""
    return inputs[0] is not None and not any(way is not None for way in inputs[1:])


_LOST = SkipPath((("no way through", 1),))


def signal_path(network: Network) -> SignalPath:
    """The ways through the stages of a network; without any, through whatever has residuals."""
    ways, body = _SkipPaths(len(network.input.names)), network.root.body
    counts = Liveness(network.root).counts
    parts = [(name, step, ways.step(step)) for name, step in _opened(body, counts)]
    has_stages = any(_is_stage(step) for _, step, _ in parts)
    rows = tuple(
        _row(name, part)
        for name, step, part in parts
        # `x 0` has no unit.
        if part and (_is_stage(step) if has_stages else any(way.sums for way, _ in part))
    )
    steps = [step for step in body.steps if counts(step)]
    if rows:
        heads = {head for row in rows for head in (*containers(row.name), row.name)}
        shown = [i for i, step in enumerate(steps) if _name(step) in heads]
        steps = steps[shown[0] : shown[-1] + 1]
    whole = ways.between(steps, body) or HERE
    return SignalPath(network.name, rows, whole if rows or whole.sums else HERE)


def _is_stage(step: Step) -> bool:
    return isinstance(step, Apply) and step.stage


def _opened(
    body: Body, counts: Callable[[Step], bool], path: str = ""
) -> Iterator[tuple[str, Step]]:
    """The steps of a body by their names; groups that stand there once, as those in them."""
    for step in filter(counts, body.steps):
        name = path + _name(step)
        groups = list(bodies(step)) if isinstance(step, Apply) and not step.repeated else []
        if groups and not _is_stage(step):
            yield from _opened(groups[0], counts, f"{name}.")
        else:
            yield name, step


def _name(step: Step) -> str:
    return step.key if isinstance(step, Apply) else type(step).__name__.lower()


def _all(parts: list[tuple[SkipPath, int]]) -> SkipPath:
    whole = HERE
    for way, count in parts:
        whole = whole.then(way.times(count))
    return whole


def _row(name: str, parts: list[tuple[SkipPath, int]]) -> StagePath:
    (first, count), *rest = parts
    units = sum(count for _, count in parts)
    # A unit may hold several, one after the other.
    held = max(units, _all(parts).sums)
    later = _all([(first, count - 1), *rest]) if units > 1 else None
    return StagePath(name, held, _all(parts), later)
