"""The text of one class or function of the emitted file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from resdsl import limits
from resdsl.design.join_expressions import Combine, Expression, Scalar
from resdsl.design.model import Apply
from resdsl.language.names.reserved import MODULE_ATTRIBUTES
from resdsl.ops.base import Helper, Inline
from resdsl.targets import names
from resdsl.targets.classes import Classes, Emitted
from resdsl.targets.construct import Built, Construct, Handed, Placed
from resdsl.targets.constructor import InexpressibleError, Scope, number
from resdsl.targets.forward import Attribute, Forward, Template
from resdsl.targets.initialisation import Method
from resdsl.targets.nodes import (
    INDENT,
    Call,
    Items,
    Node,
    Text,
    globals_called,
    lines,
    literal,
    parts,
    signature,
)
from resdsl.targets.program import Assemble, Instruction, Invoke, Sum
from resdsl.targets.prose import docstring
from resdsl.targets.shared_activations import (
    SharedActivation,
    keys,
    place_of_shared,
    shared_activations,
)


class TooLongError(Exception):
    """The text of a module would have more than `limits.CALLS` calls."""


class Texts:
    """The texts of all classes of a network, each written before that of one that builds it.

    All members of a class hold a member of what its text builds, and nothing holds itself. Of two
    classes one member may still hold another's, and the other way round: no order of the classes
    serves, but writing each when it is first asked for does.
    """

    def __init__(self, classes: Classes, methods: Sequence[Method]) -> None:
        """`methods`: the network's own, which start its tensors."""
        self.classes = classes
        self.methods = methods
        self.functions = classes.functions
        # The helper classes that the file needs, by name.
        self.helpers: dict[str, Helper] = {}
        self._begun: set[int] = set()
        self._calls = 0
        for emitted in classes.in_order:
            self.written(emitted)

    def called(self, emitted: Emitted) -> Emitted:
        """A class, with its parameters. Raises TooLongError for a text of too many calls."""
        self._calls += 1
        if self._calls > limits.CALLS:
            raise TooLongError
        return self.written(emitted)

    def written(self, emitted: Emitted) -> Emitted:
        if id(emitted) not in self._begun:
            self._begun.add(id(emitted))
            ClassText(emitted, self).write()
        return emitted


