"""What there is to say of each code at length: a Markdown file each, beside this one.

A file has its text, then a `res wrong` and a `res right` listing, if a spec can show the mistake.
The listings are run by the tests.
"""

from __future__ import annotations

import re
from pathlib import Path

from resdsl.diagnostics import codes

_LISTING = re.compile(r"^```res (wrong|right)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def titles() -> dict[str, str]:
    """Every code with its title, in order."""
    found = (code for code in vars(codes).values() if isinstance(code, codes.Code))
    return dict(sorted((code.id, code.title) for code in found))


def text(code: str) -> str:
    """The explanation of a code that exists, as Markdown for people."""
    return re.sub(r"^```res (wrong|right)$", "```res", _read(code), flags=re.MULTILINE)


def listings(code: str) -> dict[str, str]:
    """The `wrong` and the `right` spec; empty where no spec alone shows the mistake."""
    return {found[1]: found[2] for found in _LISTING.finditer(_read(code))}


def _read(code: str) -> str:
    return (Path(__file__).parent / f"{code}.md").read_text(encoding="utf-8")
