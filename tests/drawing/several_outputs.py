"""Networks with several outputs, for the tests of what shows them."""

from __future__ import annotations

import random

import resdsl
from resdsl.design.taps import taps
from resdsl.diagnostics.exception import SpecError

SPECS = {
    "googlenet": """
block incept(width: int) {
    fork {
        a: conv(1, width)
        b: { conv(1, width) act conv(3, width) act }
        c: { maxpool(3, stride=1, padding=1) conv(1, width) }
    } join concat(a, b, c)
}
block aux_head(classes: int) {
    avgpool(5, stride=3, padding=0) conv(1, 64) act flatten
    fc1: linear(128) act dropout(0.7) fc2: linear(classes)
}
network googlenet(classes: int = 10) {
    input 3 x 128 x 128
    conv1: conv(7, 32, stride=2) act maxpool(3, stride=2)
    inception3a: incept(32) inception3b: incept(48) maxpool(3, stride=2)
    inception4a: incept(48) keep a4
    inception4b: incept(48)
    inception4c: incept(64) keep d4
    maxpool(3, stride=2) inception5a: incept(64)
    global_avgpool flatten fc: linear(classes)
    output logits: here
    join a4 aux1: aux_head(classes) output aux1
    join d4 aux2: aux_head(classes) output aux2
}
""",
    "fcn": """
network fcn(classes: int = 21) {
    input 3 x 224 x 224
    backbone: {
        conv1: conv(7, 64, stride=2) norm act maxpool(3, stride=2)
        stage layer1: bottleneck(64) x 3
        stage layer2 /2: bottleneck(128) x 4
        stage layer3: bottleneck(256, dilation=where(index == 0, 1, 2)) x 6 keep c4
        stage layer4: bottleneck(512, dilation=where(index == 0, 2, 4)) x 3
    }
    classifier: { conv(3, 512) norm act dropout(0.1) conv(1, classes, bias=true) }
    upsample(scale=8, mode="linear")
    output out: here
    join c4
    aux_classifier: { conv(3, 256) norm act dropout(0.1) conv(1, classes, bias=true) }
    upsample(scale=8, mode="linear")
    output aux: here
}
""",
    "unet": """
block dc(width: int) { conv(3, width) norm act conv(3, width) norm act }
network unet(classes: int = 2) {
    input 1 x 128 x 128
    d1: dc(16) keep s1 maxpool(2)
    d2: dc(32) keep s2 maxpool(2)
    d3: dc(64) keep s3 maxpool(2)
    mid: dc(128) keep bottom
    upsample(scale=2) join concat(s3, here) u3: dc(64)
    upsample(scale=2) join concat(s2, here) u2: dc(32)
    upsample(scale=2) join concat(s1, here) u1: dc(16) keep top
    mask: conv(1, classes) output mask
    join top depth: conv(1, 1) output depth
    join bottom global_avgpool flatten cls: linear(5) output cls
}
""",
    "group": """
network group {
    input 3 x 32 x 32
    features: { c1: conv(3, 16) relu: act c2: conv(3, 16) act pool: maxpool(2) c3: conv(3, 32) act }
    global_avgpool flatten fc: linear(10)
    output features.relu, features.pool, logits: here, twice: here
}
""",
    "names": """
network names {
    input 3 x 32 x 32
    conv1: conv(3, 16) norm act
    stage s1: basic(16) x 2 keep k
    stage s2 /2: basic(32) x 2
    output s1, k, s2, image: in
}
""",
    "inner": """
network inner {
    input 3 x 32 x 32
    c0: conv(3, 16) norm act
    residual { m1: conv(3, 16) norm m2: act m3: conv(3, 16) norm } act
    residual { n1: conv(3, 16) norm n2: act n3: conv(3, 16) norm } act
    fork { a: conv(1, 8) b: { b1: conv(1, 8) act b2: conv(3, 16) act } } join concat(a, b)
    last: conv(1, 10)
    output a, m2, "b.b1", last, n3
}
""",
    "early": """
network early(classes: int = 10) {
    input 3 x 64 x 64
    stem: { conv(3, 16, stride=2) norm act } keep s
    aux: { global_avgpool flatten linear(classes) }
    join s
    c2: conv(3, 32, stride=2) norm act
    c3: conv(3, 32) norm act keep q
    residual { conv(3, 32) norm } act
    global_avgpool flatten fc: linear(classes)
    join q residual { conv(3, 32) norm } act seg: conv(1, 3)
    join s flatten keep fl
    output logits: fc, aux, seg, fl
}
""",
}

FEATURES = {
    "pyramid": ("resnet50", ["layer1", "layer2", "layer3", "layer4"]),
    "headless": ("resnet50", ["layer4"]),
    "two": ("resnet50", ["layer2", "layer4"]),
    "stem": ("resnet50", ["conv1", "maxpool", "layer3"]),
    "inner_alone": (SPECS["inner"], ["m1", "m2"]),
    "u_taps": (SPECS["unet"], ["mask", "s2", "bottom"]),
    "u_heads": (SPECS["unet"], ["mask", "depth"]),
    "u_sides": (SPECS["unet"], ["s1", "s2", "s3", "bottom", "u3", "u2", "top", "mask"]),
}
NAMES = [*SPECS, *FEATURES]


def design(name: str) -> resdsl.Design:
    """One of the networks by name."""
    if name in SPECS:
        return resdsl.design(SPECS[name])
    spec, features = FEATURES[name]
    return resdsl.design(spec, features=features)


def with_features(text: str, name: str, seed: int) -> resdsl.Design | None:
    """A network of a text with some of its taps, by chance; None of one that has none."""
    try:
        whole = resdsl.design(text, net=name)
        found = taps(whole.network.root.body).items()
        known = sorted(tap for tap, values in found if len(values) == 1)
        if not known:
            return None
        rng = random.Random(seed)
        chosen = rng.sample(known, min(len(known), rng.randint(1, 4)))
        return resdsl.design(text, net=name, features=chosen)
    except SpecError:
        return None
