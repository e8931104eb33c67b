"""What a release says of itself says one thing."""

from __future__ import annotations

import re
from pathlib import Path

import resdsl

ROOT = Path(__file__).parent.parent


def test_the_citation_is_of_this_version() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    # What the format asks for, https://github.com/citation-file-format, and what people cite.
    fields = dict(re.findall(r"^([\w-]+):(?: (.+))?$", text, re.MULTILINE))
    assert fields["version"] == resdsl.__version__
    assert fields["license"] == "MIT"
    assert {"cff-version", "message", "title", "authors"} <= fields.keys()


def test_the_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", text, re.MULTILINE)
    assert versions[0] == resdsl.__version__
    assert len(versions) == len(set(versions))
