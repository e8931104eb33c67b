"""Whether an expression computes with tensors: then it is one of a join's."""

from __future__ import annotations

from resdsl.join_functions import JOIN_FUNCTIONS, SOFTMAX
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.values.context import Context
from resdsl.language.values.values import holds_tensors, is_list
from resdsl.syntax import tree

# Some have no tensors as operands, which is told.
_ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%", "**"})
# What may compute a list that has an index behind it.
COMPUTED = (tree.ListExpr, tree.Binary, tree.Call)


def speaks(node: tree.Expr, expressions: Expressions, context: Context) -> bool:
    """Whether an expression computes with tensors or lists them. Nothing is told."""
    stack = [node]
    while stack:
        match stack.pop():
            case tree.Name() as name:
                if holds_tensors(expressions.find(name, context)):
                    return True
            case tree.Binary(op, left, right) if op in _ARITHMETIC:
                stack += [left, right]
            case tree.Unary(op="-", operand=operand):
                stack.append(operand)
            case tree.Index() as element if known := tree.indexed(element):
                found = expressions.find(known[0], context)
                if found is None or holds_tensors(found):
                    return True
            case tree.Index(value=base) if isinstance(base, COMPUTED):
                stack.append(base)
            case tree.ListExpr(items=items):
                stack += items
            case tree.Call(callee=tree.Name(id="where"), arguments=arguments):
                stack += [argument.value for argument in arguments[1:]]
            case tree.Call(
                tree.Name(id="softmax"), (tree.Argument(value=tree.Name() as name),)
            ) if is_list(expressions.find(name, context)):
                return True
            case tree.Call(callee=tree.Name(id=word), arguments=arguments) if (
                word in JOIN_FUNCTIONS or word == SOFTMAX
            ):
                stack += [argument.value for argument in arguments]
            case _:
                pass
    return False
