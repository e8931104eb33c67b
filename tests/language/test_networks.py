"""Networks: input, families, amendments, contracts, imports and limits."""

from __future__ import annotations

from pathlib import Path

import pytest

import resdsl
from resdsl import limits
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.spec import open_spec
from resdsl.source import Source
from tests.language.elaboration import (
    attempt,
    body_codes,
    codes,
    elaborated,
    network,
    operators,
    out,
)

FAMILY = """
network family(width: int, classes: int = 10, rate: float = 0.5) {
    input 3 x 32 x 32
    conv(3, width) norm act
    global_avgpool flatten dropout(rate)
    linear(classes)
    expect depth == 3
}
"""


def test_an_instantiation_keeps_what_it_does_not_bind() -> None:
    found = network(FAMILY + "network small = family(8)", net="small", classes="7")
    assert out(found) == (7,)


def test_the_family_s_contracts_are_not_inherited() -> None:
    assert codes(FAMILY + "network small = family(8) { expect depth == 2 }", net="small") == []
    assert codes(FAMILY, net="family", width="8") == []  # overridden: not checked
    assert "E0601" in codes(FAMILY + "network small = family(8) { expect depth == 3 }", net="small")


def test_an_expect_reads_no_name_that_is_a_quantity_s_and_the_author_s() -> None:
    """Neither of the two wins: `depth` is 3 layers, and the parameter may be 3 too."""
    body = "input 3 x 8 x 8 conv(3, 4) x 2 conv(1, depth)"
    stated = f"network n(depth: int = 3) {{ {body} expect depth == 3 }}"
    assert codes(stated) == ["E0602"]
    assert codes(stated, depth="4") == []  # overridden: not checked
    inside = f"let depth = 3 {body} expect depth > 2 and depth < 4"
    assert codes(f"network n {{ {inside} }}") == ["E0602"]
    assert codes(f"let depth = 3 network n {{ {body} expect depth == 3 }}") == ["E0602"]
    unstated = f"network n(depth: int = 4) {{ {body} expect params > 3 }}"
    assert codes(unstated) == []
    braces = "network k = n(3) { expect depth == 3 }"
    assert codes(f"{unstated} {braces}", net="k") == ["E0602"]
    # What has ended with its braces is not visible to the contract.
    group = "{ let depth = 4 conv(1, depth) } expect depth == 1"
    assert codes(f"network n {{ input 3 x 8 x 8 {group} }}") == []


def test_an_instantiation_of_an_instantiation() -> None:
    text = (
        FAMILY + "network a = family(8) { set norm = groupnorm(groups=2) } network b = a(classes=3)"
    )
    found = network(text, net="b")
    assert out(found) == (3,)
    assert "groupnorm" in [op.name for _, op in operators(found.root.body)]


def test_parameters_that_only_numbers_of_modules_read_stay_free() -> None:
    assert network(FAMILY + "network n = family(8)", net="n").free_parameters == (
        "width",
        "classes",
        "rate",
    )
    text = """network n(width: int = 8, depth: int = 2, classes: int = 10) {
        input 3 x 32 x 32 conv(3, width) basic(width) x depth global_avgpool flatten linear(classes)
    }"""
    assert network(text).free_parameters == ("width", "depth", "classes")
    text = """network n(classes: int = 10) {
        input 3 x 8 x 8 global_avgpool flatten linear(where(classes > 3, classes, 3))
    }"""
    assert network(text).free_parameters == ()


@pytest.mark.parametrize(
    "step",
    [
        "each([4, width])",
        "each([[width]][0])",
        "used(conv(1, width))",
        "conv(1, sum([4, width]))",
        "conv(1, max([4, width]))",
        "if [width] == [8] { conv(1, 8) }",
    ],
)
def test_a_parameter_in_a_list_or_bound_is_not_free(step: str) -> None:
    """What is made of it holds for its value only."""
    text = f"""network n(width: int = 8) {{ input 3 x 8 x 8 conv(1, width) {step} }}
    block each(widths: list[int]) {{ for width in widths {{ conv(1, width) }} }}
    block used(unit: op) {{ unit }}"""
    assert network(text).free_parameters == ()


