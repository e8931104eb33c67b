"""How the emitted file initialises itself: a loop over kinds of modules, then the exceptions.

A kind of tensor (`nn.Conv2d.weight`) starts as most of its tensors do, in a loop over all modules
as torchvision writes it. Nothing is written there for what torch's constructors do by themselves.
What starts otherwise, as a gate's bias or the scale of a block's last norm, follows by class.

`reset_parameters` starts everything, as after `to_empty`, where no constructor runs: what torch's
modules start and constructors give their classes' own tensors, then the same. It is a method of its
own where there is such a thing, so that the constructor does not draw twice, and equal seeds of
torch's generator give torchvision's weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from resdsl.ops.base import InitCall
from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.classes import Emitted
from resdsl.targets.method_text import MARGIN, MethodText, Statement, further_in, line
from resdsl.targets.nodes import INDENT, Call, Node, Text, Types, literal
from resdsl.targets.starts import HELD, Path, Start, Starts

# torchvision's name for such a method.
INITIALIZE = "_initialize_weights"
RESET = "reset_parameters"


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the network's own, and whether the constructor calls it.

    `is_inherited`: it is nn.Module's, and only called.
    """

    text: MethodText
    is_called: bool
    is_inherited: bool = False


@dataclass(frozen=True, slots=True)
class Odd:
    """A tensor below a class that starts otherwise, and the path to its module from there.

    `optional`: some instances of the class do not have the first module of the path.
    """

    path: Path
    start: Start
    optional: bool

    @property
    def is_held(self) -> bool:
        """A tensor of the class itself, which its constructor starts."""
        return self.start.kind == HELD


