"""What an emitted module binds, and hides by it: a check on its text, without running it.

The text mentions names of the file (its functions and classes), of its imports and of Python. A
function of the file must not bind one of these and mean the other; nor may a comprehension bind a
name of the function around it, or `self` an attribute that nn.Module needs.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field

from resdsl.language.names.reserved import MODULE_ATTRIBUTES
from resdsl.targets.names import RESERVED_CLASSES

Function = ast.FunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
# What a class of torch sets on itself, for those that inherit from it.
_CONV = "weight bias out_channels kernel_size stride padding dilation _conv_forward".split()
INHERITED = {"nn.Linear": ("weight", "bias"), **{f"nn.Conv{n}d": _CONV for n in (1, 2, 3)}}
# What a constructor calls to set attributes.
_DESCRIBING = ("_describe",)


def hidden(source: str) -> list[str]:
    """One line for each name that is hidden where it may be meant, and each that is not there."""
    return list(_File(ast.parse(source)).faults())


@dataclass
class _File:
    tree: ast.Module
    imports: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    # What other files import: the network's class and the function that makes it.
    exported: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for node in self.tree.body:
            match node:
                case ast.Import() | ast.ImportFrom():
                    self.imports |= {alias.asname or alias.name for alias in node.names}
                case ast.ClassDef():
                    self.classes.add(node.name)
                case ast.FunctionDef():
                    self.functions.add(node.name)
                case ast.Assign():
                    self.exported |= set(ast.literal_eval(node.value))

    def faults(self) -> Iterator[str]:
        own = [*self.imports, *self.classes, *self.functions]
        for name in sorted({name for name in own if own.count(name) > 1}):
            yield f"the file has two `{name}`"
        for name in sorted((self.classes | self.functions) & set(dir(builtins))):
            yield f"the file hides Python's `{name}`"
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef):
                # What operators that torch lacks need knows nothing of the file.
                calls = node.name not in RESERVED_CLASSES
                yield from self._function(node, node.name, calls=calls)
            elif isinstance(node, ast.ClassDef):
                yield from self._class(node)

    def _class(self, node: ast.ClassDef) -> Iterator[str]:
        attributes = {name for base in node.bases for name in self._inherited(ast.unparse(base))}
        methods = {part.name for part in node.body if isinstance(part, Function)}
        for method in (part for part in node.body if isinstance(part, Function)):
            if method.name in _DESCRIBING:
                attributes |= set(_set_on_self(method))
        for method in (part for part in node.body if isinstance(part, Function)):
            where = f"{node.name}.{method.name}"
            calls = method.name == "__init__" and node.name not in RESERVED_CLASSES
            yield from self._function(method, where, calls=calls)
            if method.name == "__init__":
                attributes |= set(_set_on_self(method))
                for name in sorted(attributes & MODULE_ATTRIBUTES):
                    yield f"{where} hides the `{name}` of nn.Module"
                continue
            read = {part.attr for part in ast.walk(method) if _is_of_self(part)}
            for name in sorted(read - attributes - methods - MODULE_ATTRIBUTES):
                yield f"{where} reads `self.{name}`, which nothing sets"

    def _inherited(self, base: str) -> Iterator[str]:
        """What a class of torch sets, or one of the file."""
        yield from INHERITED.get(base, ())
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef) and node.name == base:
                yield from (part.name for part in node.body if isinstance(part, Function))
                for inner in node.bases:
                    yield from self._inherited(ast.unparse(inner))

    def _function(self, node: Function, where: str, *, calls: bool) -> Iterator[str]:
        """`calls`: functions of the file are called in here."""
        bound = set(_bound(node))
        mentioned = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        fixed = self.imports | self.classes | set(dir(builtins))
        # Nobody in the file calls the function that makes the network.
        called = self.functions - self.exported - RESERVED_CLASSES
        taken = fixed | called if calls else fixed
        for name in sorted(bound & taken):
            yield f"{where} binds `{name}`, which hides what is called so"
        if not calls:
            for name in sorted(called & mentioned - bound):
                yield f"{where} mentions `{name}`"
        for part in ast.walk(node):
            if isinstance(part, Comprehension):
                targets = {name for made in part.generators for name in _names(made.target)}
                for name in sorted(targets & (taken | bound)):
                    yield f"{where} binds `{name}` in a comprehension, and means another by it"


def _bound(node: Function) -> Iterator[str]:
    """Parameters and variables, those of comprehensions left out."""
    for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        yield argument.arg
    pending: list[ast.AST] = list(node.body)
    while pending:
        part = pending.pop()
        yield from _names(part)
        if not isinstance(part, Comprehension):
            pending += ast.iter_child_nodes(part)


def _names(part: ast.AST) -> Iterator[str]:
    match part:
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.Tuple(elts=parts):
            for inner in parts:
                yield from _names(inner)


def _is_of_self(part: ast.AST) -> bool:
    return isinstance(part, ast.Attribute) and ast.unparse(part.value) == "self"


def _set_on_self(node: Function) -> Iterator[str]:
    for part in ast.walk(node):
        match part:
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.Call(args=[ast.Constant(value=str(name)), *_]):
                # self.add_module("a b", …)
                if ast.unparse(part.func) == "self.add_module":
                    yield name