class ClassText:
    """Writes one `Emitted`, and enters its parameters there for those who build it."""

    def __init__(self, emitted: Emitted, texts: Texts) -> None:
        self.emitted = emitted
        self.methods = texts.methods if emitted.form == "network" else ()
        self.classes = texts.classes
        self.scope = Scope(emitted.members, emitted.chosen, texts.functions)
        self.construct = Construct(texts.classes, self.scope, texts.called)
        self.helpers = texts.helpers
        self.columns: list[tuple[Instruction, ...]] = list(
            zip(*(program.instructions for program in emitted.programs), strict=True)
        )
        self.inplace = set(emitted.overwriting.decisions)
        # What the constructor sets, in order: an attribute with its value.
        self.settings: list[tuple[str, Node]] = []
        self.items: list[tuple[str, Node]] = []
        self.attributes: dict[int, Attribute | Template] = {}
        # The attributes that are no modules.
        self.numbers: dict[str, Node] = {}
        self.scalars: dict[int, Text] = {}
        # The attributes that are modules.
        self._taken = keys(self.columns)

    def write(self) -> None:
        emitted = self.emitted
        if emitted.form == "chain":
            return
        self._collect()
        nodes = self._nodes()
        emitted.parameters, locals = self.scope.finish(nodes)
        if emitted.form == "function":
            emitted.text = self._function(locals)
        else:
            emitted.text = self._class(locals)
        emitted.called.update(name for node in nodes for name in globals_called(node))
        for part in (part for node in nodes for part in parts(node)):
            match part:
                case Built(callee, helper=Helper() as helper):
                    self.helpers[callee] = helper
                case Built(emitted=Emitted() as made):
                    self._mention(made)
                case Handed(emitted=handed):
                    for made in handed:
                        self._mention(made)

    def _mention(self, other: Emitted) -> None:
        named = other.form != "chain" and not other.is_empty
        if named and other not in self.emitted.mentions:
            self.emitted.mentions.append(other)

    def _nodes(self) -> list[Node]:
        """All that the constructor builds."""
        settings = [node for _, node in self.settings]
        # Those of a class with attributes are set.
        is_list = self.emitted.form in ("list", "function", "sequence")
        return [*(node for _, node in self.items if is_list), *settings]

    # --- the constructor -------------------------------------------------------------------------

    def _collect(self) -> None:
        shared: dict[int, SharedActivation] = {}
        if self.emitted.form in ("class", "network"):
            shared = shared_activations(self.columns, self.inplace)
        self._taken |= {activation.name for activation in shared.values()}
        where = place_of_shared(self.columns, shared)
        for index, column in enumerate(self.columns):
            if index == where:
                self._set_shared(shared)
            first = column[0]
            match first:
                case Invoke():
                    steps = [step for step in column if isinstance(step, Invoke)]
                    self._module(index, steps, shared)
                case Sum():
                    self._shortcut(index, [step for step in column if isinstance(step, Sum)])
                case Assemble():
                    joins = [step.expression for step in column if isinstance(step, Assemble)]
                    self._scalars(joins)

    def _module(self, index: int, steps: list[Invoke], shared: dict[int, SharedActivation]) -> None:
        first = steps[0]
        if index in shared:
            self.attributes[index] = Attribute(f"self.{shared[index].name}")
            return
        template = self._template(steps)
        if template is not None:
            self.attributes[index] = template
            return
        key = first.apply.key
        node = self._built(steps, inplace=index in self.inplace)
        self.items.append((key, node))
        is_list = first.op is None and self.classes.is_list(first.apply)
        if self.emitted.form in ("list", "function", "sequence"):
            # An item of an nn.ModuleList is an nn.Module to a type checker, which has no
            # `__iter__`.
            item = f"self[{len(self.items) - 1}]" + (".children()" if is_list else "")
            self.attributes[index] = Attribute(item, is_list)
        else:
            self._set(key, node)
            self.attributes[index] = Attribute(names.attribute(key), is_list)

    def _built(self, steps: Sequence[Invoke], *, inplace: bool) -> Node:
        """The module of an instruction: built here, or where it cannot be, handed in."""
        placed = [Placed(step.apply) for step in steps]
        try:
            return self.construct.module(placed, inplace=inplace)
        except InexpressibleError:
            pass
        key = steps[0].apply.key
        if steps[0].op is not None:
            hint = steps[0].op.name if key.isdigit() else key
            return self.construct.module(placed, inplace=inplace, hint=hint)
        applies = [step.apply for step in steps]
        is_list = self.classes.is_list(applies[0])
        return self.construct.handed(self.scope.module(key, applies, is_list=is_list).name, applies)

    def _shortcut(self, index: int, steps: list[Sum]) -> None:
        applies: list[Apply | None] = [step.shortcut for step in steps]
        present = [apply for apply in applies if apply is not None]
        if not present:
            return
        key = present[0].key
        node: Node | None = None
        if len(present) == len(applies):
            with suppress(InexpressibleError):
                node = self.construct.module([Placed(apply) for apply in present])
        if node is None:
            name = self.scope.module(key, applies).name
            is_whole = len(present) == len(applies)
            node = self.construct.handed(name, present) if is_whole else Text(name)
        self._set(key, node)
        self.attributes[index] = Attribute(names.attribute(key))

    def _set(self, key: str, node: Node) -> None:
        if names.is_attribute(key):
            self.settings.append((f"self.{key} = ", node))
        else:
            self.settings.append(("", Call("self.add_module", (Text(literal(key)), node))))

    def _template(self, steps: Sequence[Invoke]) -> Template | None:
        """The expression that runs an operator without a module, where the class has a forward."""
        if self.emitted.form not in ("class", "network"):
            return None
        found = [step.op.inline(step.shape) if step.op is not None else None for step in steps]
        first = found[0]
        if first is None:
            return None
        if any(inline is None or _form(inline) != _form(first) for inline in found):
            # One that does nothing beside one that does: the module serves both.
            return None
        texts: dict[str, str] = {}
        for position, (name, _) in enumerate(first.values):
            column = [number(inline.values[position][1]) for inline in found if inline is not None]
            text = self.construct.value(column, f"{steps[0].apply.key}_{name}")
            is_constant = self.scope.is_constant(column)
            texts[name] = text.text if is_constant else f"self.{self._number(name, text)}"
        written = first.text
        if any("." in text for text in texts.values()):
            # As `ruff format` spaces a slice with an attribute in it.
            written = written.replace("::{", ":: {").replace("}:{", "} : {")
        further = tuple(part.format(**texts) for part in first.further)
        return Template(first.kind, written.format(**texts), further)

    def _scalars(self, joins: Sequence[Expression]) -> None:
        """The numbers in a join, which may differ between members."""
        stack: list[tuple[Expression, ...]] = [tuple(joins)]
        while stack:
            column = stack.pop()
            if isinstance(column[0], Scalar):
                values = [number(item.value) for item in column if isinstance(item, Scalar)]
                text = self.scope.number(values, "factor")
                if not self.scope.is_constant(values):
                    name = text.text if text.text.isidentifier() else "factor"
                    text = Text(f"self.{self._number(name, text)}")
                self.scalars[id(column[0])] = text
            elif isinstance(column[0], Combine):
                operands = [item.operands for item in column if isinstance(item, Combine)]
                stack += zip(*operands, strict=True)

    def _number(self, name: str, value: Text) -> str:
        """The attribute that holds a number, by this name if no module and no other number is."""
        for attribute, other in self.numbers.items():
            if other == value and attribute.rstrip("_") == names.variable(name).rstrip("_"):
                return attribute
        # Nor may it hide what nn.Module needs: a parameter of a spec may be called `training`.
        taken = self._taken | self.numbers.keys() | MODULE_ATTRIBUTES
        attribute = names.variable(name, taken)
        self.numbers[attribute] = value
        self.settings.append((f"self.{attribute} = ", value))
        return attribute

    # --- the shared activation -------------------------------------------------------------------

    def _set_shared(self, shared: dict[int, SharedActivation]) -> None:
        for activation in dict.fromkeys(shared.values()):
            index = next(index for index, other in shared.items() if other == activation)
            placed = [
                Placed(step.apply) for step in self.columns[index] if isinstance(step, Invoke)
            ]
            name, inplace = activation.name, activation.inplace
            node = self.construct.module(placed, inplace=inplace, hint=name)
            self.settings.append((f"self.{name} = ", node))

    # --- text ------------------------------------------------------------------------------------

    def _function(self, locals: Sequence[tuple[str, str]]) -> list[str]:
        emitted = self.emitted
        parameters = [parameter.text for parameter in emitted.parameters]
        text = list(signature(emitted.name, parameters, "nn.Sequential", 0))
        if emitted.doc:
            text += docstring(emitted.doc, INDENT)
        text += [f"{' ' * INDENT}{name} = {value}" for name, value in locals]
        text += lines(self.construct.sequential(self.items, numbered=True), INDENT, "return ")
        return text

    def _class(self, locals: Sequence[tuple[str, str]]) -> list[str]:
        emitted = self.emitted
        bare = not emitted.parameters and not self.settings and not self.items
        base = {"list": "nn.ModuleList", "sequence": "nn.Sequential"}.get(emitted.form, "nn.Module")
        if bare and emitted.form == "list":
            base = "nn.Module"
        text = [f"class {emitted.name}({base}):"]
        if emitted.doc and emitted.form != "network":
            text += [*docstring(emitted.doc, INDENT), ""]
        parts = [self._constructor(locals)]
        if bare and emitted.form in ("class", "list"):
            # It would only call nn.Module's.
            parts = []
        parts += [method.text() for method in self.methods]
        if emitted.form != "sequence":
            parts.append(self._forward())
        first, *others = parts
        return [*text, *first, *(line for part in others for line in ("", *part))]

    def _constructor(self, locals: Sequence[tuple[str, str]]) -> list[str]:
        parameters = ["self", *(parameter.text for parameter in self.emitted.parameters)]
        text = list(signature("__init__", parameters, "None", INDENT))
        margin = " " * (2 * INDENT)
        variables = [f"{margin}{name} = {value}" for name, value in locals]
        nodes = tuple(node for _, node in self.items)
        match self.emitted.form:
            case "list":
                call = Call("super().__init__", (Items("[", nodes, "]"),))
                text += [*variables, *lines(call, 2 * INDENT)]
            case "sequence":
                text += [*variables, *lines(Call("super().__init__", nodes), 2 * INDENT)]
            case _:
                text += [f"{margin}super().__init__()", *variables]
        for lead, node in self.settings:
            text += lines(node, 2 * INDENT, lead)
        text += [f"{margin}self.{method.name}()" for method in self.methods if method.is_called]
        return text

    def _forward(self) -> list[str]:
        writer = Forward(self.emitted.programs, self.attributes, self.inplace, self.scalars)
        statements = writer.write()
        self.emitted.called.update(writer.statements.called)
        inputs = [f"{name}: Tensor" for name in writer.inputs]
        outputs = len(self.emitted.programs[0].outputs)
        returns = "Tensor" if outputs == 1 else f"tuple[{', '.join(['Tensor'] * outputs)}]"
        return [*signature("forward", ["self", *inputs], returns, INDENT), *statements]


def _form(inline: Inline) -> object:
    """What it is but for its numbers."""
    return inline.kind, inline.text, inline.further
