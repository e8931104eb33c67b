"""Names that Python, torch and the emitted text have already: refused, or the network runs."""

from __future__ import annotations

import builtins
import keyword
import random
from functools import cache

import pytest

import resdsl
from tests.zoo.families import full

# By role, a spec in which NAME stands in it.
ROLES = {
    "network": "network NAME { input 3 x 8 x 8 conv(3, 4) }",
    "block": "block NAME(w: int) { conv(3, w) } network n { input 3 x 8 x 8 a: NAME(4) }",
    "shortcut": "shortcut NAME { conv(1, out.channels) } "
    "network n { input 3 x 8 x 8 residual { conv(3, 4) } via NAME }",
    "parameter": "block b(NAME: int) { conv(3, 2 * NAME) } network n { input 3 x 8 b(4) b(6) }",
    "argument": "network n(NAME: int = 3) { input 3 x 8 x 8 conv(3, 2 * NAME) }",
    "let": "block b(w: int) { let NAME = w * 2 conv(3, NAME) conv(1, NAME) } "
    "network n { input 3 x 8 b(4) b(6) }",
    "label": "network n { input 3 x 8 x 8 NAME: conv(3, 4) relu }",
    "quoted": 'network n { input 3 x 8 x 8 "NAME": conv(3, 4) "NAME_": { relu } }',
    "keep": "network n { input 3 x 8 x 8 keep NAME conv(3, 3) join here + NAME }",
    "branch": "block b { fork { NAME: conv(3, 4)  other: conv(1, 4) } join NAME + other } "
    "network n { input 3 x 8 x 8 b b }",
    "replicated": "network n { input 3 x 8 fork { NAME: conv(3, 4) x 2 } join sum(NAME) }",
    "group": "network n { input 3 x 8 x 8 NAME: { keep k relu } join here + k }",
    "stage": "network n { input 3 x 8 x 8 stage NAME: basic(4) x 2 }",
}
# What the emitted text and its readers use.
OWN = """torch nn F Tensor OrderedDict self cls x main branch module modules skip out in_channels
out_channels stride index count progress here forward reset_parameters downsample helper DropPath
super init device dtype Any Conv2d e l I O _ __ _x x_ X""".split()


@cache
def names() -> list[str]:
    import torch

    found = [*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *dir(torch.nn.Module), *OWN]
    found += [*dir(torch.nn.Sequential), *dir(torch.nn.ModuleList), *dir(object)]
    return sorted({name for name in found if name.isidentifier()})


def refused_or_runs(text: str) -> bool:
    """Whether a text is a network that runs; if not, it was refused in words."""
    import torch

    report = resdsl.check(f"{text}\n")
    if not report.ok:
        assert all(found.code.id != "X9000" for found in report.diagnostics)
        return False
    (design,) = report.designs
    module = resdsl.load(f"{text}\n", net=design.name, seed=0)
    output = module(torch.zeros(2, *(int(n) for n in design.input)))
    assert tuple(output.shape[1:]) == design.output
    assert sum(p.numel() for p in module.parameters()) == design.params
    return True


@pytest.mark.parametrize("part", [6, pytest.param(3, marks=full)])
@pytest.mark.parametrize("role", ROLES)
def test_names_in_every_role(role: str, part: int) -> None:
    # Such a part of them for each role, another one for the next.
    chosen = names()[list(ROLES).index(role) % part :: part]
    ran = [refused_or_runs(ROLES[role].replace("NAME", name)) for name in chosen]
    assert 90 / part < sum(ran) < len(ran)


@pytest.mark.parametrize(
    ("seeds", "step"),
    [(30, 3), pytest.param(60, 1, marks=full)],
    ids=["of every third name", "of all"],
)
def test_networks_of_such_names_alone(seeds: int, step: int) -> None:
    """All that can have a name has one of these: what is accepted alone meets the others."""
    ran = [refused_or_runs(_drawn(random.Random(seed), step)) for seed in range(seeds)]
    assert sum(ran) > seeds / 2


def _drawn(draw: random.Random, step: int) -> str:
    fine = {role: _accepted(role, step) for role in ROLES}
    block, shortcut = draw.sample(sorted(set(fine["block"]) & set(fine["shortcut"])), 2)
    network = draw.choice([name for name in fine["network"] if name not in (block, shortcut)])
    inner = draw.sample(sorted(set(fine["parameter"]) & set(fine["let"]) & set(fine["keep"])), 4)
    labels = draw.sample(sorted(set(fine["branch"]) & set(fine["label"]) & set(fine["stage"])), 9)
    taken = {block, shortcut, network, *inner}
    labels = [name for name in labels if name not in taken][:6]
    width, let, kept, argument = inner
    one, two, three, four, five, *_ = [*labels, "v1", "v2", "v3", "v4", "v5"]
    text = f"""
        shortcut {shortcut} {{ {one}: conv(1, out.channels) }}
        block {block}({width}: int) {{
            let {let} = {width} * 2
            keep {kept}
            residual {{ {one}: conv(3, {let}) {two}: norm }} via {shortcut}
            fork {{ {three}: conv(1, {width})  {four}: {{ relu }} x 2 }}
                join concat({three}, sum({four}))
            join concat(here, {kept})
        }}
        network {network}({argument}: int = 5) {{
            input 3 x 8 x 8
            {one}: {block}(4)
            stage {two}: {{ {three}: {block}(6) }} x 2
            {five}: conv(1, {argument})
        }}
    """
    return " ".join(text.split())


@cache
def _accepted(role: str, step: int) -> tuple[str, ...]:
    texts = {name: ROLES[role].replace("NAME", name) for name in names()[::step]}
    return tuple(name for name, text in texts.items() if resdsl.check(f"{text}\n").ok)
