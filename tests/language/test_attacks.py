"""Names and files that somebody chose with care: what an attack on the language found."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import resdsl
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.spec import open_spec
from resdsl.source import Source
from resdsl.syntax.file_text import read
from tests.language.elaboration import attempt, body, body_codes, codes, modules
from tests.zoo.families import full


@pytest.mark.parametrize(
    "name", ["forward", "training", "_parameters", "T_destination", "type", "reset_parameters"]
)
def test_a_call_is_a_label_too(name: str) -> None:
    block = f"block {name}(w: int) {{ conv(3, w) norm }}"
    assert codes(f"{block} network n {{ input 3 x 8 x 8 {name}(8) }}") == ["E0205"]
    assert codes(f"{block} network n {{ input 3 x 8 x 8 a: {name}(8) }}") == []
    assert codes(f"{block} network n {{ input 3 x 8 x 8 a: {{ {name}(8) }} }}") == []


@pytest.mark.parametrize("name", ["__init__", "__class__", "__dict__", "__call__", "__x__"])
def test_names_of_python(name: str) -> None:
    assert body_codes(f"{name}: relu") == ["E0205"]


def test_blocks_of_nothing_but_each_other() -> None:
    """Two to the 33rd calls that hold no operator: nothing may follow them one by one."""
    blocks = "".join(f"block b{i} {{ b{i - 1} b{i - 1} }}\n" for i in range(1, 34))
    steps = "residual { norm conv(3, 3) } via { b33 conv(1, 3) }"
    text = f"block b0 {{ }}\n{blocks}network n {{ input 3 x 8 {steps} }}\n"
    assert resdsl.check(text).ok
    for ask in (resdsl.Design.graph, resdsl.Design.table, resdsl.Design.source):
        try:
            ask(resdsl.design(text))
        except resdsl.SpecError as error:
            assert "operators, too many for" in str(error)
    with pytest.raises(resdsl.SpecError, match="too many for one module"):
        resdsl.load(text)


def test_ten_thousand_steps() -> None:
    found = body("for i in range(10000) { relu }")
    assert modules(found)[-1] == "relu_9999"


def test_words_step_over_labels() -> None:
    assert modules(body("relu_1: relu relu relu relu")) == ["relu_1", "relu", "relu_2", "relu_3"]


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes with names")
def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.res")
    sink = Sink()
    assert read(tmp_path / "p.res", sink) is None
    assert "not a regular file" in sink.diagnostics[0].message
    main = tmp_path / "main.res"
    main.write_text('from "p.res" import b')
    sink = Sink()
    open_spec(Source(str(main), main.read_text()), main, sink)
    assert "not a regular file" in sink.diagnostics[0].message


def test_a_circle_of_links(tmp_path: Path) -> None:
    (tmp_path / "loop.res").symlink_to("loop.res")
    main = tmp_path / "main.res"
    main.write_text('from "loop.res" import b')
    sink = Sink()
    open_spec(Source(str(main), main.read_text()), main, sink)
    assert [d.code.id for d in sink.diagnostics] == ["E0203"]


@pytest.mark.parametrize("label", ["za b", "a-b", "\\\\", "{}", "%s", "'", "é", "1", "class X:"])
def test_string_labels_do_not_reach_python_as_they_are(label: str) -> None:
    import resdsl

    text = f"""network n {{
        input 3 x 8 x 8
        "{label}": {{ conv(1, 8) act keep a conv(1, 8) join a + here }} x 2
        "{label}2": {{ conv(1, 8) fork {{ "{label}": relu b: relu }} join b }}
    }}
    """
    found, sink = attempt(text)
    assert found is not None, sink.diagnostics
    compile(resdsl.design(text).source(), "n.py", "exec")


def test_a_billion_operators_in_thirty_lines() -> None:
    """Definitions that call the next one twice cost what they are, not what they stand for."""
    import resdsl
    from resdsl.drawing.column.overview import overview

    depth = 30
    blocks = "".join(f"block b{i} {{ b{i + 1} b{i + 1} }}\n" for i in range(depth))
    network = f"block b{depth} {{ conv(3, 8) norm }}\nnetwork n {{ input 8 x 16 x 16 b0 }}\n"
    design = resdsl.design(blocks + network)
    assert design.params == 2**depth * (8 * 8 * 9 + 16)
    assert design.depth == 2**depth
    assert "b1 …" in str(design.table())
    assert overview(design.facts).dot().startswith("digraph")
    compile(design.source(), "n.py", "exec")
    with pytest.raises(resdsl.SpecError, match="too many for one module"):
        resdsl.load(blocks + network)


@pytest.mark.parametrize(
    "steps",
    [
        "3 x 32 x 32 conv(3, 4_000_000_000)",
        "3 x 32 x 32 global_avgpool flatten linear(2_000_000_000) linear(2_000_000_000)",
        "3 x 32 x 32 conv(1, 4) upsample(2_000_000_000)",
        "3 x H x W upsample(2147483647) upsample(2147483647)",
        "3 x H x W pad(2G, 2G)",
        "3 x H x W conv(2000000000, 3, padding=1000000000)",
        "3 x H x W conv_transpose(3, 4, stride=2, padding=9223372036854775807)",
        "2147483647 x 4 conv(1, 2000000000)",
        "3 x 2G x 2G norm",
        "3 x 9000000000 norm",
    ],
)
def test_what_torch_could_not_count(steps: str) -> None:
    """Refused where it is written, not when the module is built."""
    (found,) = codes(f"network n {{ input {steps} }}")
    assert found in ("E0301", "E0701", "E0104")


def test_lists_that_double() -> None:
    doubled = "let a = [a, a] " * 60
    assert body_codes(f"let a = [1, 2, 3] {doubled} conv(3, len(a))") == ["E0701"]


def test_arguments_without_a_name_come_first() -> None:
    assert body_codes("avgpool(3, stride=2, 1)") == ["E0302"]
    assert body_codes("conv(channels=16, 3)") == ["E0302"]


def test_what_mends_a_huge_window_is_not_searched_long() -> None:
    """Two arguments of it are tried, not half a million paddings."""
    main, way = "conv(1000001, 3, padding=400000)", "maxpool(1000001, padding=3)"
    assert codes(f"network n {{ input 3 x H x W residual {{ {main} }} via {{ {way} }} }}") == [
        "E0501"
    ]


def test_a_network_of_which_a_step_is_broken_is_not_looked_at_further() -> None:
    """Its result may be known all the same, but not what leads to it."""
    call = "conv(1, 4, :=true)"
    text = f"network n {{ input 4 x 4 residual {{ subsample(2) }} via {{ {call} join main * here }}"
    report = resdsl.check(text + "\njoin in\n}\n")
    assert [one.code.id for one in report.diagnostics] == ["E0101"]
    assert report.failed == ("n",)


def test_vectors_of_the_input_s_length() -> None:
    head = "network n {\ninput 3 x 8 x 8\n"
    text = head + "fork { a: flatten b: { conv(1, 4) flatten } } join concat(a, b) linear(2)\n}\n"
    assert resdsl.design(text).params == 3 * 4 + 7 * 64 * 2 + 2
    report = resdsl.check(head + "flatten residual { linear(192) } linear(2)\n}\n")
    (found,) = report.diagnostics
    assert "the length of a vector depends on the input size" in found.message
    assert not any("projection" in help for help in found.help)


def test_declared_conditions_are_part_of_what_is_allowed() -> None:
    text = "network n {\ninput 3 x H x W\nexpect H % 3 == 1 and W >= 6\nconv(3, 3)\n}\n"
    sizes = resdsl.design(text).sizes()
    assert sizes.min_input == 7
    assert not sizes.allows((3, 3))
    assert sizes.runs_at((3, 3))
    assert sizes.allows((4, 6))


@pytest.mark.parametrize(
    ("conditions", "least"),
    [
        ("H % 100003 == 1 and W % 7 == 3", 200_007),
        ("H % 2 == 0 and W % 2 == 1", 6),  # No extent is both: that of H, the larger.
        ("H % 6 == 1 and H % 4 == 3", 7),
        ("H > 8 and H % 4 == 0", 12),
        ("H % 257 == 256 and H % 263 == 262 and H % 269 == 268", 18_181_978),
    ],
)
def test_the_least_size_that_is_meant(conditions: str, least: int) -> None:
    text = f"network n {{\ninput 3 x H x W\nexpect {conditions}\nconv(5, 3, padding=0)\n}}\n"
    assert resdsl.design(text).sizes().min_input == least


RESCALING = """
block s { { maxpool(3) upsample(2) } x 12 }
block b { maxpool(2, ceil=true) x 10000000 }
network n {
input 3 x H x W %s
}
"""


@pytest.mark.parametrize(
    "steps",
    [
        # Each copy adds steps to a map whose period is too long to write down.
        "{ maxpool(3) upsample(2) } x 10000",
        # So does each use of a definition.
        "s x 1000",
        # A definition whose copies are alike where it was first used, and a map each elsewhere.
        "keep a global_avgpool b join a b",
        # Few values, and ever more steps that make them.
        pytest.param(
            "{ upsample(3) maxpool(2, padding=0) upsample(2) maxpool(3, padding=0) pad(2, 0) } "
            "x 3000",
            marks=full,
        ),
        "{ upsample(3) maxpool(2, padding=0) upsample(2) maxpool(3, padding=0) pad(2, 0) } x 60 "
        "upsample(7) maxpool(60000)" + " pad(1, 0)" * 40,
        # Many maps of a long period.
        "".join(
            f"fork {{ a{i}: {{ {pad} conv(1, 1, stride=32768) }} b{i}: {{ {pad} conv(2, 1, "
            f"stride=32768, padding=0) }} }} join a{i} + b{i} upsample(32768)\n"
            for i in range(1, 300)
            for pad in [f"pad(0, {2 * i})"]
        ),
    ],
    ids=["copies", "uses", "elsewhere", "few_values", "many_steps", "periods"],
)
def test_sizes_that_take_too_long_to_follow(steps: str) -> None:
    conditions = "expect H % 2 == 0 and W % 2 == 0\n" if "fork" in steps else ""
    report = resdsl.check(RESCALING % (conditions + steps))
    assert [one.code.id for one in report.diagnostics] == ["E0701"]
    assert "rescale them again and again" in report.diagnostics[0].message


OPAQUE = """
network n {
input 1 x H %s
conv(1, 1, stride=65536)
fork {
    a: { upsample(3) maxpool(2, padding=0) upsample(2) maxpool(3, padding=0) }
    b: { maxpool(2) upsample(2) %s }
} join a + b
}
"""


def test_maps_of_a_period_that_is_too_long_to_prove_anything() -> None:
    """The two are one map by other steps; so far no size tells them apart."""
    report = resdsl.check(OPAQUE % ("", ""))
    assert report.ok
    (found,) = report.diagnostics
    assert (found.code.id, found.label[:28]) == ("W1002", "no size was found at which t")
    assert "not proved to agree" in found.message
    (design,) = report.designs
    assert design.sizes().runs_at((200_000,))
    assert resdsl.check(OPAQUE % ("expect H % 65536 == 0", "")).diagnostics == ()
    (differ,) = resdsl.check(OPAQUE % ("", "pad(1, 0)")).diagnostics
    assert differ.code.id == "E0501"


def test_a_window_that_does_not_fit_in_one_of_many_uses() -> None:
    """The uses behind it are not followed."""
    text = RESCALING.replace("H x W", "40000 x 40000") % "s x 1000"
    assert [one.code.id for one in resdsl.check(text).diagnostics] == ["E0502"]


@pytest.mark.parametrize(
    ("before", "size"),
    [
        # A window of three before the sum, one of nine before the residual, and in a block's call.
        ("residual { maxpool(3, stride=2, padding=0) upsample(2) pad(2, 0) conv(1, 1) }", 3),
        ("conv(9, 1, padding=0) pad(4, 4) residual { maxpool(2) upsample(2) conv(1, 1) }", 9),
        ("conv(9, 1, padding=0) pad(4, 4) halved", 9),
        ("expect H >= 12 conv(9, 1, padding=0) pad(4, 4) halved", 13),
    ],
)
def test_the_size_that_a_join_fails_at_is_one_that_comes_so_far(before: str, size: int) -> None:
    text = (
        "block halved { residual { maxpool(2) upsample(2) conv(1, 1) } }\n"
        f"network n {{\ninput 1 x H {before}\n}}\n"
    )
    (found,) = resdsl.check(text).diagnostics
    assert found.help[0].startswith(f"at H = {size} they are ")


def test_the_least_size_is_one_that_joins_take() -> None:
    """They are of a declared size, and agree at every second one."""
    import torch

    sum_of_two = "residual { maxpool(3, stride=2, padding=0) upsample(2) pad(2, 0) conv(1, 1) }"
    text = f"network n {{\ninput 1 x 32 x 32 {sum_of_two}\n}}\n"
    assert resdsl.design(text).sizes().min_input == 4
    model = resdsl.load(text)
    for size in (4, 6):
        model(torch.zeros(2, 1, size, size))
    for size in (3, 5):
        with pytest.raises(RuntimeError):
            model(torch.zeros(2, 1, size, size))


def test_the_size_that_a_join_fails_at_is_one_that_is_meant() -> None:
    text = (
        "network n {\ninput 3 x H x W\nexpect H % 3 == 0\nkeep a conv(3, 8, stride=2) upsample(2)\n"
        "join concat(a, here)\n}\n"
    )
    (found,) = resdsl.check(text).diagnostics
    assert found.help[0] == "at H = 3 they are 3 and 4"
    assert (
        found.help[1] == "what is declared is too weak: they agree where H % 2 == 0 and W % 2 == 0"
    )


def test_an_epsilon_that_torch_cannot_train_with() -> None:
    assert body_codes("batchnorm(eps=0)") == ["E0301"]
    assert body_codes("layernorm(eps=0)") == []


def test_a_projection_of_what_main_kept_is_not_raw() -> None:
    for shortcut, codes_of in (("join p conv(1, 8)", []), ("conv(1, 8)", ["W1006"])):
        main = "residual { norm act keep p conv(3, 8) }"
        text = f"network n {{\ninput 8 x 8 x 8 {main} via {{ {{ {shortcut} }} }}\n}}\n"
        assert [one.code.id for one in resdsl.check(text).diagnostics] == codes_of


def test_one_mistake_of_a_join_is_told_once() -> None:
    text = (
        "network n {\ninput 8 x 9 x 9\nfork { a: conv(2, 8) b: conv(3, 8) } join a * b + b * a\n}\n"
    )
    assert [one.code.id for one in resdsl.check(text).diagnostics] == ["E0501"]


def test_a_residual_behind_a_broken_step() -> None:
    """What enters it is unknown, and its main is not."""
    for via in ("{ }", "{ conv(1, 16) }", "projection"):
        text = (
            f"network n {{\ninput 3 x 12 conv(:) residual {{ join in conv(1, 16) }} via {via}\n}}\n"
        )
        assert [one.code.id for one in resdsl.check(text).diagnostics] == ["E0101"]


LISTS = [
    "for i in range(10000) { let a = sum(range(10000)) relu }",
    "for i in range(10000) { let a = [range(9000)] == [range(9000)] relu }",
    "for i in range(10000) { let b = big relu }",
    "for i in range(150) { for j in range(150) { let a = max(big) } }",
    "for k in big { identity } " * 2,
]


@pytest.mark.parametrize("steps", LISTS)
def test_lists_that_are_gone_through_again_and_again(
    steps: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list is no single value: a short text could have a thousand million elements read."""
    monkeypatch.setattr("resdsl.limits.STEPS", 12_000)
    text = f"let big = range(10000)\nnetwork n {{\n    input 3 x 8 x 8\n    {steps}\n}}\n"
    found = [one for one in resdsl.check(text).diagnostics if one.severity == "error"]
    assert [one.code.id for one in found] == ["E0701"]
    assert "12,000 steps" in found[0].message


