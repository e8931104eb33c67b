"""What may be called as the language calls its own things (docs/language.md, "Scopes")."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.test_golden_errors import diagnosed_text

NAMES = ("out", "main", "here", "index", "count", "progress")
INPUT = "network n {{ input 3 x 8 x 8 {} }}"


def codes(text: str) -> list[str]:
    return [one.code.id for one in diagnosed_text(text, Path("n.res")).diagnostics]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "binder",
    [
        "let {} = 3 conv({}, 8)",
        "conv(3, 8) keep {} join {} + here",
        "for {} in [1, 3] {{ conv({}, 8) }}",
    ],
)
def test_is_not_bound_and_told_once(binder: str, name: str) -> None:
    assert codes(INPUT.format(binder.format(name, name))) == ["E0105"]


@pytest.mark.parametrize("name", NAMES)
def test_is_no_parameter(name: str) -> None:
    block = f"block b({name}: int) {{ conv({name}, 8) }}\n"
    assert codes(block + INPUT.format("b(3)")) == ["E0105"]


@pytest.mark.parametrize("name", NAMES)
def test_is_a_label_and_a_branch(name: str) -> None:
    assert codes(INPUT.format(f"{name}: conv(3, 8)")) == []
    fork = f"fork {{ {name}: conv(3, 8) b: conv(1, 8) }} join {name} + b"
    assert codes(INPUT.format(fork)) == (["E0105"] if name == "here" else [])


@pytest.mark.parametrize("name", NAMES)
def test_is_a_definition(name: str) -> None:
    block = f"block {name}(w: int) {{ conv(3, w) }}\n"
    # The language's own meaning comes first.
    is_read = name not in ("here", "progress")
    assert codes(block + INPUT.format(f"{name}(8)")) == ([] if is_read else ["E0301"])
