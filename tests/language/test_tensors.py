"""Tensors as values, several results of a block, modules that are called again: what they compute.

Each text is compared with the same written by hand over the modules of the compiled network, at two
sizes, in numbers that are not 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import resdsl
from resdsl.design import walk

Written = Callable[[Any, Tensor], Any]


def fpn(m: Any, x: Tensor) -> dict[str, Tensor]:
    fine = m.a(x)
    coarse = m.b(fine)
    top = m.f.inner[1](coarse)
    under = functional.interpolate(top, m.f.inner[0](fine).shape[2:]) + m.f.inner[0](fine)
    return {"p0": m.f.layer[0](under), "p1": m.f.layer[1](top)}


def dense(m: Any, x: Tensor) -> Tensor:
    maps = [m.stem(x)]
    for one in (m.d.layer0, m.d.layer1, m.d.layer2):
        maps.append(one(torch.cat(maps, 1)))
    return torch.cat(maps, 1)


def in_a_row(m: Any, x: Tensor) -> Tensor:
    kept = m.a(x)
    x = m.b(kept)
    for cell in m.c:
        x = cell.conv(x) + kept
    return x


def its_own(m: Any, x: Tensor) -> Tensor:
    x = m.a(x)
    for cell in m.c:
        x = cell.conv(x) * x
    return x


def by_index(m: Any, x: Tensor) -> Tensor:
    maps = [m.a(x), m.b(x), m.d(x)]
    x = maps[2]
    for cell, other in zip(m.c, maps, strict=True):
        x = cell.conv(x) + other
    return x


def two_streams(m: Any, x: Tensor) -> Tensor:
    r = t = m.stem(x)
    for block in (m.b0, m.b1):
        r, t = torch.relu(block.rr(r) + block.tr(t)), block.tt(t) - r
    return torch.cat([r, t], 1)


def middle(x: Tensor, other: Tensor) -> Tensor:
    for dim in range(2, x.ndim):
        gone = x.shape[dim] - other.shape[dim]
        x = x.narrow(dim, gone // 2, other.shape[dim])
    return x


def surrounded(x: Tensor, other: Tensor) -> Tensor:
    found = other.new_zeros([*x.shape[:2], *other.shape[2:]])
    top, left = ((other.shape[dim] - x.shape[dim]) // 2 for dim in (2, 3))
    found[:, :, top : top + x.shape[2], left : left + x.shape[3]] = x
    return found


ADDS = "block adds(p: tensor) { conv: conv(3, p.channels) join here + p } "
TIMES = "block times(p: tensor) { conv: conv(3, in.channels) join here * p } "

# A text, and the same by hand. `net` begins with `input 3 x 16 x 20`.
CASES: dict[str, tuple[str, str, Written]] = {
    "a tensor": (
        ADDS,
        "a: conv(3, 4) keep k b: conv(3, 5) c: adds(k)",
        lambda m, x: m.c.conv(m.b(m.a(x))) + m.a(x),
    ),
    "computed in front of the call": (
        ADDS,
        "a: conv(3, 4) keep k b: conv(3, 4) c: adds(k - 2 * here)",
        lambda m, x: m.c.conv(m.b(m.a(x))) + m.a(x) - 2 * m.b(m.a(x)),
    ),
    "the current one twice": (
        ADDS,
        "a: conv(3, 4) c: adds(here)",
        lambda m, x: m.c.conv(m.a(x)) + m.a(x),
    ),
    "defaults": (
        "block d(p: tensor = in, q: tensor = p, l: list[tensor] = []) "
        "{ conv: conv(3, 4) join concat(here, p - q, l) } ",
        "a: conv(3, 4) keep k b: conv(3, 4) c: d e: { conv(1, 4) keep o f: d(k, l=[k, o]) }",
        lambda m, x: (lambda k, y, o: torch.cat([m.e.f.conv(o), k - k, k, o], 1))(
            m.a(x), m.b(m.a(x)), m.e.conv(torch.cat([m.c.conv(m.b(m.a(x))), m.b(m.a(x)) * 0], 1))
        ),
    ),
    "`in` is not read": (
        "block alone(p: tensor) { join p conv: conv(3, 4) } ",
        "a: conv(3, 4) keep k b: conv(3, 5) c: alone(k)",
        lambda m, x: m.c.conv(m.a(x)),
    ),
    "a list": (
        "block all(maps: list[tensor]) { join concat(here, maps) conv: conv(1, len(maps)) } ",
        "a: conv(3, 4) keep k b: conv(3, 5) c: all([in, k, k])",
        lambda m, x: m.c.conv(torch.cat([m.b(m.a(x)), x, m.a(x), m.a(x)], 1)),
    ),
    "lists by elements": (
        "",
        "a: conv(3, 4) keep k b: conv(3, 4) let p = [k, here] let q = p * [here, k] - 1 "
        "join sum(q) + mean(p) * max(p) + p[1] - q[0]",
        lambda m, x: (
            lambda k, h: (
                (k * h - 1) + (h * k - 1) + (k + h) / 2 * torch.maximum(k, h) + h - (k * h - 1)
            )
        )(m.a(x), m.b(m.a(x))),
    ),
    "lists that grow": (
        "block dense(growth: int, n: int) { let maps = [in] for i in range(n) "
        "{ join concat(maps) layer[i]: conv(3, growth) let maps = maps + [here] } "
        "join concat(maps) } ",
        "stem: conv(3, 4) d: dense(2, 3)",
        dense,
    ),
    "`let` in braces ends with them": (
        "",
        "let k = here a: conv(3, 3) g: { let k = here conv(1, 3) join here + k } join here + k",
        lambda m, x: (lambda a: m.g[0](a) + a + x)(m.a(x)),
    ),
    "one kept tensor for all copies": (
        ADDS,
        "a: conv(3, 4) keep k b: conv(3, 4) c: adds(k) x 3",
        in_a_row,
    ),
    "kept right in front of copies": (
        ADDS,
        "a: conv(3, 4) b: identity keep k c: adds(k) x 3",
        lambda m, x: (lambda k: m.c[2].conv(m.c[1].conv(m.c[0].conv(k) + k) + k) + k)(m.a(x)),
    ),
    "each copy's own": (TIMES, "a: conv(3, 4) c: times(here) x 3", its_own),
    "another for each copy": (
        ADDS,
        "a: conv(3, 4) keep s[0] join in b: conv(3, 4) keep s[1] join in d: conv(3, 4) keep s[2] "
        "c: adds(s[index]) x 3",
        by_index,
    ),
    "copies beside each other": (
        ADDS,
        "a: conv(3, 4) keep k b: conv(3, 4) fork { c: adds(k) x 2 d: adds(here) } join sum(c) - d",
        lambda m, x: (lambda k, h: m.c[0].conv(h) + k + m.c[1].conv(h) + k - (m.d.conv(h) + h))(
            m.a(x), m.b(m.a(x))
        ),
    ),
    "in a group": (
        ADDS,
        "a: conv(3, 4) keep k g: { b: conv(3, 4) c: adds(k) keep i d: conv(3, 4) } join here + i",
        lambda m, x: (lambda k: (lambda i: m.g.d(i) + i)(m.g.c.conv(m.g.b(k)) + k))(m.a(x)),
    ),
    "in a repeated group": (
        ADDS,
        "a: conv(3, 4) keep k g: { b: conv(3, 4) c: adds(k) } x 2",
        lambda m, x: (lambda k: m.g[1].c.conv(m.g[1].b(m.g[0].c.conv(m.g[0].b(k)) + k)) + k)(
            m.a(x)
        ),
    ),
    "behind `via`": (
        "block pick(p: tensor) { conv: conv(1, p.channels) join here - p } ",
        "a: conv(3, 4) keep k residual { b: conv(3, 4) keep i } via s: pick(i) join here + k",
        lambda m, x: (lambda a, b: b + (m.s.conv(a) - b) + a)(m.a(x), m.b(m.a(x))),
    ),
    "a shortcut of tensors": (
        "shortcut gated(p: tensor) { gate: conv(1, out.channels) join main * here + p } ",
        "a: conv(3, 4) keep k residual { b: conv(3, 4) } via s: gated(k)",
        lambda m, x: (lambda a: m.b(a) * m.s.gate(a) + a)(m.a(x)),
    ),
    "several results": (
        "block two(t: tensor) { rr: conv(3, 4) keep r join t tr: conv(3, 4) join here + r relu "
        "keep n join t tt: conv(3, 4) join here - in output first: n, second: here } ",
        "stem: conv(3, 4) keep t keep r for i in range(2) { join r b[i]: two(t) keep r, t } "
        "join concat(r, t)",
        two_streams,
    ),
    "the second alone": (
        "block two { a: conv(3, 4) keep a b: conv(3, 4) output one: here, two: a } ",
        "c: two keep o, t join t",
        lambda m, x: m.c.a(x),
    ),
    "the first counts": (
        "block two { a: conv(3, 3) keep a b: conv(3, 3) output one: here, two: a } ",
        "c: two x 2 fork { d: two e: two x 2 } join d + sum(e) residual { conv(1, 3) } via f: two",
        lambda m, x: (
            lambda c: (lambda y: m.conv(y) + m.f.b(m.f.a(y)))(
                m.d.b(m.d.a(c)) + m.e[0].b(m.e[0].a(c)) + m.e[1].b(m.e[1].a(c))
            )
        )(m.c[1].b(m.c[1].a(m.c[0].b(m.c[0].a(x))))),
    ),
    "results that are inputs": (
        "block swap(t: tensor) { c: conv(3, 4) output a: t, b: in, d: here } ",
        "a: conv(3, 4) keep k b: conv(3, 4) s: swap(k) keep p, q, r join p - 2 * q + r",
        lambda m, x: m.a(x) - 2 * m.b(m.a(x)) + m.s.c(m.b(m.a(x))),
    ),
    "a pyramid": (
        "block pyramid(maps: list[tensor]) { let n = len(maps) join maps[n - 1] "
        '"inner."[n - 1]: conv(1, 4) keep top "layer."[n - 1]: conv(3, 4) let p = [here] '
        "for k in range(1, n) { let i = n - 1 - k join maps[i] "
        '"inner."[i]: conv(1, 4) keep fine join top upsample(like=fine) join here + fine keep top '
        '"layer."[i]: conv(3, 4) let p = [here] + p } for i in range(n) { output p[i]: p[i] } } ',
        "a: conv(3, 5, stride=2) keep c2 b: conv(3, 6, stride=2) f: pyramid([c2, here]) "
        "keep p0, p1 output p0, p1",
        fpn,
    ),
    "like another tensor": (
        "",
        "keep large a: conv(3, 3, stride=2) keep small pad(like=large) keep padded join large "
        "crop(like=small) join here + small keep both upsample(like=large) join here + padded "
        'upsample(like=small, mode="linear") join here * both',
        lambda m, x: (
            lambda small: (
                lambda both: (
                    functional.interpolate(
                        functional.interpolate(both, x.shape[2:]) + surrounded(small, x),
                        small.shape[2:],
                        mode="bilinear",
                    )
                    * both
                )
            )(middle(x, small) + small)
        )(m.a(x)),
    ),
    "like another tensor, by numbers": (
        "",
        "keep large a: conv(3, 3, stride=2) keep small join large "
        "g: { crop(like=small) conv(1, 3) pad(like=large) upsample(like=small) }",
        lambda m, x: functional.interpolate(
            surrounded(m.g[1](middle(x, m.a(x))), x), m.a(x).shape[2:]
        ),
    ),
    "shares of paths": (
        "",
        "a: conv(3, 4) keep k b: conv(3, 4) let p = [k, here] let w = softmax(p) "
        "fork { c: conv(1, 4) x 3 } join sum(c * softmax(c)) + w[1] * k - w[0]",
        lambda m, x: (
            lambda k, h: (lambda c, w: (c * c.softmax(0)).sum(0) + w[1] * k - w[0])(
                torch.stack([one(h) for one in m.c]), torch.stack([k, h]).softmax(0)
            )
        )(m.a(x), m.b(m.a(x))),
    ),
    "shares and elements at once": (
        "",
        "a: conv(3, 4) keep k b: conv(3, 4) let l = [k, here] let w = softmax(l)[1] "
        "join softmax([k, here, 2 * k])[0] * here + w - (l * k)[-1] + [k, k + here][1] * [3, 4][0]",
        lambda m, x: (
            lambda k, h: (
                torch.stack([k, h, 2 * k]).softmax(0)[0] * h
                + torch.stack([k, h]).softmax(0)[1]
                - h * k
                + 3 * (k + h)
            )
        )(m.a(x), m.b(m.a(x))),
    ),
    "a block again": (
        "block unit { conv: conv(3, 3) act } ",
        "u: unit reuse u again: reuse u x 2 join here - in",
        lambda m, x: (lambda f: f(f(f(f(x)))) - x)(lambda y: torch.relu(m.u.conv(y))),
    ),
    "with other tensors": (
        ADDS,
        "a: conv(3, 4) keep k c: adds(k) keep l reuse c(l) reuse c(here)",
        lambda m, x: (
            lambda k: (lambda y: (lambda n: m.c.conv(n) + n)(m.c.conv(y) + y))(m.c.conv(k) + k)
        )(m.a(x)),
    ),
    "a group again, and what is kept in its first call": (
        "",
        "g: { c: conv(3, 3) keep i d: conv(3, 3) } reuse g join here + i",
        lambda m, x: m.g.d(m.g.c(m.g.d(m.g.c(x)))) + m.g.c(x),
    ),
    "a group that is first called for what is kept in it": (
        "",
        "g: { c: conv(3, 3) keep i d: conv(3, 3) } join in * 2 reuse g join here + i",
        lambda m, x: m.g.d(m.g.c(2 * x)) + m.g.c(x),
    ),
    "a group that reads what it is fed by name": (
        "",
        "a: conv(3, 3) keep k g: { c: conv(3, 3) join here + k } reuse g",
        lambda m, x: (lambda k: m.g.c(m.g.c(k) + k) + k)(m.a(x)),
    ),
    "a branch again": (
        "",
        "fork { a: conv(3, 3) b: conv(3, 3) } join a - b fork { c: reuse a d: conv(1, 3) } "
        "join c * d",
        lambda m, x: (lambda y: m.a(y) * m.d(y))(m.a(x) - m.b(x)),
    ),
    "copies again": (
        "",
        "c: { conv(3, 3) act } x 2 reuse c",
        lambda m, x: m.c(m.c(x)),
    ),
    "an operator without a module, and a tensor": (
        "",
        "a: conv(3, 3) param g: layer_scale(0.5) r: relu p: pad(1, 1) s: slice_channels(1) "
        "conv(1, 3) reuse g reuse r reuse p reuse s",
        lambda m, x: (lambda f: f(m.conv(f(m.a(x)))))(
            lambda y: functional.pad(torch.relu(m.g.view(-1, 1, 1) * y), (1, 1, 1, 1))[:, 1:]
        ),
    ),
    "in place": (
        "",
        "a: conv(3, 3) r: relu b: conv(3, 3) keep k reuse r join here + k c: conv(1, 3) reuse r "
        "reuse r",
        lambda m, x: (lambda k: torch.relu(m.c(torch.relu(k) + k)))(m.b(torch.relu(m.a(x)))),
    ),
    "the first call is left out": (
        "",
        "a: conv(3, 3) u: conv(3, 3) # allow W1021\n join in b: reuse u output b",
        lambda m, x: m.u(x),
    ),
}


def spec(definitions: str, steps: str) -> str:
    return f"{definitions}\nnetwork net {{ input 3 x 16 x 20 {steps}\n}}\n"


@pytest.mark.parametrize("name", CASES)
def test_it_is_the_same_by_hand(name: str) -> None:
    definitions, steps, written = CASES[name]
    text = spec(definitions, steps)
    report = resdsl.check(text)
    assert report.ok, report
    model: Any = resdsl.load(text, seed=0).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    design = resdsl.design(text)
    for size in ((16, 20), (17, 23)):
        x = torch.randn(2, 3, *size)
        with torch.no_grad():
            found, wanted = model(x.clone()), written(model, x)
        results = found if isinstance(found, dict) else {"": found}
        others = wanted if isinstance(wanted, dict) else {"": wanted}
        assert results.keys() == others.keys()
        for key, tensor in others.items():
            torch.testing.assert_close(results[key], tensor, rtol=1e-4, atol=1e-4)
        shapes = [tuple(tensor.shape[1:]) for tensor in results.values()]
        assert shapes == [*design.at(3, *size).outputs.values()]


@pytest.mark.parametrize("name", CASES)
def test_it_trains_and_survives(name: str) -> None:
    """Gradients reach all parameters that are called; JSON, sizes and graphs say the same."""
    definitions, steps, _ = CASES[name]
    text = spec(definitions, steps)
    design = resdsl.design(text)
    again = resdsl.design(design.to_json())
    assert again.to_json() == design.to_json()
    assert (again.params, again.macs, again.depth) == (design.params, design.macs, design.depth)
    model = resdsl.load(text, seed=1).train()
    results = model(torch.randn(2, 3, 16, 20))
    tensors = results.values() if isinstance(results, dict) else [results]
    sum(tensor.square().sum() for tensor in tensors).backward()  # type: ignore[union-attr]
    assert sum(p.numel() for p in model.parameters()) == design.params
    assert any(p.grad is not None for p in model.parameters())
    assert design.graph().number_of_nodes() > 1
    assert "at" in str(design.table())


def test_macs_are_of_each_call_and_parameters_of_one() -> None:
    once = resdsl.design(spec("", "c: conv(3, 3)"))
    twice = resdsl.design(spec("", "c: conv(3, 3) reuse c x 2"))
    assert (twice.params, twice.macs, twice.depth) == (once.params, 3 * (once.macs or 0), 3)


def test_one_definition_serves_calls_of_equal_tensors() -> None:
    text = spec(
        ADDS,
        "a: conv(3, 4) keep k for i in range(5) { c[i]: adds(k) } conv(1, 5) keep m d: adds(m)",
    )
    root = resdsl.design(text).facts.network.root
    assert [one.name for one in walk.definitions(root)] == ["adds", "adds", "net"]


@pytest.mark.parametrize("depth", [3, 1_000_000])
def test_a_million_blocks_of_two_tensors_cost_what_three_do(depth: int) -> None:
    text = spec(
        ADDS + "block two { a: conv(3, 4) keep k b: conv(3, 4) output r: here, s: k } ",
        f"a: conv(3, 4) keep k stage s: adds(k) x {depth} stage t: two x {depth}",
    )
    report = resdsl.check(text)
    assert report.ok
    (design,) = report.designs
    root = design.facts.network.root
    assert sorted(one.name for one in walk.definitions(root)) == ["adds", "net", "two"]
    assert design.params == 108 + depth * (144 + 288)
    assert design.depth == 1 + 3 * depth


@pytest.mark.parametrize(
    "output",
    ["q", "y: q", '"q"', "l[0]", "y: l[0]", "y: l[1], z: q", "y: q1", "q[1]", "y: q + l[0]"],
)
def test_an_output_reads_a_value(output: str) -> None:
    wanted = {"l"} if "l[" in output else set()
    wanted |= {"q"} if "q" in output.replace("q1", "").replace("q[", "") else set()
    wanted |= {"q1"} if "q1" in output or "q[" in output else set()
    lets = {"q": "let q = a + a ", "q1": "let q1 = a - 1 ", "l": "let l = [a, here] "}
    steps = "conv(3, 4) keep a " + "".join(lets[name] for name in sorted(wanted))
    report = resdsl.check(spec("", f"{steps} output {output}"))
    assert report.ok and "W1011" not in str(report), report


# Steps, the message, and a part of its help.
MISTAKES: dict[str, tuple[str, str, str]] = {
    "an output of a list": (
        "let l = [here] output l",
        "an output is one tensor, and `l` is a list of 1",
        "name each: `output l0: l[0]`",
    ),
    "an output of a list, with its name": (
        "let l = [in, here] output y: l",
        "an output is one tensor, and `l` is a list of 2",
        "name each: `output l0: l[0], l1: l[1]`",
    ),
    "an output of many": (
        "let l = [in, in, in, in] output l",
        "an output is one tensor, and `l` is a list of 4",
        "name each: `for i in range(4) { output l[i]: l[i] }`",
    ),
    "an output of none": (
        "let l = [] output l",
        "an output is one tensor, and `l` is an empty list",
        "",
    ),
    "an output of a list without a name": (
        "output y: [in, here]",
        "an output is one tensor, and this is a list of 2",
        "write `concat(in, here)`",
    ),
    "an output of a number": ("output y: 3", "an output is a tensor, but this is a number", ""),
    "an output of a bool": ("output y: true", "an output is a tensor, not a bool", ""),
    "a sum of one": (
        "output y: sum(here)",
        "`sum` takes a list of tensors or a replicated branch",
        "`here` is one tensor",
    ),
    "two results by one name": (
        "two keep p, p join p",
        "two results are called `p`",
        "",
    ),
    "two results by one name and an index": (
        "two keep p[1], p1 join p1",
        "two results are called `p1`",
        "",
    ),
    "shares of nothing": (
        "let l = [] join concat(here, softmax(l))",
        "`softmax` of an empty list has no value",
        "",
    ),
    "shares of nothing in a value": (
        "let l = [] let w = softmax(l) join concat(here, w)",
        "`softmax` of an empty list has no value",
        "",
    ),
    "kept by numbers, and read as a list": (
        "keep a[1] conv(3, 3) keep a[2] join sum(a)",
        "`a` is no tensor: the kept tensors are `a1`, `a2`",
        "`sum([a1, a2])`",
    ),
    "kept by numbers, and read as a tensor": (
        "keep a1 conv(3, 3) keep a10 conv(3, 3) keep a[2] join here + a",
        "`a` is no tensor: the kept tensors are `a1`, `a2`, `a10`",
        "`[a1, a2, a10]` is a list of them",
    ),
    "branches by numbers, and read as a list": (
        "fork { a[0]: conv(3, 3) a[1]: conv(3, 3) } join sum(a)",
        "`a` is no tensor: the branches are `a0`, `a1`",
        "`sum([a0, a1])`",
    ),
    "kept by a number": (
        "keep a0 conv(3, 3) join here + a",
        "`a` is no tensor: the kept tensor is `a0`",
        "",
    ),
    "a quotient as a value": (
        "let l = here / 2 join l",
        "`/` does not join tensors",
        "write `here * 0.5`",
    ),
    "a quotient of a list": (
        "let l = [in, here] join sum(l / 2)",
        "`/` does not join tensors",
        "",
    ),
    "a quotient of a list as a value": (
        "let l = [in, here] let h = l / 2 join sum(h)",
        "`/` does not join tensors",
        "write `l * 0.5`",
    ),
    "a quotient as an output": (
        "output y: here / 2",
        "`/` does not join tensors",
        "write `here * 0.5`",
    ),
    "a quotient as an argument": (
        "keep k conv(3, 3) adds(k / 2)",
        "`/` does not join tensors",
        "write `k * 0.5`",
    ),
    "a quotient of two as a value": (
        "let l = 2 // in join l",
        "`//` does not join tensors",
        "tensors are joined with `+`, `-` and `*`",
    ),
    "an element that is not there": (
        "let l = [in, here] join softmax(l)[2]",
        "there is no element 2 in a list of 2",
        "",
    ),
    "an element of no list": (
        "join (in + here)[0]",
        "only lists and sizes have elements, not a tensor",
        "",
    ),
    "an index that is no int": (
        "join softmax([in, here])[0.5]",
        "an index is an int, not the float 0.5",
        "",
    ),
    "too many calls": (
        "c: identity reuse c x 5000000",
        "each `reuse` is a call of its own: at most 10,000",
        "",
    ),
}
TWO = "block two { conv(3, 3) keep t conv(3, 3) output y: here, z: t } "


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told(name: str) -> None:
    steps, message, help = MISTAKES[name]
    report = resdsl.check(spec(ADDS + TWO, steps))
    (found,) = report.diagnostics
    assert found.message == message
    assert help in " ".join(found.help)
