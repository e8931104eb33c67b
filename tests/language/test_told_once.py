"""A warning is told once, at the line that is its cause, and that line silences it.

Each text has one line, marked with `#!`, that makes many steps, blocks or networks as they are.
"""

from __future__ import annotations

import pytest

import resdsl
from resdsl.diagnostics.explanations import titles

STEM = "input 3 x 64 x 64 conv1: conv(3, 16)"
STAGES = """
    stage layer1: basic(16) x 2
    stage layer2 /2: basic(32) x 2
    stage layer3 /2: basic(48) basic(48)
    basic(64)
"""
NETWORKS = """
network small = family(16)
network large = family(32)
network larger = family(64)
"""

CASES = {
    "W1001: a set of a family": "network family(n: int) { input 3 x 8 x 8\n"
    "set depthwise(bias=true)  #!\n conv(3, n) }" + NETWORKS,
    "W1002: a shortcut that a set gives to std's blocks": "shortcut pooled {\n"
    "if stride != 1 { avgpool(stride) }  #!\n"
    "if in.channels != out.channels { conv(1, out.channels) norm } }\n"
    f"network net {{ {STEM} set basic(shortcut=pooled) {STAGES} }}",
    "W1002: a shortcut of several residuals": "shortcut pooled {\n avgpool(2)  #!\n}\n"
    "network net { input 3 x 64 x 64\n residual { conv(3, 3, stride=2) } via pooled\n"
    "residual { conv(3, 3, stride=2) } via pooled\n"
    "residual { conv(3, 3, stride=2) } via pooled }",
    "W1002: a residual of a block at several sizes": "block down {\n"
    "residual { conv(3, 16, stride=2) } via { avgpool(2) }  #!\n}\n"
    f"network net {{ {STEM} down down down norm act }}",
    "W1002: a join of a block at several sizes": "block down {\n keep a maxpool(2) upsample(2)\n"
    "join concat(a, here)  #!\n maxpool(2) conv(3, 16) }\n"
    f"network net {{ {STEM} down down down norm act }}",
    "W1003: a set for std's blocks": f"network net {{ {STEM} norm\n"
    f"set conv(bias=true)  #!\n {STAGES} bottleneck(16) conv_norm_act(3, 8) }}",
    "W1003: a set for blocks of one's own": "block mine(n: int) {\n"
    f"conv(3, n) norm conv(1, n) norm act }}\nnetwork net {{ {STEM}\n"
    "set conv(bias=true)  #!\n mine(8) mine(16) mine(16) x 2 }",
    "W1003: a set in a block": "block mine(n: int) {\n set conv(bias=true)  #!\n"
    "conv(3, n) norm conv_norm_act(1, n) basic(n) }\n"
    f"network net {{ {STEM} mine(8) mine(16) }}",
    "W1003: a set of a family": "network family(n: int) { input 3 x 8 x 8\n"
    "set conv(bias=true)  #!\n conv(3, n) norm basic(n) }" + NETWORKS,
    "W1003: a set of an instantiation": "network family(n: int) { input 3 x 8 x 8\n"
    "conv(3, n) norm basic(n) x 3 }\n"
    "network small = family(16) {\n set conv(bias=true)  #!\n}",
    "W1003: a block": "block mine(n: int) {\n conv(3, n, bias=true) norm act  #!\n}\n"
    f"network net {{ {STEM} mine(8) mine(16) mine(16) x 2 }}",
    "W1004: a set for std's blocks": f"network net {{ {STEM}\n"
    f"set basic(tail=relu)  #!\n {STAGES} }}",
    "W1004: a block": "block mine(n: int) {\n residual { conv(3, n) norm\n"
    "act  #!\n } via projection }\n"
    f"network net {{ {STEM} mine(8) mine(16) mine(16) x 2 }}",
    "W1005: a block": "block mine(k: int) {\n residual { avgpool(k, stride=1) }  #!\n}\n"
    f"network net {{ {STEM} mine(3) mine(5) mine(3) x 2 }}",
    "W1006: a set for std's blocks": "from std.preact import preact_basic\n"
    f'network net {{ {STEM}\n set preact_basic(shortcut=projection, preact="main")  #!\n'
    "stage a /2: preact_basic(32) x 2 stage b /2: preact_basic(64) x 2 norm }",
    "W1007: an import of a family": "from std.stem import deep_stem  #!\n"
    "network family(n: int) { input 3 x 8 x 8 conv(3, n) }" + NETWORKS,
    "W1008: a label": "block mine(n: int) {\n fork: conv(3, n)  #!\n}\n"
    f"network net {{ {STEM} mine(8) mine(16) }}",
    "W1009: a block": "block gate(n: int) { fork { a: identity b: { global_avgpool conv(1, n)\n"
    f"norm  #!\n conv(1, in.channels) sigmoid }} }} join a * b }}\n"
    f"network net {{ {STEM} gate(4) gate(8) conv(3, 32) gate(4) }}",
    "W1009: std's blocks in a row": f"network net {{ {STEM} global_avgpool\n"
    "stage last: basic(16) x 3  #!\n}",
    "W1010: a set for std's blocks": f"network net {{ {STEM}\n set conv(padding=3)  #!\n"
    "conv_norm_act(1, 8) conv_norm_act(3, 8) conv(1, 8) conv(3, 4) }",
    "W1011: a parameter": "block mine(n: int,\n unused: int = 1,  #!\n) { conv(3, n) }\n"
    f"network net {{ {STEM} mine(8) mine(16) }}",
    "W1012: a stem of a family": "network family(n: int) { input 3 x 64 x 64\n"
    "conv1: conv(1, 16, stride=n // 8)  #!\n norm }" + NETWORKS,
    "W1013: a block": "block mine(n: int) { keep a\n extra: conv(3, n)  #!\n join a conv(1, n) }\n"
    f"network net {{ {STEM} mine(8) mine(16) mine(16) x 2 }}",
    "W1013: a set for std's blocks": "shortcut alone { join main join in }\n"
    f"network net {{ {STEM}\n set basic(shortcut=alone)  #!\n basic(16) basic(16) basic(16) x 2 }}",
    "W1013: a shortcut": "shortcut alone {\n join main * 2  #!\n join in }\n"
    f"network net {{ {STEM} set basic(shortcut=alone)\n basic(16) basic(16) x 2 }}",
    "W1014: a set of a family": "network family(n: int) { input 3 x 8 x 8\n"
    "set conv(bias=false)  #!\n conv(3, n) basic(n) }" + NETWORKS,
    "W1015: a set for std's blocks": f"network net {{ {STEM}\n set conv_norm_act(k=4)  #!\n"
    "conv_norm_act(channels=8) conv_norm_act(channels=16) x 2 }",
    "W1015: a block": "block mine(k: int) {\n conv(k, 16)  #!\n norm act }\n"
    f"network net {{ {STEM} mine(2) mine(4) mine(6) x 2 }}",
    "W1016: a block": "block mine(n: int) {\n norm(n)  #!\n conv(3, n) }\n"
    f"network net {{ {STEM} mine(16) mine(8) mine(16) x 2 }}",
    "W1016: an input of a family": "network family(n: int) {\n input 32 x 32 x 3  #!\n"
    "conv(1, n) }" + NETWORKS,
    "W1017: a head of a family": "block head(n: int) {\n avgpool(7, stride=1)  #!\n"
    "flatten linear(n) }\n"
    "network family(n: int) { input 3 x 7 x 7 conv(3, 8) head(n) }" + NETWORKS,
    "W1018: a set for std's blocks": f"network net {{ {STEM}\n set norm = instancenorm  #!\n"
    "set basic(zero_init_residual=true)\n basic(16) basic(16) x 2 basic(32) }",
    "W1018: a block": "block mine(n: int) {\n conv(3, n, bias_init=1)  #!\n act }\n"
    f"network net {{ {STEM} mine(8) mine(16) }}",
    "W1019: a block": "block mine(n: int) {\n conv(3, n) norm act x 2  #!\n}\n"
    f"network net {{ {STEM} mine(8) mine(16) mine(16) x 2 }}",
    "W1021: steps behind the last output": f"network net {{ {STEM} output conv1\n"
    "norm  #!\n act global_avgpool flatten linear(10) }",
    "W1023: a set for std's blocks": "from std.mobile import inverted_residual\n"
    f"network net {{ {STEM}\n set inverted_residual(tail=drop_path(0.1))  #!\n"
    "stage a /2: inverted_residual(32) x 2 stage b /2: inverted_residual(48) x 2 }",
    "W1023: a block": "from std.mobile import inverted_residual\nblock mine(w: int) {\n"
    "inverted_residual(w, stride=2, tail=drop_path(0.1))  #!\n act }\n"
    f"network net {{ {STEM} mine(8) mine(16) }}",
    "W1024: a network": f"network net {{ {STEM}\n output_stride 8  #!\n conv(3, 16) }}",
    "W1020: a block": "block mine(n: int) {\n basic(n, stride=2) x 2  #!\n}\n"
    f"network net {{ {STEM} mine(8) mine(16) }}",
}


