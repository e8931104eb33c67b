"""From the parser's tree to ours: expressions.

The depth is bounded: brackets were counted before the parse (`parser.py`), prefixes, powers and
fields are counted here; chains of one rank are loops.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any, Literal

from resdsl import limits
from resdsl.diagnostics.codes import LIMIT, SYNTAX
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.source import Source, Span
from resdsl.syntax import literals, tree
from resdsl.syntax.lalr import Token
from resdsl.syntax.lalr import Tree as Node


class Expressions:
    def __init__(self, source: Source, sink: Sink, unsure: Container[int] = ()) -> None:
        self.source = source
        self.sink = sink
        self.unsure = unsure
        self.is_too_deep = False

    def optional(self, node: Node | None) -> tree.Expr | None:
        return self.expr(node) if node else None

    def expr(self, node: Node, depth: int = 0) -> tree.Expr:
        if depth > limits.EXPRESSION_DEPTH:
            self.too_deep(node, "an expression", limits.EXPRESSION_DEPTH)
            return tree.Number(0, self.span(node))
        return _EXPRESSIONS[node.data](self, node, depth)

    def logical(self, node: Node, depth: int) -> tree.Expr:
        op: Literal["or", "and"] = "or" if node.data == "disjunction" else "and"
        links: list[tuple[tree.BinaryOp, Node]] = [(op, child) for child in node.children[1:]]
        return self.chain(node, links, depth)

    def operators(self, node: Node, depth: int) -> tree.Expr:
        """`a + b - c`: operands and operators in turn."""
        rest: list[Any] = node.children[1:]
        links = list(zip(map(str, rest[::2]), rest[1::2], strict=True))
        return self.chain(node, links, depth)

    def comparison(self, node: Node, depth: int) -> tree.Expr:
        if len(node.children) > 3:
            first, second = node.children[1], node.children[3]
            self.sink.error(
                SYNTAX,
                "comparisons do not chain",
                self.span(second),
                "a second comparison",
                others=[Label(self.span(first), "the first one")],
                help=["write `a < b and b < c`"],
            )
            return tree.Broken(self.span(node))
        return self.operators(node, depth)

    def chain(self, node: Node, links: list[tuple[Any, Node]], depth: int) -> tree.Expr:
        """Operators of one rank, nested to the left."""
        if len(links) >= limits.EXPRESSION_TERMS:
            message = f"an expression has more than {limits.EXPRESSION_TERMS:,} operands in a row"
            self.sink.error(LIMIT, message, self.span(links[limits.EXPRESSION_TERMS - 1][1]))
            return tree.Broken(self.span(node))
        left = self.expr(node.children[0], depth + 1)
        span = self.span(node.children[0])
        for op, operand in links:
            span = span.to(self.span(operand))
            left = tree.Binary(op, left, self.expr(operand, depth + 1), span)
        return left

    def power(self, node: Node, depth: int) -> tree.Expr:
        base, exponent = node.children
        left, right = self.expr(base, depth + 1), self.expr(exponent, depth + 1)
        return tree.Binary("**", left, right, self.span(node))

    def unary(self, node: Node, depth: int) -> tree.Expr:
        op: Literal["-", "not"] = "-" if node.data == "negative" else "not"
        return tree.Unary(op, self.expr(node.children[0], depth + 1), self.span(node))

    def postfix(self, node: Node, depth: int) -> tree.Expr:
        atom, *trailers = node.children
        depth += len(trailers)
        value, span = self.expr(atom, depth), self.span(atom)
        if depth > limits.EXPRESSION_DEPTH:
            return value
        for trailer in trailers:
            span = span.to(self.span(trailer))
            inner = trailer.children[0]
            if trailer.data == "field":
                value = tree.Field(value, self.word(inner), span)
            else:
                value = tree.Index(value, self.expr(inner, depth + 1), span)
        return value

    def call(self, node: Node, depth: int) -> tree.Call:
        callee, arguments = node.children
        name = self.name(callee) if isinstance(callee, Token) else self.word(callee)
        values = self.arguments(arguments, depth) if arguments else ()
        return tree.Call(name, values, arguments is not None, self.span(node))

    def arguments(self, node: Node, depth: int) -> tuple[tree.Argument, ...]:
        found: list[tree.Argument] = []
        for argument in children(node):
            name, value = argument.children
            found.append(
                tree.Argument(
                    self.word(name) if name else None,
                    self.expr(value, depth + 1),
                    self.span(argument),
                )
            )
        return tuple(found)

    def list_(self, node: Node, depth: int) -> tree.Expr:
        items = tuple(self.expr(item, depth + 1) for item in children(node))
        span = self.span(node)
        return tree.Broken(span) if span.start in self.unsure else tree.ListExpr(items, span)

    def atom(self, node: Node, _depth: int) -> tree.Expr:
        span = self.span(node)
        if node.data in ("true", "false"):
            return tree.Bool(node.data == "true", span)
        if node.data == "in":
            return tree.Name("in", span)
        if node.data == "name":
            return self.word(node.children[0])
        token = node.children[0]
        if node.data == "number":
            value = self.literal(token, span)
            return tree.Broken(span) if value is None else tree.Number(value, span)
        if node.data == "size":
            before = self.sink.errors
            dims = literals.size(token, span, self.sink)
            return tree.SizeLiteral(dims, span) if self.sink.errors == before else tree.Broken(span)
        return tree.Broken(span) if span.start in self.unsure else tree.String(token[1:-1], span)

    # --- words ------------------------------------------------------------------------------------

    def number(self, token: Token) -> tree.Number:
        span = self.span(token)
        return tree.Number(literals.number(token, span, self.sink), span)

    def literal(self, text: str, span: Span) -> int | float | None:
        """A number; None after an error."""
        before = self.sink.errors
        value = literals.number(text, span, self.sink)
        return value if self.sink.errors == before else None

    def name(self, token: Token) -> tree.Name:
        return tree.Name(str(token), self.span(token))

    def word(self, node: Node) -> tree.Name:
        return self.name(node.children[0])

    def span(self, node: Node | Token) -> Span:
        """Where it stands, with the brackets around it."""
        assert node.start_pos is not None and node.end_pos is not None
        return Span(self.source, node.start_pos, node.end_pos)

    def too_deep(self, node: Node, what: str, limit: int) -> None:
        if not self.is_too_deep:
            self.sink.error(LIMIT, f"{what} is nested more than {limit} deep", self.span(node))
        self.is_too_deep = True


def children(node: Node | None) -> list[Any]:
    """The children but the placeholder that stands for an empty list."""
    return [child for child in node.children if child is not None] if node else []


_EXPRESSIONS: dict[str, Callable[[Expressions, Node, int], tree.Expr]] = {
    "disjunction": Expressions.logical,
    "conjunction": Expressions.logical,
    "comparison": Expressions.comparison,
    "sum": Expressions.operators,
    "product": Expressions.operators,
    "power": Expressions.power,
    "not": Expressions.unary,
    "negative": Expressions.unary,
    "postfix": Expressions.postfix,
    "call": Expressions.call,
    "list": Expressions.list_,
    **dict.fromkeys(("number", "size", "string", "true", "false", "in", "name"), Expressions.atom),
}
