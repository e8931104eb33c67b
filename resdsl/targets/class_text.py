"""The text of one class or function of the emitted file."""

from __future__ import annotations

from collections.abc import Sequence, Set

from resdsl.ops.base import Helper, Inline
from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.attributes import HeldNumber
from resdsl.targets.calling import Attribute
from resdsl.targets.class_names import ClassNames, Parameter
from resdsl.targets.class_plan import ClassPlan, Expressed, Submodule
from resdsl.targets.classes import Emitted
from resdsl.targets.construct import Built, Handed
from resdsl.targets.forward import Forward
from resdsl.targets.initialisation import Method
from resdsl.targets.method_text import MethodText, Statement, line
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
    """The lines of one class, or function without methods, and what they name.

    `mentions`: other classes, in order. `helpers`: the helper classes that the file needs for it.
    `called`: what the text calls, up to the first dot. `parameters`: those of the constructor;
    `names` and `attributes`: what it calls something, and what it sets.
    """

    head: Sequence[str]
    methods: Sequence[MethodText]
    mentions: Sequence[Emitted]
    helpers: Sequence[Helper]
    called: Set[str]
    parameters: Sequence[Parameter]
    names: Set[str]
    attributes: Set[str]

    @property
    def lines(self) -> list[str]:
        rows = [method.lines() for method in self.methods]
        separate = [row for part in rows[1:] for row in ("", *part)]
        return [*self.head, *(rows[0] if rows else ()), *separate]


def written(plan: ClassPlan, named: ClassNames, starting: Sequence[Method]) -> ClassText:
    """`starting`: the network's own, which start its tensors."""
    writer = _Writer(plan, named, starting)
    function = plan.emitted.form == "function"
    head = writer.function() if function else writer.head()
    methods = [] if function else writer.members()
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
    return ClassText(
        head,
        methods,
        mentions,
        helpers,
        called,
        named.parameters,
        named.taken | {parameter.name for parameter in named.parameters},
        writer.attributes,
    )


class _Writer:
    def __init__(self, plan: ClassPlan, named: ClassNames, methods: Sequence[Method]) -> None:
        self.plan = plan
        self.emitted = plan.emitted
        self.named = named
        self.methods = methods
        self.parameters = [parameter.text for parameter in named.parameters]
        self.called: set[str] = set()
        self.attributes: set[str] = set(plan.keys)
        self.items = tuple(
            (one.key, named.node(one.node))
            for one in plan.settings
            if isinstance(one, Submodule) and one.is_item
        )
        self.settings = self._settings()

    def _settings(self) -> list[tuple[str, Node]]:
        """What the constructor sets, in order: an attribute with its value."""
        made: list[tuple[str, Node]] = []
        placed: set[str] = set()
        for one in self.plan.settings:
            match one:
                case HeldNumber():
                    for attribute, value in self.named.held(one):
                        if attribute not in self.attributes:
                            self.attributes.add(attribute)
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
        for name, value in self.named.variables:
            text += lines(value, INDENT, f"{name} = ")
        call = Call("nn.Sequential", tuple(node for _, node in self.items))
        return [*text, *lines(call, INDENT, "return ")]

    @property
    def _is_bare(self) -> bool:
        return not self.parameters and not self.settings and not self.items

    def head(self) -> list[str]:
        """`class Bottleneck(nn.Module):`, and its docstring."""
        emitted = self.emitted
        base = {"list": "nn.ModuleList", "sequence": "nn.Sequential"}.get(emitted.form, "nn.Module")
        if self._is_bare and emitted.form == "list":
            base = "nn.Module"
        text = [f"class {emitted.name}({base}):"]
        return [*text, *docstring(emitted.doc, INDENT), ""] if emitted.doc else text

    def members(self) -> list[MethodText]:
        emitted = self.emitted
        made = [self._constructor()]
        if self._is_bare and emitted.form in ("class", "list"):
            # It would only call nn.Module's.
            made = []
        made += [method.text for method in self.methods if not method.is_inherited]
        if emitted.form != "sequence":
            made.append(self._forward())
        return made

    def _constructor(self) -> MethodText:
        variables = self._variables()
        nodes = tuple(node for _, node in self.items)
        match self.emitted.form:
            case "list":
                call = Call("super().__init__", (Items("[", nodes, "]"),))
                body = [*variables, Statement(call)]
            case "sequence":
                body = [*variables, Statement(Call("super().__init__", nodes))]
            case _:
                body = [line("super().__init__()"), *variables]
        body += [Statement(node, lead=lead) for lead, node in self.settings]
        body += [line(f"self.{one.text.name}()") for one in self.methods if one.is_called]
        return MethodText("__init__", body, self.parameters)

    def _variables(self) -> list[Statement]:
        return [Statement(value, lead=f"{name} = ") for name, value in self.named.variables]

    def _forward(self) -> MethodText:
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
        return MethodText("forward", statements, inputs, returns)

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