def test_defaults_that_are_set_by_the_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resdsl.limits.SETTINGS", 100)
    blocks = "".join(f"block b{i}(w: int = 8) {{ conv(3, w) }}\n" for i in range(101))
    sets = "".join(f"set b{i}(w=9) b{i}\n" for i in range(101))
    (found,) = resdsl.check(f"{blocks}network n {{\ninput 8 x 8\n{sets}}}\n").diagnostics
    assert (found.code.id, found.message) == ("E0701", "more than 100 defaults are set here")


def test_messages_list_so_many_names() -> None:
    stages = "".join(f"stage s{i}: conv(1, 1)\n" for i in range(30))
    text = f"network n {{\ninput 1 x 8\n{stages}expect params == 1\n"
    broken, unknown = resdsl.check(f"{text}expect shape(q) == 1x8\n}}\n").diagnostics
    assert broken.help[0].endswith("s19 1 and 10 more")
    assert unknown.help[0].endswith("`s19` and 10 more")


def test_every_block_of_a_circle_is_told_once() -> None:
    text = "block a { b c }\nblock b { a }\nblock c { a }\nblock d { d }\nblock e { a }\n"
    report = resdsl.check(f"{text}network n {{ input 3 x 8 e }}\n")
    assert [one.message for one in report.diagnostics if one.code.id == "E0204"] == [
        "`a` contains itself: `a` → `c` → `a`",
        "`b` contains itself: `b` → `a` → `b`",
        "`d` contains itself: `d` → `d`",
    ]


