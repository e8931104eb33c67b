"""Whatever is done to a file: it fits as it should, or is refused with a cause."""

from __future__ import annotations

import random
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

import resdsl
from resdsl.weights.matching import plan
from resdsl.weights.refusal import WeightsError
from resdsl.weights.tensors import Found, Shape, Wanted, is_counter, wanted
from resdsl.weights.wishes import Wishes

NAMES = ("resnet18", "cifar_resnet20", "densenet121", "seresnet18", "repvgg_b0", "mobilenet_v2")


@cache
def design_of(name: str) -> Wanted:
    return wanted(resdsl.design(name).network)


def spoilt(rng: random.Random, tensors: dict[str, Shape]) -> dict[str, Shape]:
    """With some keys gone, renamed, repeated elsewhere, or of other shapes."""
    found = dict(tensors)
    for _ in range(rng.randint(1, 4)):
        if not found:
            break
        key = rng.choice(list(found))
        parts = key.split(".")
        match rng.randrange(6):
            case 0:
                found.pop(key)
            case 1:
                beginning = ".".join(parts[: rng.randint(1, len(parts))])
                found = {k: s for k, s in found.items() if not k.startswith(beginning)}
            case 2:
                found[key] = tuple(n + rng.randint(0, 1) for n in found[key])
            case 3:
                found[key] = found[key][:-1]
            case 4:
                parts[rng.randrange(len(parts))] = rng.choice(["aux", "downsample", "7", "conv3"])
                found[".".join(parts)] = found.pop(key)
            case 5:
                found[f"{rng.choice(['more', 'layer9.0', key])}.{key}"] = found[key]
    return found


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.sampled_from(NAMES), st.sampled_from(["", "module.", "a.b."]))
def test_spoilt_files(seed: int, name: str, prefix: str) -> None:
    design = design_of(name)
    rng = random.Random(seed)
    changed = spoilt(rng, design.shapes)
    tensors = {prefix + key: Found(shape, "F32") for key, shape in changed.items()}
    needed = {key: shape for key, shape in design.shapes.items() if not is_counter(key)}
    is_whole = changed.keys() <= design.shapes.keys() and needed.items() <= changed.items()
    try:
        made = plan(design, tensors, Wishes(), name="it")
    except WeightsError as error:
        (found,) = error.diagnostics
        assert found.message.startswith("it ")
        assert not is_whole or any(is_counter(key) for key in changed)
        return
    # It may be another copy under a prefix, whole as well; every tensor is taken, of its shape.
    assert set(made.takes.values()) == set(tensors)
    for ours, theirs in made.takes.items():
        assert tensors[theirs].shape == design.shapes[ours] or is_counter(ours)
        assert theirs.endswith(ours)
