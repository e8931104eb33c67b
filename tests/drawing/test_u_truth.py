"""What a U says, held against the graph of the network and against the numbers of its joins."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest

import resdsl
from resdsl.drawing.layout.canvas import Box, Canvas, Line, Sign, Text
from resdsl.drawing.u.u_joins import Kept
from resdsl.drawing.u.u_maps import Map
from resdsl.drawing.u.u_nest import nest
from resdsl.drawing.u.u_shape import u_shape
from tests.drawing.geometry import problems, run_over
from tests.drawing.test_overview_truth import changed
from tests.drawing.test_u_shape import SPECS
from tests.zoo.families import every, some_families

Vector = tuple[float, ...]

# What `here` and the kept map are worth: concatenated, the order shows.
HERE, KEPT = 2.0, 5.0


# --- random networks ------------------------------------------------------------------------------


def expression(rng: random.Random, kept: str) -> tuple[str, Vector]:
    """A join of `here` and a kept map, and what it is worth."""
    sides = [(_weighed(rng, "here", HERE)), (_weighed(rng, kept, KEPT))]
    rng.shuffle(sides)
    (one, left), (two, right) = sides
    match rng.choice(["concat", "+", "-", "*", "max", "twice"]):
        case "concat":
            return f"concat({one}, {two})", (left, right)
        case "max":
            text, value = f"max({one}, {two})", max(left, right)
        case "twice":
            text, value = f"({one} + {kept} + {two})", left + right + KEPT
        case "+":
            text, value = f"({one} + {two})", left + right
        case "-":
            text, value = f"({one} - {two})", left - right
        case _:
            text, value = f"({one} * {two})", left * right
    if rng.random() < 0.25:
        return f"0.25 * {text}", (0.25 * value,)
    return text, (value,)


def _weighed(rng: random.Random, name: str, value: float) -> tuple[str, float]:
    match rng.choice(["", "", "", "scaled", "complement", "shifted", "both"]):
        case "scaled":
            return f"0.5 * {name}", 0.5 * value
        case "complement":
            return f"(1 - {name})", 1 - value
        case "shifted":
            return f"({name} - 0.125)", value - 0.125
        case "both":
            return f"3 * (0.5 * {name})", 1.5 * value
        case _:
            return name, value


def network(seed: int) -> tuple[str, list[tuple[str, Vector]]]:
    """Its text, and its joins from the lowest level up."""
    rng = random.Random(seed)
    levels = rng.randint(2, 5)

    def row() -> str:
        some = ["conv(3, 8)", "conv(3, 8) norm act", "conv(1, 8) act", "norm act conv(3, 8)"]
        return " ".join(rng.choice([*some, "norm", "act"]) for _ in range(rng.randint(0, 3)))

    down = rng.choice(["maxpool(2)", "conv(2, 8, stride=2)", "conv(2, 8, stride=2) norm act"])
    up = rng.choice(["conv_transpose(2, 8, stride=2)", "upsample(2)", "upsample(2) conv(1, 8)"])
    lines = [f"{row()} keep k{n} {rng.choice(['', row()])} {down}" for n in range(levels)]
    lines.append(row())
    joins = [expression(rng, f"k{n}") for n in reversed(range(levels))]
    for text, _ in joins:
        lines.append(f"{up} {rng.choice(['', row(), 'norm act'])} join {text} {row()} conv(1, 8)")
    expect = f"expect H % {2**levels} == 0 and W % {2**levels} == 0"
    return "network n {\ninput 8 x H x W\n%s\n%s\n}" % (expect, "\n".join(lines)), joins  # noqa: UP031


# --- what is drawn --------------------------------------------------------------------------------


def worth(kept: Kept) -> Vector:
    """What sign, order and words say."""
    here, other = _said(HERE, kept.here), _said(KEPT, kept.word)
    if kept.is_copied:
        return (other, here) if kept.is_first else (here, other)
    made = {"+": here + other, "*": here * other, "max": max(here, other)}[kept.sign]
    return (_said(made, kept.after),)


def _said(value: float, word: str) -> float:
    if match := re.fullmatch(r"× −([\d.]+)", word):
        return -value * float(match[1])
    return changed((value,), word)[0] if word else value


def drawn(design: resdsl.Design) -> tuple[Canvas, tuple[Map, ...]] | None:
    picture, found = u_shape(design.facts), nest(design.facts)
    assert (picture is None) == (found is None)
    return (picture.canvas, found.maps) if picture and found else None


def untrue(design: resdsl.Design, canvas: Canvas, maps: tuple[Map, ...]) -> list[str]:
    """Operators that are not told or stand elsewhere; lines to joins that are not the graph's."""
    graph, words, owner = design.graph("op"), _words(maps), {"input": 0}
    joined = [number for number, one in enumerate(maps) if one.kept]
    real: set[tuple[int, int]] = set()
    for node, known in graph.nodes(data=True):
        if known["kind"] == "join":
            owner[node] = joined.pop(0)
            real |= {(owner[source], owner[node]) for source in graph.predecessors(node)}
        elif known["kind"] == "op" and known["op"] != "identity":
            channels = known["output"].partition("×")[0]
            mine = [word for word in known["label"].split(", ") if word != channels]
            told, words = words[: len(mine)], words[len(mine) :]
            if [word for word, _ in told] != mine:
                return [f"{node}: {mine} is told as {told}"]
            owner[node] = told[0][1]
    at = {one.path: number for number, one in enumerate(maps)}
    seen = {(number, number) for number, one in enumerate(maps) if one.kept}
    for line in canvas.of(Line):
        if line.look == "keep" and line.head:
            seen.add((at[line.tail], at[re.sub(r"\.(join|kept)$", "", line.head)]))
    return [f"{pair} is wrong" for pair in real ^ seen] + [f"more is told: {w}" for w in words]


