"""However long a text is, a message that repeats it is short."""

from __future__ import annotations

from pathlib import Path

import pytest

from resdsl.diagnostics.brief import MOST, brief
from resdsl.language.values.values import show
from tests.language.test_golden_errors import diagnosed_text

LONG = "a" * 5000
SUM = " + ".join(["3"] * 2000)
LIST = ", ".join(["3"] * 2000)


@pytest.mark.parametrize(
    "step",
    [
        f'conv("{LONG}", 8)',
        f'conv(3, 8, init="{LONG}")',
        "conv([" + ", ".join(['"' + LONG + '"'] * 9) + "], 8)",
        f'"{LONG}": conv(3, 3) "{LONG}": conv(3, 3)',
        f'fork {{ "{LONG}": act b: act }} join a + b',
        f'if "{LONG}" {{ act }}',
        f"conv([{LIST}], 8)",
        f"conv(3, ({LIST}))",
        f"expect output == {SUM}",
        f"join here / ({SUM})",
        f"join relu({SUM})",
        f"join cat({LIST})",
        f"join {LIST}",
        f"y = x + conv({SUM})",
        f"let a = 3 in [{LIST}]",
    ],
    ids=lambda step: step[:12],
)
def test_of_a_step(step: str) -> None:
    text = f"network n {{\n    input 3 x 8 x 8\n    {step}\n}}\n"
    found = diagnosed_text(text, Path("n.res")).diagnostics
    assert found
    for one in found:
        for told in [one.message, one.label, *one.help, *(other.text for other in one.others)]:
            assert len(told) <= MOST


def test_of_an_import() -> None:
    path = ".".join(["abc"] * 1000)
    text = f'from {path} import a\nfrom "{LONG}.res" import b\n'
    found = diagnosed_text(text, Path("n.res")).diagnostics
    assert found and all(len(one.message) <= MOST for one in found)


def test_what_is_quoted_is_cut_first() -> None:
    told = brief(f"`{LONG}` and `{LONG}` are two")
    assert told.endswith("are two") and told.count("…") == 2
    assert brief("`a` is one") == "`a` is one"


def test_values() -> None:
    assert show("a" * 60) == f'"{"a" * 60}"'
    assert show("a" * 61) == f'"{"a" * 59}…"'
    assert len(show(tuple(["a" * 90] * 8))) == 120
