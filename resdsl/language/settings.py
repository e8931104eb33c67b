"""The parameters of a network as somebody outside gives them: texts of `--set`, values of Python.

Both are read by the types that the parameters declare. A mistake is told in the words of the side
that it was made on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.aliases import fold
from resdsl.diagnostics.suggest import did_you_mean, suggest
from resdsl.extents import Size
from resdsl.language.elaborate.elaborator import Elaborator
from resdsl.language.elaborate.families import Family
from resdsl.language.evaluate.arguments import Given, type_problem
from resdsl.language.names.symbols import Module, Symbol
from resdsl.language.values import library_keywords, types
from resdsl.language.values.context import Context, Frame
from resdsl.language.values.fitting import Fitting, MisfitError, taken
from resdsl.language.values.outside_values import Alien, Text, described, understood, word
from resdsl.language.values.rounding import rounding
from resdsl.language.values.scope import Environment, Scope
from resdsl.language.values.values import UNKNOWN, Callee, Unknown
from resdsl.ops import REGISTRY, SLOTS
from resdsl.source import Source, Span
from resdsl.syntax import tree
from resdsl.syntax.value_lists import parse_values

# Folded, as in diagnostics/aliases.
_TRUTHS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


class Settings:
    """Reads values for the parameters of the network `symbol`, which its `family` declares.

    Names in them mean what they mean in the network's own file, `module`.
    """

    def __init__(
        self, elaborator: Elaborator, module: Module, symbol: Symbol, family: Family
    ) -> None:
        self.elaborator = elaborator
        self.sink = elaborator.session.sink
        self.module = module
        self.symbol = symbol
        self.family = family
        parameters = family.symbol.node.parameters
        self.declared = {p.name.id: p for p in parameters if p.name.id not in family.bound}
        frame = Frame(family.symbol, module)
        self.context = Context(frame, module, Scope(), Environment())
        self.fitting = Fitting(symbol.name, self._callee)

    def given(self, settings: Mapping[Any, Any]) -> dict[str, Given] | None:
        """By parameter, the values; None after an error."""
        given: dict[str, Given] = {}
        for key, raw in settings.items():
            name = understood(key)
            if not isinstance(name, str) or name not in self.declared:
                self._no_parameter(name, raw)
                continue
            wanted = self.declared[name].type
            try:
                if type(raw) is Text:
                    item = self._of_text(name, raw.text)
                else:
                    item = Given(self._of_python(name, raw, wanted), self.symbol.node.name.span)
            except MisfitError as error:
                self.sink.error(codes.OVERRIDE, str(error), help=error.help)
                continue
            if not _is_unknown(item.value):
                given[name] = item
        return given if len(given) == len(settings) else None

    # --- texts ---

    def _of_text(self, name: str, text: str) -> Given:
        """The value of an expression. Where a list or size is asked for, commas make one."""
        parameter = self.declared[name]
        wanted = parameter.type
        if wanted is not None and wanted.name == "one_of" and text in wanted.choices:
            return Given(text, self.symbol.node.name.span)
        items, span = self._parsed(f"--set {name}", text)
        if items is None:
            return Given(UNKNOWN, span)
        takes_many = wanted is not None and wanted.name in ("list", "size")
        if len(items) > 1 and not takes_many:
            what = "one value" if wanted is None else types.describe(wanted)
            raise MisfitError(
                f"`{name}` of `{self.symbol.name}` must be {what}, not {len(items)} values"
            )
        for item in items:
            self._refuse_word(name, item, wanted)
        node = items[0] if len(items) == 1 else tree.ListExpr(items, span)
        value = self._read(node, wanted)
        if wanted is not None and wanted.name == "list" and _is_single(value):
            value = (value,)  # as `64,128` is two
        problem = None if _is_unknown(value) else type_problem(value, parameter)
        if problem is not None:
            help = rounding(value, span) if "an int" in problem or "a size" in problem else ()
            raise MisfitError(f"`{name}` of `{self.symbol.name}` {problem}", *help)
        return Given(value, span)

    def _refuse_word(self, name: str, node: tree.Expr, wanted: tree.Type | None) -> None:
        """A word that means nothing is told by what the parameter takes: `--set width=abc`."""
        if isinstance(node, tree.ListExpr):
            for one in node.items:
                self._refuse_word(name, one, wanted)
        item = wanted.item if wanted is not None and wanted.name == "list" else wanted
        type_ = "any" if item is None else item.name
        if not isinstance(node, tree.Name) or type_ in ("string", "one_of"):
            return
        if self.elaborator.expressions.find(node, self.context) is not None:
            return
        what = "one value" if wanted is None else types.describe(wanted)
        why = f", not `{node.id}`" if item is wanted else f": `{node.id}` is no {type_}"
        message = f"`{name}` of `{self.symbol.name}` must be {what}{why}"
        raise MisfitError(message, *self._instead(node.id, type_))

    def _instead(self, word: str, type_: str) -> list[str]:
        """What a word may have been meant for, where a type is asked for."""
        if type_ == "bool" and fold(word) in _TRUTHS:
            return [f"write `{_TRUTHS[fold(word)]}`"]
        module, find = self.module, self.elaborator.expressions.find
        visible = self.elaborator.session.files.visible(module)
        names = list(dict.fromkeys([*visible, *REGISTRY, *SLOTS]))
        near = [
            name
            for name in suggest(word, names)
            if types.fits_simple(found := find(tree.Name(name, self._place()), self.context), type_)
            or (type_ in (*types.CALLEES, "any") and isinstance(found, Callee))
        ]
        if near:
            return [did_you_mean(word, near) or f"did you mean `{near[0]}`?"]
        if type_ in types.CALLEES:
            return ["`resdsl explain` lists the operators and blocks"]
        return []

    def _place(self) -> Span:
        return self.symbol.node.name.span

    def _parsed(self, where: str, text: str) -> tuple[tuple[tree.Expr, ...] | None, Span]:
        source = Source(where, text)
        return parse_values(source, self.sink), Span(source, 0, len(text))

    def _read(self, node: tree.Expr, wanted: tree.Type | None) -> Any:
        """The value of an expression for a type: by it, a word may be a string, a list a size."""
        expressions = self.elaborator.expressions
        type_ = "any" if wanted is None else wanted.name
        if isinstance(node, tree.ListExpr) and wanted is not None and type_ in ("list", "size"):
            values = tuple(self._read(item, wanted.item) for item in node.items)
            if type_ == "size" and values and all(types.fits_simple(v, "int") for v in values):
                return Size(values)
            return expressions.checked_list(values, node)
        words = wanted.item if type_ == "list" and wanted is not None else wanted
        if isinstance(node, tree.Name) and words is not None and words.name in ("string", "one_of"):
            found = None if node.id in words.choices else expressions.find(node, self.context)
            return found if isinstance(found, str | tuple) else node.id
        return expressions.value(node, self.context)

    # --- Python ---

    def _of_python(self, name: str, value: object, wanted: tree.Type | None) -> Any:
        try:
            return self.fitting.fit(value, wanted, name)
        except MisfitError as error:
            help = list(error.help)
            if value is None and self.declared[name].default is not None:
                help.append("left out, it has its default")
            elif wanted is not None and wanted.name in types.CALLEES:
                help += self._named(value)
            raise MisfitError(str(error), *help) from None

    def _named(self, value: object) -> list[str]:
        """What a class, module or function of torch's is called here."""
        own = [*REGISTRY, *SLOTS, *self.elaborator.session.files.visible(self.module)]
        name = word(value) if isinstance(understood(value), Alien) else ""
        found = [name] if name in own else suggest(name, own)
        return [f"its name here may be {' or '.join(map(repr, found))}"] if found else []

    def _callee(self, text: str, wanted: tree.Type, name: str, said: str) -> Any:
        """What a str says of an operator, block or shortcut."""
        what = f"`{name}` of `{self.symbol.name}` must be {taken(wanted)}, not {said}"
        if not text.strip():
            raise MisfitError(what)
        items, _ = self._parsed(f"{self.symbol.name}({name}=…)", text)
        if items is None:
            return UNKNOWN
        value = self._read(items[0], None) if len(items) == 1 else items
        if isinstance(value, Unknown) or types.fits(value, wanted):
            return value
        raise MisfitError(f"{what}, a {value.kind}" if isinstance(value, Callee) else what)

    # --- names ---

    def _no_parameter(self, name: object, raw: object) -> None:
        whole, node = self.symbol.name, self.symbol.node
        if not isinstance(name, str):
            what = described(name, name)
            self._refuse(f"the name of a parameter of `{whole}` must be a str, not {what}")
        elif name in self.family.bound:
            assert isinstance(node, tree.Network) and node.family is not None
            made = f"`{whole} = {' '.join(node.family.span.text.split())}`"
            self._refuse(f"`{name}` has its value already: {made}")
        else:
            names = list(self.declared)
            listed = "it has " + (", ".join(f"`{known}`" for known in names) or "none")
            is_text = type(raw) is Text
            value = raw.text if type(raw) is Text else raw
            help = did_you_mean(name, names)
            help = help or library_keywords.hint(name, value, is_text, self._input(), names)
            self._refuse(f"`{whole}` has no parameter `{name}`", help or listed)

    def _input(self) -> tree.Input | None:
        node = self.family.symbol.node
        steps = node.body.steps if node.body is not None else ()
        return next((step for step in steps if isinstance(step, tree.Input)), None)

    def _refuse(self, message: str, *help: str) -> None:
        self.sink.error(codes.OVERRIDE, message, help=help)


def _is_unknown(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_is_unknown, value))
    return isinstance(value, Unknown)


def _is_single(value: Any) -> bool:
    return not isinstance(value, Unknown) and (isinstance(value, Size) or type(value) is not tuple)
