"""Texts of `--set` for parameters of every type."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.text import render_all
from resdsl.language.spec import Spec, Text, open_spec
from resdsl.language.values.values import show
from resdsl.source import Source

TYPES = {
    "int": "1",
    "float": "1.5",
    "bool": "true",
    "string": '"a"',
    "size": "3",
    "op": "relu",
    "block": "basic",
    "shortcut": "projection",
    'one_of("y", "1x1")': '"y"',
    "list[int]": "[1]",
    "list[float]": "[1.5]",
    "list[bool]": "[true]",
    "list[string]": '["a"]',
    "list[size]": "[3]",
    "list[op]": "[relu]",
    "list[block]": "[basic]",
    "list[shortcut]": "[projection]",
    'list[one_of("y", "1x1")]': '["y"]',
    "list[list[int]]": "[[1]]",
    "": "1",
}

# What is written, and what each type that takes it has then, as the language writes it.
TEXTS: dict[str, dict[str, str]] = {
    "5": {
        "int": "5", "float": "5", "size": "5", "": "5",
        "list[int]": "[5]", "list[float]": "[5]", "list[size]": "[5]",
    },
    "2 * width": {
        "int": "16", "float": "16", "size": "16", "": "16",
        "list[int]": "[16]", "list[float]": "[16]", "list[size]": "[16]",
    },
    "0.5": {"float": "0.5", "": "0.5", "list[float]": "[0.5]"},
    "true": {"bool": "true", "": "true", "list[bool]": "[true]"},
    "64,128": {
        "size": "64x128",
        "list[int]": "[64, 128]", "list[float]": "[64, 128]", "list[size]": "[64, 128]",
    },
    "[64, 128]": {
        "size": "64x128", "": "[64, 128]",
        "list[int]": "[64, 128]", "list[float]": "[64, 128]", "list[size]": "[64, 128]",
    },
    "[64,\n128,]  # two": {
        "size": "64x128", "": "[64, 128]",
        "list[int]": "[64, 128]", "list[float]": "[64, 128]", "list[size]": "[64, 128]",
    },
    "64,": {
        "int": "64", "float": "64", "size": "64", "": "64",
        "list[int]": "[64]", "list[float]": "[64]", "list[size]": "[64]",
    },
    "range(2)": {
        "": "[0, 1]", "list[int]": "[0, 1]", "list[float]": "[0, 1]", "list[size]": "[0, 1]",
    },
    "3x5": {"size": "3x5", "": "3x5", "list[size]": "[3x5]"},
    "3x5, 7": {"list[size]": "[3x5, 7]"},
    "[3, 5], [7]": {"list[size]": "[3x5, 7]", "list[list[int]]": "[[3, 5], [7]]"},
    "[]": {name: "[]" for name in TYPES if name.startswith("list") or not name},
    "relu": {
        "op": "relu", "block": "relu", "shortcut": "relu", "": "relu", "string": '"relu"',
        "list[op]": "[relu]", "list[block]": "[relu]", "list[shortcut]": "[relu]",
        "list[string]": '["relu"]',
    },
    "mine(w=5)": {
        "block": "mine(w=5)", "shortcut": "mine(w=5)", "": "mine(w=5)",
        "list[block]": "[mine(w=5)]", "list[shortcut]": "[mine(w=5)]",
    },
    "basic,mine": {
        "list[block]": "[basic, mine]", "list[shortcut]": "[basic, mine]",
        "list[string]": '["basic", "mine"]',
    },
    "zero_pad": {
        "shortcut": "zero_pad", "": "zero_pad", "string": '"zero_pad"',
        "list[shortcut]": "[zero_pad]", "list[string]": '["zero_pad"]',
    },
    "y": {
        "string": '"y"', 'one_of("y", "1x1")': '"y"',
        "list[string]": '["y"]', 'list[one_of("y", "1x1")]': '["y"]',
    },
    '"y"': {
        "string": '"y"', 'one_of("y", "1x1")': '"y"', "": '"y"',
        "list[string]": '["y"]', 'list[one_of("y", "1x1")]': '["y"]',
    },
    "1x1": {"size": "1x1", "": "1x1", "list[size]": "[1x1]", 'one_of("y", "1x1")': '"1x1"'},
    "word": {"string": '"word"', "list[string]": '["word"]'},
    "written": {"string": '"text"', "": '"text"', "list[string]": '["text"]'},
    **{
        word: {"string": f'"{word}"', "list[string]": f'["{word}"]'}
        for word in ("in", "here", "params", "stage", "norn")
    },
    **{
        wrong: {}
        for wrong in (
            "", " ", "#", "nothing(", "1 2", "1]", "1] let b = [2", "(", "[1", ")", "'y'", "True",
            "None", "1 +", "1;2", "1e400", "2**64", "1 / 0",
            "\0", "\N{RIGHT-TO-LEFT OVERRIDE}", "é", "__import__('os')", "1 if true else 2",
            "{", "}", "network n { }", "let", "x", "width.channels", "written[0]",
        )
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def spec() -> Spec:
    """A network for each type, called by its number, whose parameter `p` is of that type."""
    return opened()


def opened() -> Spec:
    text = "".join(
        f"network n{number}(p{f': {type_}' if type_ else ''} = {default}) {{\n"
        "    input 3 x 8 x 8\n    conv(1, 4)\n}\n"
        for number, (type_, default) in enumerate(TYPES.items())
    )
    text += 'block mine(w: int = 8) { conv(3, w) }\nlet width = 8\nlet written = "text"\n'
    found = open_spec(Source("n.res", text), None, Sink())
    assert found is not None
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_every_type(spec: Spec, text: str) -> None:
    for number, type_ in enumerate(TYPES):
        sink = Sink()
        found = spec.elaborate(f"n{number}", sink, settings={"p": Text(text)})
        if (expected := TEXTS[text].get(type_)) is not None:
            assert found is not None, f"{type_}: {render_all(sink.diagnostics)}"
            assert written(found.network.root.arguments["p"]) == expected, type_
        else:
            assert found is None, type_
            assert sink.errors == len(sink.diagnostics) > 0
            assert "X9000" not in render_all(sink.diagnostics)


# What is said of a word that means nothing, by the type that is asked for.
WORDS = {
    "int": ("abc", "must be an int, not `abc`", None),
    "float": ("widht", "must be a float, not `widht`", "did you mean `width`?"),
    "bool": ("yes", "must be a bool, not `yes`", "write `true`"),
    "size": ("max", "must be a size, not `max`", None),
    "block": ("bottlneck", "must be a block or operator, not `bottlneck`", "`bottleneck`"),
    "shortcut": ("optionb", "a shortcut, block or operator, not `optionb`", "`projection`"),
    "op": ("foo", "must be an operator, not `foo`", "`resdsl explain` lists"),
    "list[int]": ("64,abc", "must be a list[int]: `abc` is no int", None),
    "": ("abc", "must be one value, not `abc`", None),
}


@pytest.mark.parametrize("type_", WORDS)
def test_a_word_is_told_by_the_type(spec: Spec, type_: str) -> None:
    """No function is offered for `--set width=abc`."""
    text, message, help = WORDS[type_]
    sink = Sink()
    spec.elaborate(f"n{list(TYPES).index(type_)}", sink, settings={"p": Text(text)})
    (found,) = sink.diagnostics
    assert message in found.message
    assert found.help == () if help is None else help in found.help[0]


def written(value: Any) -> str:
    """As `TEXTS` has it: a whole float without its point."""
    if type(value) is tuple:
        return f"[{', '.join(map(written, value))}]"
    return f"{value:g}" if isinstance(value, float) else show(value)


@given(
    st.text("0123456789xyab ,.[]()\"'#-+*/=\n", max_size=12) | st.text(max_size=6),
    st.sampled_from(range(len(TYPES))),
)
@settings(max_examples=300)
def test_any_text_is_a_value_or_an_error(text: str, number: int) -> None:
    sink = Sink()
    found = _ANY.elaborate(f"n{number}", sink, settings={"p": Text(text)})
    assert (found is None) == (sink.errors > 0)
    for one in sink.diagnostics:
        assert one.span is None or one.span.source.name == "--set p"
    render_all(sink.diagnostics)


_ANY = opened()
