"""Ints where a float is declared, in the text of an emitted module: a check without running it.

What a constructor of the file, or of torch.nn, declares a `float` must have a float for its default
and be given one. Python takes an int as well; TorchScript does not.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from functools import cache

Types = Mapping[str, str]


def ints_for_floats(source: str) -> list[str]:
    """One line for each int that stands for a float."""
    tree = ast.parse(source)
    functions = dict(_constructors(tree))
    faults: list[str] = []
    for name, function in functions.items():
        types = dict(_parameters(function))
        defaults = function.args.defaults
        for argument, default in zip(function.args.args[-len(defaults) :], defaults, strict=False):
            if types.get(argument.arg) == "float" and _is_int(default, {}):
                faults.append(f"{name}: {argument.arg}: float = {ast.unparse(default)}")
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                types[node.targets[0].id] = "int" if _is_int(node.value, types) else ""
            if isinstance(node, ast.Call):
                faults += _given(node, types, functions)
    return faults


def _constructors(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """By the name that is called: functions, and the `__init__` of classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    yield node.name, method


def _parameters(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for argument in function.args.args:
        if argument.arg != "self":
            yield argument.arg, ast.unparse(argument.annotation) if argument.annotation else ""


def _given(node: ast.Call, types: Types, functions: Mapping[str, ast.FunctionDef]) -> Iterator[str]:
    callee = ast.unparse(node.func)
    if callee in functions:
        wanted = dict(_parameters(functions[callee]))
    else:
        wanted = dict(_of_torch(callee))
    pairs = [*zip(wanted, node.args, strict=False), *((k.arg, k.value) for k in node.keywords)]
    for name, value in pairs:
        if name is not None and wanted.get(name) == "float" and _is_int(value, types):
            yield f"{callee}({name}={ast.unparse(value)})"


@cache
def _of_torch(callee: str) -> tuple[tuple[str, str], ...]:
    from torch import nn

    found = getattr(nn, callee.removeprefix("nn."), None) if callee.startswith("nn.") else None
    if not isinstance(found, type):
        return ()
    parameters = inspect.signature(found).parameters.values()
    return tuple(
        (p.name, "float" if p.annotation in (float, "float", float | None) else "")
        for p in parameters
    )


def _is_int(node: ast.expr, types: Types) -> bool:
    match node:
        case ast.Constant(value):
            return type(value) is int
        case ast.Name(name):
            return types.get(name) == "int"
        case ast.UnaryOp(operand=operand):
            return _is_int(operand, types)
        case ast.BinOp(op=ast.Div()):
            return False
        case ast.BinOp(left=left, right=right):
            return _is_int(left, types) and _is_int(right, types)
        case _:
            return False
