"""Scopes, `set`, repetition and `progress`: section 4."""

from __future__ import annotations

import pytest

from tests.language.elaboration import (
    attempt,
    body,
    body_codes,
    codes,
    elaborated,
    network,
    operators,
    out,
)


def ops(found: object) -> list[object]:
    return [op for _, op in operators(found.root.body)]  # type: ignore[attr-defined]


def test_braces_end_let_and_if_and_for_do_not() -> None:
    assert out(body("let n = 4 { let n = 8 conv(1, n) } conv(1, n)"))[0] == 4
    assert out(body("let n = 4 if true { let n = 8 } conv(1, n)"))[0] == 8
    assert out(body("for i in [1, 2] { let n = i } conv(1, n)"))[0] == 2


def test_a_kept_tensor_is_seen_to_the_end_of_its_definition() -> None:
    assert out(body("{ conv(1, 4) keep a } conv(1, 8) join a"))[0] == 4


def test_a_kept_tensor_is_not_seen_outside_a_repetition() -> None:
    assert body_codes("{ conv(1, 4) keep a } x 2 join a") == ["E0201"]


def test_kept_tensors_with_an_index() -> None:
    assert (
        out(body("for i in range(3) { conv(1, 4 + i) keep s[i] } join concat(s[0], s2)"))[0] == 10
    )


def test_in_is_the_definition_s_and_here_the_current_one() -> None:
    steps = "conv(1, 4) { conv(1, 8) conv(1, in.channels) conv(1, here.channels * 5) }"
    assert out(body(steps))[0] == 15


def test_shadowing_an_operator() -> None:
    assert body_codes("let conv = 3 conv(3, 4)") == ["E0206"]
    assert body_codes("keep relu relu") == ["E0206"]


def test_definitions_in_any_order_and_lets_of_the_file() -> None:
    text = """
        network n { input 3 x 8 x 8 b }
        block b { conv(1, width) }
        let width = 2 * base
        let base = 3
    """
    assert out(network(text))[0] == 6


def test_lets_in_a_circle() -> None:
    assert "E0204" in codes("let a = b let b = a network n { input 3 x 8 x 8 conv(1, a) }")


def test_a_file_hides_prelude_names_but_library_code_keeps_its_own() -> None:
    text = """
        shortcut projection { expect false }
        block conv_norm_act { relu }
        network n { input 3 x 8 x 8 basic(8) conv_norm_act }
    """
    found, sink = attempt(text)
    assert found is not None and sink.errors == 0


# --- set -----------------------------------------------------------------------------------------


def test_set_reaches_what_is_called_and_ends_with_its_braces() -> None:
    found = network(
        """
        block b { norm }
        network n { input 4 x 8 x 8 { set norm = groupnorm(groups=2) b } b }
        """
    )
    assert [op.name for op in ops(found)] == ["groupnorm", "batchnorm"]


def test_set_has_a_precedence() -> None:
    found = body(
        """
        set conv(bias=true, stride=2, groups=3)
        let c = conv(groups=1)
        { set conv(stride=1) conv(1, 3, bias=false) }
        """
    )
    (op,) = ops(found)
    assert (op.bias, op.stride, op.groups) == (False, 1, 3)


def test_bound_values_win_over_set() -> None:
    found = network(
        """
        block use(unit: op) { unit(channels=3) }
        network n { input 3 x 8 x 8 set conv(bias=true, groups=3) use(conv(k=1, groups=1)) }
        """
    )
    (op,) = ops(found)
    assert (op.bias, op.groups) == (True, 1)


def test_set_conv_does_not_touch_depthwise() -> None:
    (conv, depthwise) = ops(body("set conv(bias=true) conv(1, 3) depthwise(3)"))
    assert (conv.bias, depthwise.bias) == (True, False)


def test_set_reaches_blocks() -> None:
    found = network("network n { input 3 x 8 x 8 set basic(shortcut=none) basic(8) }")
    assert [op.name for op in ops(found)].count("conv") == 2


def test_slots_take_what_their_operator_takes() -> None:
    assert body_codes("set norm = groupnorm(groups=1) norm(momentum=0.5)") == ["E0302"]
    assert body_codes("set norm = identity norm(momentum=0.5)") == []


def test_unused_set_is_a_warning() -> None:
    assert body_codes("set norm = groupnorm(groups=1) relu") == ["W1001"]
    assert body_codes("set norm = groupnorm(groups=1) norm") == []


def test_a_set_used_by_a_definition_known_already_is_used() -> None:
    text = """
        block b { norm }
        network n { input 4 x 8 x 8 { set norm = identity b } { set norm = identity b } }
    """
    assert codes(text) == []


# --- repetition ----------------------------------------------------------------------------------


def test_index_and_count() -> None:
    found = body("conv(1, 4 + index * count) x 3")
    assert [op.channels for op in ops(found)] == [4, 7, 10]


def test_index_is_not_seen_in_the_callee() -> None:
    assert codes("block b { conv(1, index) } network n { input 3 x 8 x 8 b x 2 }") == ["E0401"]


def test_progress_over_calls_and_repetitions() -> None:
    found = body(
        """
        stage a: drop_path(0.4 * progress) x 2
        drop_path(0.4 * progress)
        relu x 3
        stage b: { drop_path(0.4 * progress) drop_path(0.4 * progress) } x 2
        """
    )
    rates = [float(op.p) for op in ops(found) if op.name == "drop_path"]
    assert rates == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.3, 0.4, 0.4])


def test_progress_of_one() -> None:
    (op,) = ops(body("drop_path(0.4 * progress)"))
    assert op.p == 0


def test_a_stage_s_stride_goes_to_its_first_copy() -> None:
    found = network("network n { input 3 x 32 x 32 stage a /2: basic(8) x 3 }")
    assert out(found) == (8, 16, 16)
    (stage,) = found.root.body.steps
    assert [run.count for run in stage.runs] == [1, 2]


def test_a_million_blocks_are_as_many_definitions_as_three() -> None:
    text = "network n(depth: int) { input 3 x 32 x 32 stage a /2: bottleneck(8) x depth }"
    few, many = elaborated(text, depth="3", net="n"), elaborated(text, depth="1_000_000", net="n")
    assert few.definition_count == many.definition_count
    (stage,) = many.network.root.body.steps
    assert [run.count for run in stage.runs] == [1, 999_999]


def test_copies_that_change_the_shape_are_elaborated_one_by_one() -> None:
    found = body("{ keep a conv(3, 2) join concat(a, here) } x 4")
    assert out(found)[0] == 11


def test_networks_in_other_dimensions() -> None:
    block = "bottleneck(8, shortcut=projection) x 2 global_avgpool flatten linear(4)"
    for extents in ("2 x 64", "2 x 16 x 16", "2 x 8 x 8 x 8"):
        assert out(body(block, extents)) == (4,)
