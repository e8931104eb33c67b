"""Every word of the language is explained, with a spec that shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import resdsl
from resdsl.api import explaining, reference
from resdsl.api.words import Topic, topics
from resdsl.join_functions import JOIN_FUNCTIONS as JOINS
from resdsl.language.checks.static import FACTS
from resdsl.language.values import types
from resdsl.language.values.functions import FUNCTIONS

GRAMMAR = Path(__file__).parents[2] / "grammars" / "resdsl.lark"
TOPICS = sorted(set(topics().values()), key=lambda topic: topic.title)


def test_every_word_has_a_topic() -> None:
    grammar = re.sub(r"//.*", "", GRAMMAR.read_text(encoding="utf-8"))
    words = set(re.findall(r'"([a-z_]+)"', grammar))
    implied = {"in", "here", "out", "main", "stride", "index", "count", "progress"}
    # What the texts say of a spec, what is written for any block or convolution, and what callers
    # and commands ask for.
    terms = {"label", "slot", "unit", "padding", "field", "memory", "features"}
    wanted = {*words, *implied, *terms, *FUNCTIONS, *JOINS, *types.NAMES, *FACTS}
    assert wanted - topics().keys() == set()
    assert topics().keys() - wanted == set()


def test_no_word_hides_an_operator_or_the_library() -> None:
    assert not topics().keys() & reference.entries().keys()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.names[0])
def test_the_example_shows_the_words(topic: Topic) -> None:
    (listing,) = topic.listings
    report = resdsl.check(listing)
    assert report.ok and not report.diagnostics, report
    # All that one topic explains, but what would make its example a list.
    shown = [name for name in topic.names if re.search(rf"\b{name}\b", listing)]
    assert shown
    assert max(map(len, topic.body.splitlines())) <= 110


def test_each_text_has_its_end() -> None:
    for name in (*topics(), "std", "std.dense", "dense", "resnet50", "conv", "E0501"):
        assert explaining.explain(name) == explaining.explain(name).rstrip()
    with pytest.raises(explaining.UnknownNameError, match="no code and no name `nothing_such`"):
        explaining.explain("nothing_such")


def test_every_parameter_of_an_operator_is_explained() -> None:
    """Its type, its default, what it means, and the values it takes."""
    told = {name: entry for name, entry in reference.entries().items() if entry.kind == "operator"}
    for name, entry in told.items():
        for parameter in entry.parameters:
            assert re.match(r"[A-Z`].*\.$", parameter.doc), (name, parameter.name)
            assert parameter.type
    text = explaining.explain("dropout")
    assert (
        "  p: float = 0.5\n      How often an element is zeroed in training. At least 0, at" in text
    )
    assert max(map(len, explaining.explain("conv").splitlines())) <= reference.WIDTH
