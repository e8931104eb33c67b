"""What std makes, and texts without a mistake, are kept for the process, and nobody can tell."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import resdsl
from resdsl.api import zoo
from resdsl.api.reports import examined
from resdsl.api.specs import locate
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.fixes import applied
from resdsl.diagnostics.text import render_all
from resdsl.language.checks import static
from resdsl.language.elaborate import library
from resdsl.language.names import files, kept
from resdsl.language.names.symbols import Symbol
from tests.language.test_golden_errors import CASES, diagnosed
from tests.zoo.families import full, smallest


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    library.forget()
    kept.forget()


def whole(name: str) -> str:
    """A zoo network as it would be written down, or built."""
    design = resdsl.design(name)
    return design.to_json() + design.source()


@pytest.mark.parametrize(
    "names",
    [smallest(zoo.entries())[::4], pytest.param(list(zoo.entries()), marks=full)],
    ids=["of every fourth family", "all"],
)
def test_the_zoo_is_the_same_whatever_was_checked_before(names: list[str]) -> None:
    alone = {}
    for name in names:
        forget()
        alone[name] = whole(name)
    for name in random.Random(0).sample(names * 2, k=2 * len(names)):
        assert whole(name) == alone[name], name


@pytest.mark.parametrize(
    "cases", [CASES[::3], pytest.param(CASES, marks=full)], ids=["of every third text", "all"]
)
def test_messages_are_the_same_whatever_was_checked_before(cases: list[Path]) -> None:
    alone = {}
    for path in cases:
        forget()
        alone[path] = render_all(diagnosed(path).diagnostics)
    again = [*cases, *cases]
    random.Random(0).shuffle(again)
    for path in again:
        assert render_all(diagnosed(path).diagnostics) == alone[path], path.stem


NETWORK = """
block own { conv(1, in.channels) norm }
network one {
    input 3 x 32 x 32
    conv(3, 64)
    set act = silu
    basic(64%s)
    global_avgpool flatten linear(10)
}
"""


def test_what_an_author_wrote_is_not_kept() -> None:
    assert resdsl.check(NETWORK % "").ok
    plain = set(library._known)
    assert plain
    assert resdsl.check(NETWORK % ", tail=own").ok
    names = {part.name for key in set(library._known) - plain for part in symbols(key)}
    assert names <= {"projection"}


def symbols(key: object) -> Iterator[Symbol]:
    if isinstance(key, Symbol):
        yield key
    elif isinstance(key, tuple | frozenset):
        for part in key:
            yield from symbols(part)


def test_a_second_check_takes_what_the_first_made() -> None:
    first, second = (resdsl.check(NETWORK % "").designs[0].network for _ in range(2))
    blocks = [network.root.body.steps[1].runs[0].unit.definition for network in (first, second)]
    assert blocks[0] is blocks[1]
    assert first.root is not second.root


def test_other_surroundings_make_another_definition() -> None:
    """A `set`, an input and its conditions are seen by a definition."""
    made = set()
    for text in (
        NETWORK % "",
        NETWORK.replace("silu", "gelu") % "",
        NETWORK.replace("3 x 32 x 32", "3 x 64 x 64") % "",
        NETWORK.replace("3 x 32 x 32", "3 x H x W") % "",
        NETWORK.replace("3 x 32 x 32", "3 x H x W expect H % 2 == 0").replace("%s", ""),
    ):
        network = resdsl.check(text).designs[0].network
        made.add(id(network.root.body.steps[1].runs[0].unit.definition))
    assert len(made) == 5


def test_a_changed_file_of_std_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def prelude() -> Symbol:
        network = resdsl.check(NETWORK % "").designs[0].network
        del network
        read = (module.names.get("basic") for module in files._library.values())
        return next(symbol for symbol in read if isinstance(symbol, Symbol))

    first = prelude()
    assert prelude() is first
    known = files._stamp
    monkeypatch.setattr(files, "_stamp", lambda path: (path, known(path)[1] + 1))
    assert prelude() is not first


def test_limits_hold_beside_what_is_recalled(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resdsl.check(NETWORK % "").ok
    monkeypatch.setattr("resdsl.limits.STEPS", 12)
    beside = resdsl.check(NETWORK % "")
    assert [one.code.id for one in beside.diagnostics] == ["E0701"]
    library.forget()
    assert str(resdsl.check(NETWORK % "")) == str(beside)


def test_it_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_ENTRIES", 4)
    for width in range(8, 28):
        assert resdsl.check(NETWORK.replace("64", str(width)) % "").ok
        assert len(library._known) <= 4


IMPORTING = """
from "other.res" import own
network one { input 3 x 32 x 32  own(8)  own(16) }
"""


def test_a_text_is_read_and_its_names_are_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = resdsl.check(NETWORK % "")
    monkeypatch.setattr(kept, "parse", None)
    monkeypatch.setattr(static, "check", None)
    assert str(resdsl.check(NETWORK % "")) == str(first)
    with pytest.raises(TypeError):
        resdsl.check(NETWORK % ", 2")


def test_what_a_file_imports_may_change(tmp_path: Path) -> None:
    one, other = tmp_path / "one.res", tmp_path / "other.res"
    one.write_text(IMPORTING)
    told = []
    for text in (
        "block own(w: int) { conv(1, w) }",
        "block own(w: int, q: int) { conv(1, w) conv(1, q) }",
        "block its(w: int) { conv(1, w) }",
        "let own = 3",
        "block own(w: int) { conv(1, w) }",
    ):
        other.write_text(text)
        beside = [str(resdsl.check(one)), str(resdsl.check(one))]
        forget()
        told.append(str(resdsl.check(one)))
        assert beside == [told[-1]] * 2
    assert told[0] == told[-1] == "no errors" and len(set(told)) == 4


@pytest.mark.parametrize("wrong", ["let w = [1, 2][5]", "let w = 8.5", "let w = w"])
def test_what_elaboration_tells_is_told_again(wrong: str) -> None:
    text = wrong + (NETWORK % "").replace("conv(3, 64)", "conv(3, w)")
    first = resdsl.check(text)
    assert not first.ok
    assert str(resdsl.check(text)) == str(first)


def test_a_fix_is_of_a_text_that_was_read_before() -> None:
    for _ in range(2):
        located = locate(
            (NETWORK % "").replace("conv(3, 64)", "conv(3, 64, bias=true) norm"), Sink()
        )
        assert located is not None
        fixes = [found.fix for found in examined(located).diagnostics if found.fix]
        assert applied(located.source, fixes)[1] == 1


def test_the_texts_do_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST", 1_000)
    for width in range(8, 28):
        assert resdsl.check(NETWORK.replace("64", str(width)) % "").ok
        assert sum(len(text) for _, text, _ in kept._texts) <= 1_000
