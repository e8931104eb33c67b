"""`output_stride` without its number, or with a sign between the two."""

from __future__ import annotations

from resdsl.diagnostics.aliases import fold
from resdsl.syntax.stop import WORDS, Finding, Stop

_FORM = "`output_stride 16` holds for the steps behind it"


def output_stride(stop: Stop) -> Finding | None:
    """`output_stride: 8`, `output_stride = 8`, `output_stride conv(3, 16)`"""
    message = "`output_stride` is followed by a number"
    if stop.type == "NUMBER" and stop.type_at(-1) == "NAME":
        if fold(str(stop.token(-1))) == "outputstride":
            help = (f"`output_stride {stop.text}`",)
            return Finding("it is written with an underscore", "one word", help, at=-1)
        return None
    if stop.type_at(-2) == "OUTPUT_STRIDE":
        if stop.type == "NUMBER" and stop.type_at(-1) == "COLON":
            help = (f"without a sign: `output_stride {stop.text}`",)
            return Finding(message, "no number", help, at=-1)
        if stop.type in ("LPAR", "COLON") and stop.type_at(-1) in WORDS:
            return Finding(message, "no number", (_FORM,), at=-1, mend=(-1, -1, "1"))
    if stop.type_at(-1) == "OUTPUT_STRIDE" and {"NUMBER", "NAME"} <= stop.accepted:
        if stop.type == "STRING":
            help = (f"without quotation marks: `output_stride {stop.text[1:-1]}`",)
            return Finding(message, "a string", help)
        if stop.type == "EQUAL":
            help = (f"without a sign: `output_stride {stop.operand(1)}`",)
            return Finding(message, "no number", help, mend=(0, 1, ""))
        return Finding(message, "no number", (_FORM,))
    if stop.type in ("STAR", "SLASH", "PLUS", "MINUS") and stop.type_at(-2) == "OUTPUT_STRIDE":
        help = ("a number, or a parameter of the network",)
        return Finding(message, "an expression", help)
    return None