def _words(maps: tuple[Map, ...]) -> list[tuple[str, int]]:
    """What the arrows say, in order, and of which map."""
    return [
        (word, number)
        for number, one in enumerate(maps)
        for text in one.texts
        for word in text.split(", ") * one.count
    ]


def unlike(canvas: Canvas, maps: tuple[Map, ...]) -> list[str]:
    """What the picture has of joins, by what they are."""
    boxes = {box.node: box for box in canvas.of(Box)}
    signs = {sign.node: sign.sign for sign in canvas.of(Sign) if sign.node}
    signs |= {node: box.text for node, box in boxes.items() if box.text}
    texts, words = Counter(text.text for text in canvas.of(Text)), Counter[str]()
    found = []
    for one in maps:
        kept = one.kept
        if kept is None:
            continue
        words.update(word for word in (kept.word, kept.here, kept.after) if word)
        if kept.is_copied:
            is_first = boxes[f"{one.path}.kept"].x < boxes[one.path].x
            found += [f"{one.path} is the other way round"] if is_first != kept.is_first else []
        elif signs.pop(f"{one.path}.join") != kept.sign:
            found.append(f"{one.path} has another sign")
    found += [f"{n} more signs" for n in [len(signs)] if n]
    return found + [f"`{word}` is missing" for word in words - texts]


# --- tests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("some", every(2, range(4)))
def test_random_networks(some: int) -> None:
    told = Counter[str]()
    for seed in range(some, 400, 4):
        text, joins = network(seed)
        design = resdsl.check(text).designs[0]
        found = drawn(design)
        if found is None:
            told["refused"] += 1
            continue
        canvas, maps = found
        wrong = untrue(design, canvas, maps) + unlike(canvas, maps)
        assert wrong + problems(canvas) + run_over(canvas) == [], text
        for kept, (join, value) in zip((m.kept for m in maps if m.kept), joins, strict=True):
            told[kept.sign] += 1
            assert worth(kept) == pytest.approx(value), join
    assert all(told[sign] > 5 for sign in ("|", "+", "*", "max")), told


@pytest.mark.parametrize("spec", ["orders", "signs", "signal", "signal_sum", "volume"])
def test_specs(spec: str) -> None:
    design = resdsl.design(SPECS[spec])
    found = drawn(design)
    assert found is not None
    assert untrue(design, *found) + unlike(*found) == []


@pytest.mark.parametrize("name", some_families((one.name for one in resdsl.networks()), ["unet"]))
def test_which_network_of_the_zoo_is_a_u(name: str) -> None:
    design = resdsl.design(name)
    found = drawn(design)
    assert (found is not None) == (name == "unet")
    if found is not None:
        assert untrue(design, *found) + unlike(*found) == []
