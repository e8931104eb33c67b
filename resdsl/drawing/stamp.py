"""The mark by which a drawing is known for ours, and for untouched: a digest at its end.

A comment in DOT, SVG and PDF, a text chunk in PNG (W3C "Portable Network Graphics", 11.3.4.3): no
program that shows a picture shows it.
"""

from __future__ import annotations

from hashlib import sha256
from zlib import crc32

_DIGITS = 12
# What stands before and after the words, by format; a PNG's are made below.
_MARKS = {"dot": (b"// ", b"\n"), "svg": (b"<!-- ", b" -->\n"), "pdf": (b"% ", b"\n")}
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


def stamped(content: bytes, format: str) -> bytes:
    """A picture in `format` with its mark."""
    if format == "png":
        body = content.removesuffix(_PNG_END)
        return body + _chunk(body) + _PNG_END
    return content + _comment(content, format)


def is_pristine(content: bytes, format: str) -> bool:
    """Whether `stamped` made it, and nobody changed it since. Line ends do not count."""
    if format == "png":
        body = content.removesuffix(_PNG_END)
        without = body[: -len(_chunk(b""))]
        return body == without + _chunk(without)
    if format != "pdf":
        content = content.replace(b"\r\n", b"\n")
    without = content[: -len(_comment(b"", format))]
    return content == without + _comment(without, format)


def _comment(content: bytes, format: str) -> bytes:
    before, after = _MARKS[format]
    return before + _words(content) + after


def _words(content: bytes) -> bytes:
    return f"drawn by resdsl (sha256 {sha256(content).hexdigest()[:_DIGITS]})".encode()


def _chunk(content: bytes) -> bytes:
    data = b"tEXtSoftware\0" + _words(content)
    return (len(data) - 4).to_bytes(4, "big") + data + crc32(data).to_bytes(4, "big")
