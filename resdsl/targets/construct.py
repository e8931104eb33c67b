"""How a module is built: `nn.Conv2d(64, 128, 3, 2, padding=1)`, `Bottleneck(256, 64)`, a container.

An expression stands at one place of a class and builds the module there for every member. Where
none can, because members have different modules or numbers that no expression gives,
`InexpressibleError` is raised and the caller makes the module a parameter. Nothing is remembered
from one expression to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.design.model import Apply, Definition, Group, Instance, Run, Unit
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.ops.base import CHANNELS_LAST_SEQUENTIAL, Helper
from resdsl.provenance import Leaf
from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.class_names import GivenModule, ModuleParameter, NumberParameter, Parameter
from resdsl.targets.class_numbers import (
    ClassNumbers,
    Formula,
    Frames,
    InexpressibleError,
    Number,
    as_float,
    number,
)
from resdsl.targets.classes import Classes, Emitted
from resdsl.targets.formulas import substituted
from resdsl.targets.nodes import (
    Binary,
    Call,
    Generator,
    Items,
    Keyword,
    Node,
    Pair,
    Text,
    literal,
    parts,
)
from resdsl.targets.program import Invoke, likeness
from resdsl.targets.progressions import progressions


@dataclass(frozen=True, slots=True)
class Placed:
    """A module of one member, inside calls that gave `frames` as arguments, the innermost first."""

    apply: Apply
    frames: Frames = ()


@dataclass(frozen=True, slots=True)
class Built(Call):
    """A module built by a class of the file: one of the network's, or a helper with its text."""

    emitted: Emitted | None = None
    helper: Helper | None = None


