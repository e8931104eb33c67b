"""What a message says would mend a residual does mend it."""

from __future__ import annotations

import re

import pytest

import resdsl


@pytest.mark.parametrize(
    ("main", "shortcut", "said"),
    [
        ("conv(3, 16, stride=2)", "avgpool(2) conv(1, 16)", "avgpool(…, ceil=true)"),
        ("conv(3, 16, stride=2)", "{ avgpool(2) } conv(1, 16)", "avgpool(…, ceil=true)"),
        # Without an overlap there is no padding: 4 at once are a ceil and a floor.
        ("conv(3, 16, stride=4)", "avgpool(2) maxpool(2) conv(1, 16)", "avgpool(…, ceil=true)"),
        ("conv(3, 16, stride=2)", "conv(1, 16)", "conv(…, stride=2)"),
        ("conv(3, 16, padding=0)", "conv(1, 16)", "conv(…, padding=1)"),
        ("conv(3, 16, stride=2)", "conv(3, 16, padding=0) maxpool(2)", None),
        ("conv(3, 16) x 3 maxpool(2)", "conv(1, 16, stride=2)", "maxpool(…, ceil=true)"),
        ("fork { a: relu } join a conv(3, 16, stride=2)", "conv(1, 16)", "conv(…, stride=2)"),
    ],
)
def test_mends(main: str, shortcut: str, said: str | None) -> None:
    text = f"network n {{\n input 8 x H x W\n residual {{ {main} }} via {{ {shortcut} }}\n}}\n"
    (found,) = resdsl.check(text).diagnostics
    helps = [help for help in found.help if "would agree" in help]
    assert [help.split("`")[1] for help in helps] == ([said] if said else [])
    if said is None:
        return
    name, argument = re.fullmatch(r"(\w+)\(…, (.*)\)", said).groups()  # type: ignore[union-attr]
    key = argument.partition("=")[0]
    changed = [
        text[: call.start()] + _with(call[0], key, argument) + text[call.end() :]
        for call in re.finditer(rf"\b{name}\([^)]*\)", text)
    ]
    assert any(resdsl.check(one).ok for one in changed)


def _with(call: str, key: str, argument: str) -> str:
    call = re.sub(rf", {key}=\w+", "", call)
    return f"{call[:-1]}, {argument})"