def test_networks_in_a_circle_and_of_what_is_none() -> None:
    assert "E0204" in codes("network a = b() network b = a()", net="a")
    assert "E0401" in codes("network a = basic(3)", net="a")
    assert "E0401" in codes(FAMILY + "network a { input 3 x 8 x 8 family(3) }", net="a")


# --- input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ("relu", "E0402"),
        ("input 3 x 8 x 8 input 3 x 8 x 8 relu", "E0402"),
        ("relu input 3 x 8 x 8", "E0402"),
        ("input 3 x 8 x 8 x 8 x 8 relu", "E0402"),
        ("input 0 x 8 x 8 relu", "E0402"),
        ("input C x 8 x 8 relu", "E0402"),
        ("input 3 x H x H relu", "E0402"),
        ("input 3 x h x w relu", "E0402"),
    ],
)
def test_input_refused(steps: str, code: str) -> None:
    assert code in codes(f"network n {{ {steps} }}")


def test_input_of_parameters_and_free_extents() -> None:
    found = network("network n(size: int = 8) { let c = 3 input c x size x W relu }")
    assert found.input.channels == 3
    assert found.input.extents == (8, None)
    assert found.input.names == ("H", "W")


def test_input_override() -> None:
    text = "network n { input 3 x 32 x 32 conv(3, 4) flatten linear(2) }"
    (linear,) = [
        op for _, op in operators(network(text, input="3x8x8").root.body) if op.name == "linear"
    ]
    assert linear.features == 2
    assert network(text, input="3x8x8").root.shapes[-2].at((8, 8)) == (256,)
    assert codes(text, input="3x8") == ["W1022"]
    assert codes(text, input="8x3x8x8") == ["E0803"]
    assert codes(text, input="huge") == ["E0803"]


def test_a_flat_input() -> None:
    assert out(network("network n { input 784 linear(10) relu linear(4) }")) == (4,)


# --- contracts -----------------------------------------------------------------------------------


def contract(text: str) -> list[str]:
    return codes(
        "network n { input 3 x 32 x 32 stem: conv(3, 4, stride=2) stage a: basic(4) x 2 "
        f"{{ deep: maxpool(2) keep k }} global_avgpool flatten linear(10) expect {text} }}"
    )


@pytest.mark.parametrize(
    "text",
    [
        "params == 4 * 27 + 4 * (16 * 9 + 8) + 50",
        "params_without_norm == 4 * 27 + 4 * 16 * 9 + 50",
        "buffers == 4 * 9",
        "macs == 256 * (4 * 27 + 4 * 16 * 9) + 40",
        "activations == 5 * 4 * 256 + 10",
        "depth == 6 and params < 1K and macs < 0.2M",
        "output == 10",
        "shape(a) == 4x16x16",
        "shape(stem) == shape(a)",
        "shape(k) == 4x8x8 and shape(deep) == 4x8x8 and shape(group.deep) == 4x8x8",
        "total_stride(a) == 2 and total_stride(k) == 4",
        "receptive_field(stem) == 3 and receptive_field(a) == 3 + 4 * 4",
        "min_input == 3",
    ],
)
def test_contracts_that_hold(text: str) -> None:
    assert contract(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("params == 1", "E0601"),
        ("shape(a) == 4x16x17", "E0601"),
        ("shape(b) == 4x16x16", "E0201"),
        ("params", "E0602"),
        ("parms == 3", "E0201"),
        ("shape() == 3", "E0302"),
    ],
)
def test_contracts_that_do_not(text: str, code: str) -> None:
    assert contract(text) == [code]


def test_contracts_on_free_extents() -> None:
    steps = "conv(3, 4) global_avgpool flatten linear(10) expect {}"
    assert body_codes(steps.format("params > 3"), "3 x H x W") == []
    assert body_codes(steps.format("macs > 3"), "3 x H x W") == ["E0602"]


