"""The definitions of a network: a block or shortcut with its arguments bound is elaborated once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from resdsl import limits
from resdsl.design.model import Body, Definition, Parameter, Ref
from resdsl.diagnostics import codes
from resdsl.extents import Shape
from resdsl.language.elaborate import apart, library
from resdsl.language.elaborate.library import Elaboration, Made
from resdsl.language.elaborate.reach import reach
from resdsl.language.evaluate.session import Session
from resdsl.language.evaluate.uses import Uses
from resdsl.language.names.symbols import Symbol
from resdsl.language.values import types
from resdsl.language.values.context import Call, Context, Frame
from resdsl.language.values.origins import stripped
from resdsl.language.values.values import UNKNOWN, Callee, Unknown, key, show
from resdsl.provenance import plain
from resdsl.source import Span
from resdsl.syntax import tree

IN_CHANNELS, OUT_CHANNELS, STRIDE = "in_channels", "out_channels", "stride"


class Definitions:
    """What was elaborated so far, and what is being elaborated, the innermost last."""

    def __init__(
        self,
        session: Session,
        uses: Uses,
        build: Callable[[Sequence[tree.Step], Context], Body],
        results: Callable[[Body, Frame], dict[str, Ref] | None],
    ) -> None:
        """`build` makes a body; `results` are what its `output`s name, None after an error."""
        self.session = session
        self.sink = session.sink
        self.uses = uses
        self.build = build
        self.results = results
        # None: there are mistakes in it, which were told.
        self._known: dict[Any, Made | None] = {}
        # How often one began inside another of its own symbol.
        self._inside_themselves = 0
        self._doing: list[Elaboration] = []

    @property
    def count(self) -> int:
        return sum(made is not None for made in self._known.values())

    def made(
        self, symbol: Symbol, arguments: dict[str, Any], inside: Context, call: Call
    ) -> Made | None:
        """The definition with these arguments, elaborated now if it is not known.

        `inside` are the surroundings of its body. None after an error.
        """
        frame, known = inside.frame, _key(symbol, arguments, inside)
        main = inside.residual and frame.shapes[inside.residual.main]
        extents = (frame.shapes[0], main, *(frame.shapes[ref] for ref in frame.tensors.values()))
        if known in self._known:
            found = self._known[known]
            if found is None or not found.definition.reads_extents:
                return self._met(known, found)
            # Its linear layers are sized by the extents: one definition for each.
            known = (known, *extents)
            if known in self._known:
                return self._met(known, self._known[known])
        self._check_recursion(known, symbol, call.span)
        place = self._place(known, extents) if symbol.module.library else None
        made = None if place is None else self._recalled(place, known)
        if made is not None:
            return made
        if len(self._known) >= limits.DEFINITIONS:
            self.session.halt(f"more than {limits.DEFINITIONS:,} different definitions", call.span)
        inference = self.session.inference
        doing = Elaboration(symbol, known, place, self.session.steps, inference.effort)
        reports, errors = self.sink.reports, self.sink.errors
        self._doing.append(doing)
        self.uses.doing.append(doing.uses)
        with self.sink.within(lambda: frame_text(symbol, arguments), call.span, call.settings):
            definition = self._elaborate(symbol, arguments, inside)
        self._doing.pop()
        self.uses.doing.pop()
        if self.sink.errors > errors or frame.is_broken or definition is None:
            self._known[known] = None
            return self._met(known, None)
        ratios = tuple(map(frame.sampling.get, definition.outputs))
        far = tuple(map(frame.apart.get, definition.outputs))
        made = Made(definition, doing.uses, ratios, far, reach(frame))
        self._known[known] = doing.made[known] = made
        if definition.reads_extents:
            self._known[known, *extents] = doing.made[known, *extents] = made
        doing.steps = self.session.steps - doing.steps
        doing.effort = inference.effort - doing.effort
        # Those inside of it were entered when they were made.
        self._enter(doing, [made])
        if place is not None and not doing.broken and self.sink.reports == reports:
            library.remember(place, doing)
        return made

    def _met(self, known: Any, found: Made | None) -> Made | None:
        """Notes in what is being elaborated that a definition had been before."""
        for doing in self._doing:
            if doing.place is None:
                continue
            if found is None:
                doing.broken = True
            elif known not in doing.made:
                doing.found[known] = found
        return found

    def _enter(self, done: Elaboration, new: Iterable[Made]) -> None:
        """What is new of what it made need not be followed again."""
        for made in new:
            self.session.inference.remember(made.definition)
        if self._doing and self._doing[-1].place is not None:
            self._doing[-1].adopt(done)

    def _place(self, known: Any, extents: tuple[Any, ...]) -> Any:
        """All that elaborating a library definition can depend on; None if not of std alone."""
        if not library.is_of_library(known):
            return None
        about = self.session.shape_errors
        return known, extents, about.input, about.conditions

    def _recalled(self, place: Any, known: Any) -> Made | None:
        """The definition as another elaboration made it, if this one would make the same."""
        done = library.recall(place)
        if done is None or not done.fits(self._known):
            return None
        inference = self.session.inference
        # Elaborated again, what is beyond a limit is told where it is.
        if (
            self.session.steps + done.steps > limits.STEPS
            or inference.effort + done.effort > limits.EFFORT
            or len(self._known) + len(done.made) > limits.DEFINITIONS
            or len(self._doing) + done.depth >= limits.INSTANCE_DEPTH
        ):
            return None
        self.session.steps += done.steps
        inference.effort += done.effort
        for before, found in done.found.items():
            self._met(before, found)
        self._known.update(done.made)
        self._enter(done, done.made.values())
        return done.made[known]

    def _check_recursion(self, known: Any, symbol: Symbol, span: Span) -> None:
        if symbol in self.session.files.circular:
            self.session.stop()
        if any(known == doing.key for doing in self._doing):
            symbols = [doing.symbol for doing in self._doing]
            circle = [*symbols[symbols.index(symbol) :], symbol]
            self.session.halt(
                f"`{symbol.name}` contains itself: "
                + " → ".join(f"`{entry.name}`" for entry in circle),
                span,
                "this closes the circle",
                code=codes.RECURSION,
                help=["it is called with what it was called with: a parameter has to change"],
            )
        is_inside_itself = any(doing.symbol is symbol for doing in self._doing)
        if len(self._doing) >= limits.INSTANCE_DEPTH:
            message = f"definitions lie more than {limits.INSTANCE_DEPTH} deep inside each other"
            end = f"`{symbol.name}` contains itself: the `if` around the call has to end it"
            self.session.halt(message, span, help=[end] if is_inside_itself else ())
        self._inside_themselves += is_inside_itself
        if self._inside_themselves > limits.RECURSIVE_DEFINITIONS:
            self.session.halt(
                f"`{symbol.name}` contains itself with other arguments each time: more than "
                f"{limits.RECURSIVE_DEFINITIONS:,} different definitions",
                span,
                "called inside itself once more",
                help=["calls with the same arguments are one definition, however many they are"],
            )

    def _elaborate(
        self, symbol: Symbol, arguments: dict[str, Any], inside: Context
    ) -> Definition | None:
        node = symbol.node
        assert node.body is not None
        frame = inside.frame
        body = self.build(node.body.steps, inside)
        outputs = self.results(body, frame)
        if outputs is None:
            return None
        if outputs:
            body.output = next(iter(outputs.values()))
        reads_main = inside.residual is not None and inside.residual.reads_main
        shape = frame.shapes[0]
        assert shape is not None
        implicit: dict[str, Any] = {IN_CHANNELS: int(shape.channels)}
        if inside.residual is not None:
            implicit[OUT_CHANNELS] = int(inside.residual.out.channels)
            implicit[STRIDE] = plain(inside.residual.stride)
        for name, ref in frame.tensors.items():
            entering = frame.shapes[ref]
            assert entering is not None
            implicit.setdefault(channels_of(name), int(entering.channels))
        main = (inside.residual.main,) if inside.residual is not None and reads_main else ()
        return Definition(
            symbol.name,
            symbol.kind,  # type: ignore[arg-type]
            symbol.origin,
            node.doc,
            tuple(parameter(item) for item in node.parameters),
            {**implicit, **{name: stripped(value) for name, value in arguments.items()}},
            (0, *frame.tensors.values(), *main),
            body,
            frame.shapes,  # type: ignore[arg-type]
            frame.makers,
            frame.reads_extents,
            tuple(outputs.values())[1:],
            tuple(frame.tensors),
            tuple(outputs),
        )


def _key(symbol: Symbol, arguments: dict[str, Any], inside: Context) -> Any:
    frame, served = inside.frame, inside.residual
    return (
        symbol,
        tuple(key(value) for value in arguments.values()),
        _kind(frame.shapes[0]),
        inside.environment.key,
        served and (int(served.out.channels), served.out.rank, key(served.stride)),
        apart.key(frame, _entering(inside), inside),
        *((name, _kind(frame.shapes[ref])) for name, ref in frame.tensors.items()),
    )


def _entering(inside: Context) -> tuple[Ref, ...]:
    """What a definition is fed."""
    main = () if inside.residual is None else (inside.residual.main,)
    return (0, *main, *inside.frame.tensors.values())


def _kind(shape: Shape | None) -> Any:
    """All of a shape but its extents."""
    assert shape is not None
    return int(shape.channels), shape.rank, shape.flat, shape.flat and shape.features


def channels_of(tensor: str) -> str:
    """What the channels of a tensor parameter are called where they stand in numbers."""
    return f"{tensor}_channels"


def parameter(node: tree.Parameter) -> Parameter:
    """A parameter as the design keeps it: literal defaults only."""
    default = node.default
    literal = default.value if isinstance(default, tree.Number | tree.String | tree.Bool) else None
    kind = node.type.span.text if node.type else ""
    return Parameter(node.name.id, kind, types.declared(literal, node.type), node.doc)


def frame_text(symbol: Symbol, arguments: dict[str, Any]) -> str:
    """The call as a message shows it, with the arguments that are not the defaults."""
    shown = []
    for item in symbol.node.parameters:
        name = item.name.id
        value = arguments.get(name, UNKNOWN)
        default = item.default
        same = isinstance(default, tree.Number | tree.String | tree.Bool) and default.value == value
        if isinstance(value, Callee) and isinstance(default, tree.Name):
            same = value == Callee(value.target) and value.name == default.id
        if not isinstance(value, Unknown) and not same:
            shown.append(f"{name}={show(value)}")
    return f"`{symbol.name}({', '.join(shown)})`" if shown else f"`{symbol.name}`"
