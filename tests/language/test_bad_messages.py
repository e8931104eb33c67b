"""The list of messages that are known to be bad is true (tests/golden/bad_messages/README.md)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.language.test_golden_errors import diagnosed_text

README = Path(__file__).parent.parent / "golden" / "bad_messages" / "README.md"
CASES = re.findall(
    r"^- (.*?)\n\n```res\n(.*?)```\n\n((?:[EW]\d{4} ?)+)$",
    README.read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


def test_each_bullet_has_a_spec_and_codes() -> None:
    assert len(CASES) == len(re.findall("^- ", README.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize(("text", "codes"), [case[1:] for case in CASES])
def test_it_is_so(text: str, codes: str) -> None:
    found = diagnosed_text(text, Path("net.res")).diagnostics
    assert sorted(one.code.id for one in found) == sorted(codes.split())