def test_conditions_on_free_extents() -> None:
    join = "residual { conv(3, 3, stride=2) } via avgpool(2)"
    assert body_codes(join, "3 x H x W") == ["E0501"]
    assert body_codes(f"expect H % 2 == 0 and W % 2 == 0 {join}", "3 x H x W") == []
    assert body_codes(f"expect H % 2 == 0 {join}", "3 x H x W") == ["E0501"]
    assert "E0602" in body_codes(f"expect H // 2 == 0 {join}", "3 x H x W")


def test_conditions_are_limited() -> None:
    many = " and ".join(["H > 0"] * limits.CONDITIONS)
    assert body_codes(f"expect {many} conv(3, 3)", "3 x H x W") == []
    assert body_codes(f"expect {many} and W > 0 conv(3, 3)", "3 x H x W") == ["E0701"]


def test_conditions_that_leave_no_size() -> None:
    for text in ("H % 2 == 0 and H % 2 == 1", "H % 6 == 1 and W % 5 == 2 and H % 4 == 2"):
        assert body_codes(f"expect {text} conv(3, 3)", "3 x H x W") == ["E0602"]
    for text in ("H >= 3_000_000_000", "H % 65536 == 1 and H % 65537 == 2"):
        assert body_codes(f"expect {text} conv(3, 3)", "3 x H x W") == ["E0602"]
    for text in ("H % 6 == 1 and H % 4 == 3", "H % 6 == 1 and W % 4 == 2", "H % 3 == 1 and H > 9"):
        assert body_codes(f"expect {text} conv(3, 3)", "3 x H x W") == []


def test_expect_in_a_block() -> None:
    block = "block b(g: int) {{ expect in.channels % g == 0 relu }}"
    text = block + "network n {{ input 3 x 8 x 8 b({}) }}"
    assert codes(text.format(3)) == []
    assert codes(text.format(2)) == ["E0601"]


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"clases": "3"}, "E0803"), ({"classes": '"x"'}, "E0803"), ({"classes": "3 +"}, "E0101")],
)
def test_settings_refused(settings: dict[str, str], code: str) -> None:
    assert code in codes(FAMILY + "network n = family(8)", net="n", **settings)


# --- imports -------------------------------------------------------------------------------------


def check(path: Path) -> list[str]:
    sink = Sink()
    spec = open_spec(Source(str(path), path.read_text()), path, sink)
    for info in spec.networks if spec else ():
        spec.elaborate(info.name, sink)
    return [f"{d.code.id} {d.message}" for d in sink.diagnostics]


def test_imports_of_files(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "unit.res").write_text('from "deep.res" import deep block unit { deep }')
    (tmp_path / "blocks" / "deep.res").write_text("block deep { relu }")
    main = tmp_path / "main.res"
    main.write_text('from "blocks/unit.res" import unit network n { input 3 x 8 x 8 unit }')
    assert check(main) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('from "gone.res" import a', "no such file"),
        ('from "main.res" import a', "imports itself"),
        ('from "../x.res" import a', "outside the folder"),
        ('from "/etc/passwd" import a', "outside the folder"),
        ("from std.gone import a", "no library module"),
        ("from torch.nn import Conv2d", "no library module"),
        ("from std.prelude import gone", "does not define"),
        ("from std.prelude import basic block basic { relu }", "already defined"),
    ],
)
def test_imports_refused(tmp_path: Path, text: str, said: str) -> None:
    main = tmp_path / "main.res"
    main.write_text(text)
    (message,) = check(main)
    assert said in message


