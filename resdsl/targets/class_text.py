"""The text of one class or function of the emitted file."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.ops.base import Helper, Inline
from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.attributes import HeldNumber
from resdsl.targets.calling import Attribute
from resdsl.targets.class_names import ClassNames
from resdsl.targets.class_plan import ClassPlan, Expressed, Submodule
from resdsl.targets.classes import Emitted
from resdsl.targets.construct import Built, Handed
from resdsl.targets.forward import Forward
from resdsl.targets.initialisation import Method
from resdsl.targets.nodes import (
    INDENT,
    Call,
    Items,
    Node,
    Operation,
    Text,
    globals_called,
    lines,
    literal,
    parts,
    signature,
)
from resdsl.targets.prose import docstring
from resdsl.targets.slicing import sliced


@dataclass(frozen=True, slots=True)
class ClassText:
    """The lines of one class, and what they name.

    `mentions`: other classes, in order. `helpers`: the helper classes that the file needs for it.
    `called`: what the text calls, up to the first dot.
    """

    lines: list[str]
    mentions: list[Emitted]
    helpers: list[Helper]
    called: set[str]


def written(plan: ClassPlan, named: ClassNames, methods: Sequence[Method]) -> ClassText:
    """`methods`: the network's own, which start its tensors."""
    writer = _Writer(plan, named, methods if plan.emitted.form == "network" else ())
    function = plan.emitted.form == "function"
    text = writer.function() if function else writer.class_()
    called = writer.called.union(*map(globals_called, plan.nodes))
    mentions: list[Emitted] = []
    helpers: list[Helper] = []
    for part in (part for node in plan.nodes for part in parts(node)):
        match part:
            case Built(helper=Helper() as helper):
                helpers.append(helper)
            case Built(emitted=Emitted() as made):
                mentions.append(made)
            case Handed(emitted=handed):
                mentions += handed
            case _:
                pass
    mentions = list(dict.fromkeys(one for one in mentions if one.is_named))
    return ClassText(text, mentions, helpers, called)


class _Writer:
    def __init__(self, plan: ClassPlan, named: ClassNames, methods: Sequence[Method]) -> None:
        self.plan = plan
        self.emitted = plan.emitted
        self.named = named
        self.methods = methods
        self.parameters = [parameter.text for parameter in named.parameters]
        self.called: set[str] = set()
        self.items = tuple(
            (one.key, named.node(one.node))
            for one in plan.settings
            if isinstance(one, Submodule) and one.is_item
        )
        self.settings = self._settings()

    def _settings(self) -> list[tuple[str, Node]]:
        """What the constructor sets, in order: an attribute with its value."""
        made: list[tuple[str, Node]] = []
        held: set[str] = set()
        placed: set[str] = set()
        for one in self.plan.settings:
            match one:
                case HeldNumber():
                    for attribute, value in self.named.held(one):
                        if attribute not in held:
                            held.add(attribute)
                            made.append((f"self.{attribute} = ", value))
                case Submodule(key, node, False, is_tensor):
                    root, *inside = key.split(".")
                    if root in placed:
                        continue
                    placed.add(root)
                    module = self._container(root) if inside else self.named.node(node)
                    if names.is_attribute(root):
                        made.append((f"self.{root} = ", module))
                    else:
                        method = "register_parameter" if is_tensor else "add_module"
                        made.append(("", Call(f"self.{method}", (Text(literal(root)), module))))
                case _:
                    pass
        return made

    def _container(self, root: str) -> Node:
        """With all its members, at the place of the first."""
        modules = {
            one.key: self.named.node(one.node)
            for one in self.plan.settings
            if isinstance(one, Submodule) and one.key.startswith(f"{root}.")
        }
        return self.plan.containers.node(root, modules)

    def function(self) -> list[str]:
        emitted = self.emitted
        text = list(signature(emitted.name, self.parameters, "nn.Sequential", 0))
        if emitted.doc:
            text += docstring(emitted.doc, INDENT)
        text += self._variables(INDENT)
        call = Call("nn.Sequential", tuple(node for _, node in self.items))
        return [*text, *lines(call, INDENT, "return ")]

    def class_(self) -> list[str]:
        emitted = self.emitted
        bare = not self.parameters and not self.settings and not self.items
        base = {"list": "nn.ModuleList", "sequence": "nn.Sequential"}.get(emitted.form, "nn.Module")
        if bare and emitted.form == "list":
            base = "nn.Module"
        text = [f"class {emitted.name}({base}):"]
        if emitted.doc:
            text += [*docstring(emitted.doc, INDENT), ""]
        parts = [self._constructor()]
        if bare and emitted.form in ("class", "list"):
            # It would only call nn.Module's.
            parts = []
        parts += [method.text() for method in self.methods]
        if emitted.form != "sequence":
            parts.append(self._forward())
        first, *others = parts
        return [*text, *first, *(line for part in others for line in ("", *part))]

    def _constructor(self) -> list[str]:
        text = list(signature("__init__", ["self", *self.parameters], "None", INDENT))
        variables = self._variables(2 * INDENT)
        nodes = tuple(node for _, node in self.items)
        match self.emitted.form:
            case "list":
                call = Call("super().__init__", (Items("[", nodes, "]"),))
                text += [*variables, *lines(call, 2 * INDENT)]
            case "sequence":
                text += [*variables, *lines(Call("super().__init__", nodes), 2 * INDENT)]
            case _:
                text += [f"{' ' * (2 * INDENT)}super().__init__()", *variables]
        for lead, node in self.settings:
            text += lines(node, 2 * INDENT, lead)
        margin = " " * (2 * INDENT)
        return [*text, *(f"{margin}self.{m.name}()" for m in self.methods if m.is_called)]

    def _variables(self, indent: int) -> list[str]:
        return [
            line
            for name, value in self.named.variables
            for line in lines(value, indent, f"{name} = ")
        ]

    def _forward(self) -> list[str]:
        emitted = self.emitted
        attributes = {index: self._applied(one) for index, one in self.plan.applied.items()}
        scalars = {key: self.named.text(value) for key, value in self.plan.scalars.items()}
        overwrites = emitted.overwriting.decisions
        writer = Forward(emitted.programs, attributes, overwrites, scalars)
        statements = writer.write()
        self.called.update(writer.statements.called)
        inputs = [f"{name}: Tensor" for name in writer.inputs]
        outputs = len(emitted.programs[0].outputs)
        returns = "Tensor" if outputs == 1 else f"tuple[{', '.join(['Tensor'] * outputs)}]"
        if emitted.programs[0].results:
            returns = "dict[str, Tensor]"
        return [*signature("forward", ["self", *inputs], returns, INDENT), *statements]

    def _applied(self, applied: Attribute | Expressed) -> Attribute | Inline:
        """An expression with its numbers filled in."""
        if isinstance(applied, Attribute):
            return applied
        inline = applied.inline
        numbers = {name: self.named.text(value) for name, value in applied.values}
        is_operand = inline.kind in ("product", "sum")
        texts = {
            name: f"({said.text})" if is_operand and isinstance(said, Operation) else said.text
            for name, said in numbers.items()
        }
        texts["other"] = "{other}"
        index = inline.kind == "index"
        written = sliced(inline.text, texts) if index else inline.text.format(**texts)
        further = tuple(part.format(**texts) for part in inline.further)
        return Inline(inline.kind, written, further)