TURNS = [
    "for i in range(200) { for j in range(200) { } }",
    "for i in range(50) { for j in range(50) { for k in range(50) { } } }",
    "for i in range(1000) { let a = " + " + ".join(["i"] * 1000) + " }",
    "for i in range(1000) { if " + " and ".join(["i < 5000"] * 500) + " { relu } }",
    "for i in range(1000) { let a = max(" + ", ".join(["i"] * 1000) + ") }",
    "for i in range(1000) { let a = [" + ", ".join(["i"] * 30) + "] + big }",
    "for i in range(3000) { join " + " + ".join(["here"] * 90) + " }",
    "for i in range(3000) { join concat(" + ", ".join(["here"] * 90) + ") conv(1, 3) }",
    "for i in range(3000) { conv(where(true, where(true, where(i < 0, 1, 3), 1), 1), 3) }",
    "{ d(1) } x 3000 " + "for i in range(3000) { d(1) d(i) }",
]


@pytest.mark.parametrize("steps", TURNS)
def test_turns_and_terms_count(steps: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a loop does, be it nothing, is done as often as it says."""
    monkeypatch.setattr("resdsl.limits.STEPS", 5_000)
    before = "let big = range(1000)\nblock d(w) { conv(1, 3) }\n"
    report = resdsl.check(f"{before}network n {{\n    input 3 x 8 x 8\n    {steps}\n}}\n")
    (found,) = [one for one in report.diagnostics if one.severity == "error"]
    assert (found.code.id, "more than 5,000 steps" in found.message) == ("E0701", True)


DOUBLED = """
block b(u, v) { u v }
block one(u) { u }
network n {
    input 3 x 8 x 8
    let a = one(relu)
    let c = one(relu)
    %s
}
"""


@pytest.mark.parametrize(
    "steps",
    [
        "let a = b(a, a) " * 22 + "a",
        "let a = b(a, a) " * 22 + "conv(3, a)",
        "let a = b(a, a) let c = b(c, c) " * 22 + "if a == c { relu }",
        "let a = b(a, [c, a]) " * 22 + "set b(u=a)",
        "let a = [a, one(a)] " * 22 + "for i in a { relu }",
    ],
    ids=["called", "shown", "compared", "set", "listed"],
)
def test_callees_that_double(steps: str) -> None:
    found = {(one.code.id, one.message) for one in resdsl.check(DOUBLED % steps).diagnostics}
    told = {message for code, message in found if code == "E0701"}
    assert told in (
        {"`b` is given as a value with at most 10,000 arguments"},
        {"a list has at most 10,000 elements"},
    )


@pytest.mark.parametrize(
    ("steps", "most"),
    [
        ("let a = one(a) " * 3000 + "a", "`one` is given as a value with at most 100 others"),
        ("let a = [a] " * 3000 + "if a == a { relu }", "a list has at most 100 others"),
        ("join " + " + ".join(["here"] * 3000), "a `join` has more than 100 operations"),
        ("join " + "(" * 60 + "here" + " - here - in)" * 60, "a `join` has more than 100 operat"),
    ],
    ids=["callees", "lists", "joins", "brackets"],
)
def test_values_inside_each_other(steps: str, most: str) -> None:
    """What walks over them calls itself."""
    told = {one.message for one in resdsl.check(DOUBLED % steps).diagnostics}
    assert any(message.startswith(most) for message in told)


def test_the_deepest_join() -> None:
    """It is built, drawn and written out, wherever it stands."""
    blocks = "".join(f"block b{i} {{ b{i - 1} }}\n" for i in range(1, 55))
    text = (
        f"block b0 {{ join {' + '.join(['in'] * 101)} }}\n{blocks}"
        "network n { input 3 x 8 x 8 b54 }\n"
    )
    design = resdsl.design(text)
    assert resdsl.design(design.to_json()).macs == design.macs
    assert design.table() and design.graph() and design.graph("stage") and design.sizes()
    assert design.shortcut_path()
    resdsl.load(text, device="meta")


def test_copies_are_joined_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are alike: nobody compares each with the next."""
    from resdsl.design import inference

    asked: list[object] = []
    agree = inference.agree
    monkeypatch.setattr(inference, "agree", lambda *a, **k: asked.append(a) or agree(*a, **k))
    head = "network n {\n    input 3 x 8 x 8\n"
    for join, channels in (("sum(p)", 3), ("mean(p)", 3), ("concat(p)", 3 * 4096)):
        design = resdsl.design(f"{head}fork {{ p: conv(1, 3) x 4096 }} join {join}\n}}\n")
        assert design.output == (channels, 8, 8)
    flat = f"{head}fork {{ p: {{ flatten linear(7) }} x 4096 }} join concat(p)\n}}\n"
    assert resdsl.design(flat).output == (7 * 4096,)
    free = "network n {\ninput 3 x H\nfork { p: flatten x 5 } join concat(p)\n}\n"
    assert resdsl.design(free, input=(3, 4)).output == (60,)
    assert not asked


LONG = " + ".join(["1"] * 900)
# Each place where an expression can stand that takes too much.
PLACES = {
    "default": "network n(w = @) { input 3 x 8 if w == w { relu } }",
    "default_of_a_block": "block b(w = @) { relu } network n { input 3 x 8 b }",
    "value": "let w = @\nnetwork n { input 3 x 8 if w == w { relu } }",
    "value_in_a_contract": "let w = @\nnetwork n { input 3 x 8 relu expect params == w }",
    "contract": "network n { input 3 x 8 relu expect params == @ }",
    "contract_of_a_block": "block b { expect @ == 900 relu } network n { input 3 x 8 b }",
    "contract_of_an_instance": (
        "network f(w) { input 3 x 8 relu } network n = f(1) { expect params == @ }"
    ),
    "tap": "network n { input 3 x 8 s[1]: relu expect shape(s[@]) == 1x8 }",
    "family": "network f(w) { input 3 x 8 if w == w { relu } } network n = f(@)",
    "family_of_a_family": (
        "network f(w) { input 3 x 8 relu } network g = f(@) network n = g() { set act = relu }"
    ),
    "amendment": "network f(w = 1) { input 3 x 8 relu } network n = f(1) { set conv(k=@) }",
    "input": "network n(w = @) { input 3 x w relu }",
    "condition": "network n { input 3 x H expect H % (@) == 0 relu }",
    "label": "network n { input 3 x 8 p[@]: relu }",
    "keep": "network n { input 3 x 8 relu keep p[@] }",
    "count": "network n { input 3 x 8 relu x @ }",
    "stride": "network n { input 3 x 8 stage s /(@): basic(3) }",
    "loop": "network n { input 3 x 8 for i in [@] { relu } }",
    "choice": "network n { input 3 x 8 if @ == 1 { relu } }",
    "join": "network n { input 3 x 8 join here * (@) }",
    "join_where": "network n { input 3 x 8 join where(@ == 1, here, in) }",
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_a_limit_of_effort_is_told_wherever_it_is_met(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resdsl.limits.STEPS", 50)
    text = text.replace("@", LONG) + "\n"
    errors = [one for one in resdsl.check(text).diagnostics if one.severity == "error"]
    ((code, message),) = {(one.code.id, one.message) for one in errors}
    assert (code, "more than 50 steps" in message) == ("E0701", True)
    for ask in (resdsl.design, resdsl.load):
        with pytest.raises(resdsl.SpecError, match="more than 50 steps"):
            ask(text, net="n")


def test_a_limit_of_effort_met_by_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resdsl.limits.STEPS", 50)
    text = "network n(w: block) { input 3 x 8 w }\n"
    for ask in (resdsl.design, resdsl.load):
        with pytest.raises(resdsl.SpecError, match="more than 50 steps"):
            ask(text, w=f"relu(inplace={LONG})")
