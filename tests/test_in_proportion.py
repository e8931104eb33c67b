"""What is done with a long network grows with its text: calls of functions are counted, not time.

A call for each pair of steps would show: thrice the text may take no more beyond twice the text
than that takes beyond the text itself.
"""

from __future__ import annotations

import cProfile
import gc
import weakref
from collections.abc import Callable, Iterator

import pytest

import resdsl
from resdsl.diagnostics.text import render_all
from resdsl.drawing.column.overview import overview
from resdsl.language.elaborate import library

# Steps of the shortest of three texts.
STEPS = 8

# Each as the text of step number `i`.
STEPS_OF: dict[str, str] = {
    "bare": "conv(3, 8) norm act",
    "labelled": "conv{i}: conv(3, 8)",
    "values": "let w{i} = 2 * c + {i} conv(3, w{i}) conv(1, w{i})",
    "kept": "conv(3, 8) keep k{i} conv(3, 8) join here + k{i}",
    "kept_again": "conv(3, 8) keep k conv(3, 8) join here + k",
    "kept_before_repetitions": "conv(3, 8) keep k{i} {{ conv(3, 8) }} x 2",
    "forks": "f{i}: fork {{ a: conv(3, 8) b: norm }} join a + b",
    "residuals": "residual {{ conv(3, 8) norm }}",
    "labelled_residuals": "r{i}: residual {{ conv(3, 8) norm }}",
    "shortcuts": "residual {{ conv(3, 8) norm }} via {{ conv(1, 8) }}",
    "stages": "stage s{i}: basic(8) x 2",
    "calls": "basic({i} % 3 + 8)",
    "groups": "{{ conv(3, 8) norm }}",
    "repetitions": "{{ conv(3, 8) norm }} x 3",
    "choices": "if c > 1 {{ conv(3, 8) }} else {{ norm }}",
    "loops": "for j in range(3) {{ conv(3, 8) }}",
    "joins": "join here + in",
    "sets": "set conv(bias=true) conv(3, 8)",
    "contracts": "c{i}: conv(3, 8) expect shape(c{i}) == 8x8x8",
    "progress": "drop_path(0.5 * progress) act",
}

# Mistakes and warnings, each of which is looked for among all the others' names.
MISTAKES_OF: dict[str, str] = {
    "names": "let value{i} = 1 conv(3, valeu{i})",
    "operators": "cnov{i}(3, 8)",
    "labels": "a: relu",
    "joins": "join here + kept{i}",
    "contracts": "stage s{i}: relu expect params == {i} + 1",
    "taps": "stage s{i}: relu expect shape(t{i}) == 8x8x8",
    "warnings": "conv(3, 8, bias=true) norm",
}