@pytest.mark.parametrize("case", CASES)
def test_once_at_its_cause_and_silenced_there(case: str) -> None:
    code, text = case[:5], CASES[case]
    line = 1 + next(i for i, row in enumerate(text.split("\n")) if "#!" in row)
    report = resdsl.check(text.replace("#!", "") + "\n")
    found = [(d.code.id, d.span and d.span.line) for d in report.diagnostics]
    assert found == [(code, line)], str(report)
    silenced = resdsl.check(text.replace("#!", f"# allow {code}") + "\n")
    assert silenced.diagnostics == ()


def test_every_warning_is_here() -> None:
    warnings = {code for code in titles() if code.startswith("W")}
    # What is asked for from outside has no place in a text.
    assert {case[:5] for case in CASES} == warnings - {"W1022"}


def test_two_sets_of_one_value_are_two_causes() -> None:
    """The blocks are elaborated once; each `set` is told of, and silenced, by itself."""
    text = f"""network net {{ {STEM} norm
        {{ set conv(bias=true)
            basic(16) }}
        {{ set conv(bias=true)
            basic(16) }}
    }}
    """
    lines = [d.span and d.span.line for d in resdsl.check(text).diagnostics]
    assert lines == [2, 4]
    first = text.replace("set conv(bias=true)", "set conv(bias=true)  # allow W1003", 1)
    assert [d.span and d.span.line for d in resdsl.check(first).diagnostics] == [4]


def test_what_was_checked_before_changes_nothing() -> None:
    """Std's definitions are kept from check to check, and not where they were made so."""
    quiet = f"network net {{ {STEM} norm\n set conv(bias=true)  # allow W1003\n {STAGES} }}\n"
    loud = quiet.replace("  # allow W1003", "").replace("network net", "\n\nnetwork net")
    assert resdsl.check(quiet).diagnostics == ()
    assert [d.span and d.span.line for d in resdsl.check(loud).diagnostics] == [4]
    assert resdsl.check(quiet).diagnostics == ()


def test_a_place_of_ones_own_is_silenced_there() -> None:
    text = f"""network net {{ {STEM} norm
        set conv(bias=true)
        conv(3, 8) norm  # allow W1003
        conv(3, 8)
    }}
    """
    assert resdsl.check(text).diagnostics == ()