@dataclass(frozen=True, slots=True)
class Handed(GivenModule):
    """A module that the caller builds: all callers by the classes `emitted`, which a reader of this
    class wants to have seen."""

    emitted: tuple[Emitted, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    unit: Unit
    shape: Shape
    frames: Frames


class Construct:
    """Builds expressions for modules in one constructor."""

    def __init__(
        self,
        classes: Classes,
        numbers: ClassNumbers,
        parameters: Callable[[Emitted], Sequence[Parameter]],
        *,
        in_row: bool = False,
    ) -> None:
        """`parameters` of the classes that are called. `in_row`: a number that rises from copy to
        copy is given to each, also where it has the value of a default."""
        self.classes = classes
        self.numbers = numbers
        self.parameters = parameters
        self.in_row = in_row

    def module(
        self, column: Sequence[Placed], *, inplace: bool = False, hint: str | None = None
    ) -> Node:
        """The expression for a module; `hint` names parameters for numbers that nothing gives."""
        repeated = column[0].apply.repeated
        if any(placed.apply.repeated != repeated for placed in column):
            raise InexpressibleError
        if repeated:
            return self._container(column)
        units = [PlacedUnit(p.apply.unit, p.apply.runs[0].shape, p.frames) for p in column]
        return self._unit(units, inplace, hint)

    def handed(self, applies: Sequence[Apply]) -> Handed:
        """A module that all callers build."""
        rows = zip(*(apply.runs for apply in applies), strict=False)
        classes = [{self._class_of(run.unit) for run in row} for row in rows]
        emitted = tuple(one for made in classes if len(made) == 1 for one in made if one)
        is_list = self.classes.is_list(applies[0])
        return Handed(applies[0].key, tuple(applies), is_list, emitted)

    def _class_of(self, unit: Unit) -> Emitted | None:
        match unit:
            case Instance(definition):
                return self.classes.of(definition.body)
            case Group(body):
                return self.classes.of(body)
            case _:
                return None

    def _unit(self, column: Sequence[PlacedUnit], inplace: bool, hint: str | None) -> Node:
        first = column[0].unit
        if any(type(placed.unit) is not type(first) for placed in column):
            raise InexpressibleError
        if isinstance(first, Op):
            return self._operator(column, inplace, hint)
        calls: list[tuple[Emitted, int, Frames]] = []
        for placed in column:
            match placed.unit:
                case Instance(definition, arguments):
                    emitted = self.classes.of(definition.body)
                    position = emitted.position(definition.body)
                    calls.append((emitted, position, (arguments, *placed.frames)))
                case Group(body):
                    emitted = self.classes.of(body)
                    calls.append((emitted, emitted.position(body), placed.frames))
        if any(emitted is not calls[0][0] for emitted, _, _ in calls):
            raise InexpressibleError
        called = [(position, frames) for _, position, frames in calls]
        if calls[0][0].form == "chain":
            return self._chain(calls[0][0], called, hint)
        return self._call(calls[0][0], called, hint)

    # --- operators -------------------------------------------------------------------------------

    def _operator(self, column: Sequence[PlacedUnit], inplace: bool, hint: str | None) -> Node:
        made = self.classes.programs.modules
        ops = [(one.unit, one.shape) for one in column if isinstance(one.unit, Op)]
        modules = [made.of(op, shape) for op, shape in ops]
        kinds = {likeness(op, module) for (op, _), module in zip(ops, modules, strict=True)}
        if len(kinds) > 1:
            raise InexpressibleError
        module = modules[0]
        arguments: list[Node] = []
        by_keyword = False
        for index, argument in enumerate(module.arguments):
            same = [other.arguments[index] for other in modules]
            values = [
                number(item.value, placed.frames) for item, placed in zip(same, column, strict=True)
            ]
            node: Node = self.value(values, hint and f"{hint}_{_short(argument.name)}")
            is_default = all(
                item.default is not ... and item.value == item.default for item in same
            )
            if is_default and _is_literal(node):
                by_keyword = True
                continue
            if by_keyword or argument.keyword:
                node = Keyword(argument.name, node)
            arguments.append(node)
        if inplace:
            arguments.append(Keyword("inplace", Text("True")))
        return Built(module.callee, tuple(arguments), helper=module.helper)

    def value(self, column: Sequence[Number], hint: str | None) -> Text:
        if all(isinstance(item.value, bool | str) for item in column):
            if len({item.value for item in column}) > 1:
                raise InexpressibleError
            return Text(literal(column[0].value))
        return self.numbers.number(column, hint, in_row=self.in_row)

    # --- classes and functions of the file -------------------------------------------------------

    def _call(
        self, emitted: Emitted, column: Sequence[tuple[int, Frames]], hint: str | None
    ) -> Node:
        """`Bottleneck(256, 64)`: for each member, which of `emitted` it is, and from where."""
        if emitted.is_empty:
            return Call("nn.Identity", ())
        arguments: list[Node] = []
        by_keyword = False
        for parameter in self.parameters(emitted):
            node = self._argument(emitted, parameter, column, hint)
            if node is None:
                by_keyword = True
            elif by_keyword:
                arguments.append(Keyword(parameter.name, node))
            else:
                arguments.append(node)
        return Built(emitted.name, tuple(arguments), emitted=emitted)

    def _argument(
        self,
        emitted: Emitted,
        parameter: NumberParameter | ModuleParameter,
        column: Sequence[tuple[int, Frames]],
        hint: str | None,
    ) -> Node | None:
        """None where the default does."""
        match parameter:
            case NumberParameter():
                values = [self._given(emitted, parameter, *called) for called in column]
                if parameter.annotation == "float":
                    values = [as_float(value) for value in values]
                node = self.value(values, hint and f"{hint}_{parameter.name}")
                default = parameter.default
                is_default = default is not None and values[0].value == default
                return None if is_default and _is_literal(node) else node
            case ModuleParameter(applies=applies):
                given = [
                    Placed(apply, frames)
                    for position, frames in column
                    if (apply := applies[position]) is not None
                ]
                if not given:
                    return None
                if len(given) != len(column):
                    raise InexpressibleError
                return self.module(given, inplace=False)

    def _given(
        self, emitted: Emitted, parameter: NumberParameter, position: int, frames: Frames
    ) -> Number:
        """A number parameter's value for one member of `emitted`, in the terms of this scope."""
        if parameter.source is None:
            own = parameter.numbers[position]
            tree = own.tree
            value = own.value
        else:
            definition = emitted.programs[position].definition
            tree = Leaf(parameter.source)
            value = number(definition.arguments[parameter.source]).value
        for frame in frames:
            tree = substituted(tree, frame)
        return Number(value, tree)

    # --- containers ------------------------------------------------------------------------------

    def _chain(
        self, emitted: Emitted, column: Sequence[tuple[int, Frames]], hint: str | None
    ) -> Node:
        """A group that is a plain chain, as an nn.Sequential."""
        steps = list(
            zip(*(emitted.programs[position].instructions for position, _ in column), strict=True)
        )
        items: list[tuple[str, Node]] = []
        for index, row in enumerate(steps):
            placed = [
                Placed(step.apply, frames)
                for step, (_, frames) in zip(row, column, strict=True)
                if isinstance(step, Invoke)
            ]
            inplace = index in emitted.overwriting.decisions
            named = hint and word(placed[0].apply)
            items.append((placed[0].apply.key, self.module(placed, inplace=inplace, hint=named)))
        program = emitted.programs[0]
        content = self.contents(items, numbered=program.body.numbered)
        if program.is_channels_last:
            helper = CHANNELS_LAST_SEQUENTIAL
            return Built(helper.name, content, helper=helper)
        return Call("nn.Sequential", content)

    def contents(self, items: Sequence[tuple[str, Node]], *, numbered: bool) -> tuple[Node, ...]:
        """What an nn.Sequential is given."""
        if numbered or not items:
            return tuple(node for _, node in items)
        if all(names.is_attribute(key) for key, _ in items):
            pairs: tuple[Node, ...] = tuple(Keyword(key, node) for key, node in items)
            return (Call("OrderedDict", pairs),)
        entries = Items("{", tuple(Pair(literal(key), node) for key, node in items), "}")
        return (Call("OrderedDict", (entries,)),)

    def _container(self, column: Sequence[Placed]) -> Node:
        """`unit x n`: its copies one after the other."""
        alone = self._copies(column)
        alike = alone
        if len(alone) > 1 and any(_rises(node) for node in alone):
            row = Construct(self.classes, self.numbers, self.parameters, in_row=True)
            alike = row._copies(column)
        items = list(progressions(alone, alike, self.numbers.loop))
        if not self.classes.is_list(column[0].apply):
            return Call("nn.Sequential", tuple(items))
        if len(items) == 1 and isinstance(items[0], Generator):
            return Call("nn.ModuleList", (items[0].within("", ""),))
        return Call("nn.ModuleList", (Items("[", tuple(items), "]"),) if items else ())

    def _copies(self, column: Sequence[Placed]) -> list[Node]:
        """A call for each run of equal copies."""
        rows = [placed.apply.runs for placed in column]
        if any(len(runs) != len(rows[0]) for runs in rows):
            raise InexpressibleError
        items: list[Node] = []
        for index in range(len(rows[0])):
            runs = [row[index] for row in rows]
            units = [
                PlacedUnit(run.unit, run.shape, placed.frames)
                for run, placed in zip(runs, column, strict=True)
            ]
            node = self._unit(units, inplace=False, hint=None)
            counts = [
                number(run.traced_count, placed.frames)
                for run, placed in zip(runs, column, strict=True)
            ]
            if any(run.count > 1 for run in runs) or not self.numbers.is_constant(counts):
                copies = Call("range", (self._count(counts, rows),))
                node = Generator("*(", node, "_", copies, ")")
            items.append(node)
        return items

    def _count(self, counts: Sequence[Number], rows: Sequence[Sequence[Run]]) -> Node:
        """How many copies: a number, a parameter, or what other runs leave of one."""
        try:
            return self.numbers.number(counts, None)
        except InexpressibleError:
            pass
        totals = [sum(run.count for run in row) for row in rows]
        others = {total - count.value for total, count in zip(totals, counts, strict=True)}
        if len(others) > 1 or any(self.numbers.is_open(count) for count in counts):
            raise InexpressibleError
        total = self.numbers.number([Number(n, None) for n in totals], None)
        return Binary(total, "-", Text(str(others.pop())))


def word(apply: Apply) -> str:
    """What the numbers of a module are called by, where the caller must give them."""
    if not apply.key.isdigit():
        return apply.key
    match apply.runs:
        case [Run(unit=Op(name=name) | Instance(Definition(name=name))), *_]:
            return name
        case _:  # a group, or no copy of anything
            return "group"


def _rises(node: Node) -> bool:
    """Whether a number in it says which copy this is."""
    return any(isinstance(part, Formula) and part.step is not None for part in parts(node))


def _is_literal(node: Node) -> bool:
    """A number for all members and all callers."""
    return type(node) is Text


def _short(argument: str) -> str:
    """`out_channels` of `conv2` as `conv2_channels`."""
    return {"out_channels": "channels", "num_features": "channels"}.get(argument, argument)