@pytest.fixture(autouse=True, scope="module")
def others_objects() -> Iterator[None]:
    """Of what other tests keep there are millions: each collection here would look at them."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def text(step: str, count: int, *, before: str = "") -> str:
    steps = "\n".join(step.format(i=i) for i in range(count))
    return f"{before}network n(c: int = 2) {{\ninput 8 x 8 x 8\n{steps}\n}}\n"


def calls(action: Callable[[], object]) -> int:
    """Those of the action alone: a collector that starts meanwhile calls what other tests left.

    Of std's definitions some are kept, until too many are: that may fall into any of the counts.
    """
    profile = cProfile.Profile()
    library.forget()
    gc.collect()
    gc.disable()
    try:
        profile.runcall(action)
    finally:
        gc.enable()
    return sum(entry.callcount for entry in profile.getstats())


def assert_all_in_proportion(counts: Callable[[int], dict[str, int]], steps: int) -> None:
    counts(steps)  # not counted: it fills what is made once
    one, two, three = (counts(times * steps) for times in (1, 2, 3))
    for name in one:
        more = three[name] - two[name]
        assert more <= 1.06 * (two[name] - one[name]), f"{name}: {one}, {two}, {three}"


def test_what_other_tests_left_is_not_counted() -> None:
    class Left:
        me: Left

    def leave() -> None:
        for _ in range(1_000):
            left = Left()
            left.me = left
            heard.append(weakref.ref(left, lambda _: None))

    heard: list[weakref.ref[Left]] = []
    design = resdsl.design(text("\n".join(STEPS_OF.values()), 4))
    design.to_json()
    counts = {calls(design.to_json)}
    for _ in range(5):
        leave()
        counts.add(calls(design.to_json))
    assert len(counts) == 1


@pytest.mark.parametrize("kind", STEPS_OF)
def test_steps(kind: str) -> None:
    def counts(count: int) -> dict[str, int]:
        spec = text(STEPS_OF[kind], count)
        return {"check": calls(lambda: resdsl.check(spec))}

    assert_all_in_proportion(counts, STEPS)


def test_what_is_asked_of_a_design() -> None:
    """Of steps of all kinds."""

    def counts(count: int) -> dict[str, int]:
        steps = "\n".join(STEPS_OF.values())
        design = resdsl.design(text(steps, count))
        written = design.to_json()
        actions: dict[str, Callable[[], object]] = {
            "source": design.source,
            "table": lambda: str(design.table()),
            "graph": design.graph,
            "stages": lambda: design.graph("stage"),
            "ways": lambda: str(design.shortcut_path()),
            "write": design.to_json,
            "read": lambda: resdsl.design(written),
            "draw": lambda: overview(design.facts).canvas,
        }
        return {name: calls(action) for name, action in actions.items()}

    assert_all_in_proportion(counts, 2)


def test_copies_that_differ() -> None:
    """As stochastic depth makes them: each copy has a rate of its own."""
    block = "block b(p: float) { residual { conv(3, 8) norm drop_path(p) } }"

    def counts(count: int) -> dict[str, int]:
        spec = f"{block} network n {{ input 8 x 8 x 8 b(0.5 * progress) x {count} }}"
        design = resdsl.design(spec)
        return {
            "check": calls(lambda: resdsl.check(spec)),
            "table": calls(lambda: str(design.table())),
        }

    assert_all_in_proportion(counts, 5 * STEPS)


@pytest.mark.parametrize("kind", MISTAKES_OF)
def test_mistakes(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Help is looked for where it is read: behind the first mistakes."""
    monkeypatch.setattr("resdsl.limits.TOLD", STEPS // 2)

    def counts(count: int) -> dict[str, int]:
        spec = text(MISTAKES_OF[kind], count)
        return {"check": calls(lambda: render_all(resdsl.check(spec).diagnostics))}

    assert_all_in_proportion(counts, STEPS)


def test_mistakes_of_syntax(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands behind the last of those that are told is looked at once."""
    monkeypatch.setattr("resdsl.limits.TOLD", STEPS // 2)

    def counts(count: int) -> dict[str, int]:
        steps = " ".join(["residual conv(3, 8) norm"] * count)
        spec = text(steps, 1)
        return {"check": calls(lambda: render_all(resdsl.check(spec).diagnostics))}

    assert_all_in_proportion(counts, 3 * STEPS)


@pytest.mark.parametrize(
    "mistake",
    [
        "{{ let a{i} = 1 }} conv(3, a{i})",
        "if c > 2 {{ let a{i} = 1 }} conv(3, a{i})",
        "for j in [] {{ let a{i} = 1 }} conv(3, a{i})",
        "{{ {{ keep a{i} conv(3, 8) }} x 2 }} join a{i}",
        "fork {{ a{i}: conv(3, 8) b: norm }} join a{i} + b join a{i}",
        "a{i}: conv(3, 8) join a{i}",
        "join conv(3, a{i}) + here",
        "conv(3, padding=a{i})",
    ],
)
def test_help_with_each_mistake(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not looked for in the whole text each time."""
    monkeypatch.setattr("resdsl.limits.CANDIDATES", 2)

    def counts(count: int) -> dict[str, int]:
        spec = text(mistake, count)
        return {"check": calls(lambda: resdsl.check(spec))}

    assert_all_in_proportion(counts, STEPS)


@pytest.mark.parametrize("imports", ["from std.a{i} import b\n", "from std.dense import a{i}\n"])
def test_imports(imports: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resdsl.limits.TOLD", STEPS // 2)

    def counts(count: int) -> dict[str, int]:
        spec = text(
            "conv(3, a{i})", count, before="".join(imports.format(i=i) for i in range(count))
        )
        return {"check": calls(lambda: resdsl.check(spec))}

    assert_all_in_proportion(counts, STEPS)


@pytest.mark.parametrize(
    "definitions",
    [
        "block b{i} {{ conv(3, 8) }}\n",
        "block b{i} {{ b{j} }}\n",
        "block b{i} {{ conv(3, 8.5) }}\nnetwork n{i} {{ input 8 x 8 b{i} }}\n",
        "block b{i} {{ conv(3, a{i}) }}\n",
        "network n{i} {{ input 8 x 8 conv(3, 8) }}\n",
        "network n{i} {{ input 8 x 8 conv(3, 8.5) }}\n",
        "network n{i} = n({i} + 1)\n",
        "let w{i} = {i}\n",
    ],
    ids=[
        "blocks",
        "chain",
        "wrong_blocks",
        "unknown",
        "networks",
        "wrong_networks",
        "instances",
        "values",
    ],
)
def test_definitions(definitions: str) -> None:
    def counts(count: int) -> dict[str, int]:
        parts = [definitions.format(i=i, j=i + 1) for i in range(count)]
        last = f"block b{count} {{ relu }}\n"
        spec = text("relu", 1, before="".join(parts) + last)
        return {"check": calls(lambda: resdsl.check(spec))}

    assert_all_in_proportion(counts, STEPS)