def test_a_link_does_not_lead_out(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.res").write_text("block secret { relu }")
    (inside / "link.res").symlink_to(tmp_path / "secret.res")
    main = inside / "main.res"
    main.write_text('from "link.res" import secret')
    (message,) = check(main)
    assert "outside the folder" in message


def test_files_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.res").write_text('from "b.res" import b block a { relu }')
    (tmp_path / "b.res").write_text('from "a.res" import a block b { relu }')
    assert any("circle" in message for message in check(tmp_path / "a.res"))


# --- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps",
    [
        f"relu x {limits.REPETITIONS + 1}",
        f"{{ dropout(0.1 * index / count) }} x {limits.UNROLLED + 1}",
        "for i in range(10000) { for j in range(10000) { relu } }",
        f"fork {{ a: relu x {limits.REPLICAS + 1} }} join sum(a)",
    ],
)
def test_limits(steps: str) -> None:
    assert body_codes(steps) == ["E0701"]


def test_depth_of_definitions() -> None:
    blocks = "".join(f"block b{i} {{ b{i + 1} }} " for i in range(limits.INSTANCE_DEPTH + 5))
    text = (
        f"{blocks} block b{limits.INSTANCE_DEPTH + 5} {{ relu }} network n {{ input 3 x 8 x 8 b0 }}"
    )
    assert codes(text) == ["E0701"]


def _nested(definitions: int, groups: int, left: str, right: str) -> str:
    """Definitions inside each other, each with groups inside each other."""
    texts = ["block b0 { norm }"]
    texts += [
        f"block b{n} {{ {left * groups} b{n - 1} {right * groups} }}"
        for n in range(1, definitions + 1)
    ]
    return " ".join([*texts, f"network n {{ input 3 x 8 x 8 b{definitions} }}"])


NESTED = [("{ norm ", "}"), ("residual { norm ", "}"), ("residual { norm } via { norm ", "}")]


@pytest.mark.parametrize(("left", "right"), NESTED)
def test_blocks_and_groups_inside_each_other(left: str, right: str) -> None:
    """What walks over a design recurses, and Python's own limit is no message."""
    deep = 2 * 30 + 2
    assert deep + 2 == limits.DEPTH
    report = resdsl.check(_nested(2, 30, left, right) + "\n")
    assert report.ok
    (design,) = report.designs
    design.source()
    design.table()
    design.to_json()
    design.shortcut_path()
    resdsl.load(_nested(2, 30, left, right) + "\n")
    assert codes(_nested(3, 30, left, right)) == ["E0701"]
    assert codes(_nested(40, 50, left, right)) == ["E0701"]


def test_repetitions_inside_each_other() -> None:
    """The time that they take grows with the text, not with how often they stand in the network."""
    keep = "keep a" + " { norm keep b" * 20 + " relu" + " join a + b } x 2" * 20
    for body in ("{ norm " * 40 + "conv(1, 3)" + " } x 2" * 40, keep):
        (design,) = resdsl.check(f"network n {{ input 3 x 8 x 8 {body} }}\n").designs
        assert design.depth == (2**40 if "conv" in body else 0)
        design.table()
        design.source()
        design.shortcut_path()


def test_values_inside_each_other() -> None:
    """A block that is given to one is written for each time that it stands there."""
    text = "block twice(unit: block) {{ unit unit }} network n {{ input 3 x 8 {}relu{} }}\n"
    design = resdsl.design(text.format("twice(" * 60, ")" * 60))
    assert design.depth == 0
    with pytest.raises(resdsl.SpecError, match="E0701"):
        design.source()
    with pytest.raises(resdsl.SpecError, match="E0701"):
        resdsl.load(text.format("twice(" * 18, ")" * 18))


def test_a_block_that_grows_as_it_calls_itself_through_a_value() -> None:
    text = """
        block twice(unit: block) { unit unit }
        network n { input 3 x 8 x 8 twice(twice(twice(relu))) }
    """
    found, sink = attempt(text)
    assert sink.errors == 0
    assert found is not None
    assert len(list(operators(found.network.root.body))) == 8


def test_elaboration_is_counted() -> None:
    assert elaborated("network n { input 3 x 8 x 8 basic(3) x 5 }").definition_count == 2