class Initialisation:
    """The methods of a network, or one of its variants, that start its tensors."""

    def __init__(
        self,
        starts: Starts,
        classes: Sequence[Emitted],
        given: Callable[[Emitted], frozenset[str]],
        root: int = 0,
    ) -> None:
        """`given`: the modules of a class that its caller builds, which are an nn.Module to a type
        checker. `root`: its place among those of the network."""
        self.starts = starts
        self.given = given
        self.root = root
        self.rules = starts.rules
        self.classes = classes
        # By class.
        self.odd = {
            id(emitted): list(self._exceptions(emitted))
            for emitted in classes
            if emitted.form != "chain"
        }

    def _exceptions(self, emitted: Emitted) -> Iterator[Odd]:
        """The tensors of a class, and of the chains in it, that do not follow the rules.

        Members that have a module in one place agree there, or one class would not serve them.
        """
        below = self.starts.programs.below
        programs = [one for one in emitted.programs if self.root in below[id(one.definition)]]
        times = Counter(
            place
            for program in programs
            for places in self.starts.departures(program.body).values()
            for place in places
        )
        for (path, odd), count in times.items():
            yield from (Odd(path, start, count != len(programs)) for start in odd)

    # --- text ------------------------------------------------------------------------------------

    def methods(self) -> list[Method]:
        """The method that the constructor calls, if any, and `reset_parameters`; they may be one.

        None for a network without tensors.
        """
        declared = [*self._loop(), *self._owned(held=False)]
        held = self._owned(held=True, is_first=not self.rules.by_themselves)
        if not self.rules.by_themselves and not held:
            return [Method(MethodText(RESET, declared), True)] if declared else []
        again: list[Statement] = []
        if self.rules.by_themselves:
            again += [
                line("for module in self.modules():"),
                _if_isinstance("if", self.rules.by_themselves, MARGIN + INDENT),
                line("module.reset_parameters()", MARGIN + 2 * INDENT),
            ]
        again += held
        if declared:
            again.append(line(f"self.{INITIALIZE}()"))
        doc = "Starts all parameters and buffers again, as after `to_empty`."
        reset = Method(MethodText(RESET, again, doc=doc), False)
        return [Method(MethodText(INITIALIZE, declared), True), reset] if declared else [reset]

    def _loop(self) -> list[Statement]:
        bodies: dict[tuple[Statement, ...], list[str]] = {}
        for callee in dict.fromkeys(callee for callee, _ in self.rules.calls):
            text: list[Statement] = []
            for (other, tensor), call in self.rules.calls.items():
                if other == callee and call is not None:
                    text += self._statement(callee, tensor, call)
            if text:
                bodies.setdefault(tuple(text), []).append(callee)
        if not bodies:
            return []
        made = [line("for module in self.modules():")]
        word = "if"
        for statements, callees in bodies.items():
            made.append(_if_isinstance(word, callees, MARGIN + INDENT))
            made += statements
            word = "elif"
        return made

    def _statement(self, callee: str, tensor: str, call: InitCall) -> list[Statement]:
        made = [Statement(_started(call, f"module.{tensor}"), MARGIN + 2 * INDENT)]
        # torch types a convolution's bias as `Tensor | None`.
        is_typed_so = tensor == "bias" and "Conv" in callee
        if not is_typed_so and (callee, tensor) not in self.rules.optional:
            return made
        return [line(f"if module.{tensor} is not None:", made[0].indent), *further_in(made)]

    def _owned(self, *, held: bool, is_first: bool = True) -> list[Statement]:
        """What starts otherwise, class by class: of modules, or what classes hold themselves.

        Not `is_first`: in a loop that has begun.
        """
        made: list[Statement] = []
        of_network: list[Statement] = []
        word = "if" if is_first else "elif"
        for emitted in self.classes:
            odd = [item for item in self.odd.get(id(emitted), ()) if item.is_held == held]
            if not odd:
                continue
            if emitted.form == "network":
                of_network = self._within("self", emitted, odd, MARGIN)
                continue
            if word == "if":
                made.append(line("for module in self.modules():"))
            made.append(line(f"{word} isinstance(module, {emitted.name}):", MARGIN + INDENT))
            made += self._within("module", emitted, odd, MARGIN + 2 * INDENT)
            word = "elif"
        return made + of_network

    def _within(
        self, root: str, emitted: Emitted, odd: Sequence[Odd], indent: int
    ) -> list[Statement]:
        made: list[Statement] = []
        for key, items in groupby(odd, lambda item: item.optional and item.path[0]):
            margin = indent
            if isinstance(key, str):
                made.append(line(f"if {root}.{key} is not None:", indent))
                margin += INDENT
            for item in items:
                made += self._exception(root, emitted, item, margin)
        return made

    def _exception(self, root: str, emitted: Emitted, item: Odd, indent: int) -> list[Statement]:
        made: list[Statement] = []
        if item.is_held:
            assert item.start.call is not None
            (key,) = map(str, item.path)
            target = f"{root}.{key}"
            if not names.is_attribute(key):
                target = f"{root}.get_parameter({literal(key)})"
            return [Statement(_started(item.start.call, target), indent)]
        where = root
        rest: list[str] = []
        for step in item.path:
            if isinstance(step, str):
                rest.append(step)
                continue
            copy = "inner" if where == "copy" else "copy"
            copies = f"{_submodule(where, rest)}.children()"
            if step.first or step.end is not None:
                end = "" if step.end is None else step.end
                copies = f"list({copies})[{step.first}:{end}]"
            made.append(line(f"for {copy} in {copies}:", indent))
            indent += INDENT
            where, rest = copy, []
        callee, tensor = item.start.kind
        is_attribute = (
            where == root
            and emitted.form in ("class", "network")
            and len(rest) == 1
            and rest[0] not in self.given(emitted)
        )
        module = f"{where}.{rest[0]}" if is_attribute and names.is_attribute(rest[0]) else None
        if item.start.call is not None:
            # torch types a convolution's bias as `Tensor | None`.
            if module is not None and not (tensor == "bias" and "Conv" in callee):
                target = f"{module}.{tensor}"
            else:
                target = f"{where}.get_parameter({literal('.'.join([*rest, tensor]))})"
            made.append(Statement(_started(item.start.call, target), indent))
        elif module is not None:
            made.append(line(f"{module}.reset_parameters()", indent))
        else:
            made.append(line(f"layer = {_submodule(where, rest) if rest else where}", indent))
            made.append(line(f"if isinstance(layer, {callee}):", indent))
            made.append(line("layer.reset_parameters()", indent + INDENT))
        return made


def _submodule(where: str, rest: list[str]) -> str:
    return f"{where}.get_submodule({literal('.'.join(rest))})"


def _if_isinstance(word: str, callees: Sequence[str], indent: int) -> Statement:
    """`if isinstance(module, nn.Conv2d | nn.Linear):`."""
    call = Call("isinstance", (Text("module"), Types(" | ".join(callees))))
    return Statement(call, indent, f"{word} ", ":")


def _started(call: InitCall, target: str) -> Node:
    """`nn.init.normal_(target, std=0.01)`."""
    return Call(call.function, (Text(target), *map(Text, call.arguments)))
