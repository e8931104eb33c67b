"""What counts of a network whose steps are not all read."""

from __future__ import annotations

import pytest

import resdsl

# An auxiliary way that the end leaves out, and the same network without it.
WITH = """
network net {{
    input 3 x {size}
    conv1: conv(3, 8) keep early
    {aux}
    join early
    residual {{ conv2: conv(3, 8) bn2: norm }}
    flatten
    fc: linear(5)
}}
"""
AUX = [
    "aux: conv(7, 16, stride=4, padding=0) aux_bn: norm act",
    "aux: { conv(7, 4, padding=0) conv(5, 4) norm } x 2",
    "residual { aux: conv(3, 8) } via projection_always aux2: maxpool(7, padding=0)",
    "aux: basic(16, stride=2) aux2: bottleneck(4) x 2",
    "fork { aux: conv(3, 4) aux2: conv(1, 4) } join aux + aux2 aux3: conv(8, 2, padding=0)",
    "aux: { conv(3, 4) { conv(3, 4) } x 2 join here * 2 } aux2: instancenorm(affine=true)",
]


def design(aux: str, size: str = "16 x 16") -> resdsl.Design:
    return resdsl.design(WITH.format(aux=aux, size=size))


@pytest.mark.parametrize("aux", AUX)
def test_an_unread_way_costs_its_parameters_only(aux: str) -> None:
    found, bare = design(aux), design("")
    assert found.params > bare.params
    known = [(d.macs, d.activations, d.depth, d.output) for d in (found, bare)]
    assert known[0] == known[1]
    assert found.sizes().text() == bare.sizes().text()
    assert str(found.shortcut_path()) == str(bare.shortcut_path())
    assert [one.code.id for one in found.diagnostics] == ["W1013"]


@pytest.mark.parametrize("aux", AUX)
def test_the_graph_has_what_is_called(aux: str) -> None:
    import networkx

    same = networkx.is_isomorphic(
        design(aux).graph(), design("").graph(), node_match=lambda a, b: a["label"] == b["label"]
    )
    assert same


@pytest.mark.parametrize("aux", AUX)
def test_rows_and_stages_add_up(aux: str) -> None:
    found = design(aux)
    assert sum(row.cost.params for row in found.stages) == found.params
    assert sum(row.cost.macs for row in found.stages) == found.macs
    assert sum(row.depth for row in found.stages) == found.depth
    assert "(unread)" in str(found.table())


@pytest.mark.parametrize("aux", AUX)
def test_keys_stay_in_their_order_and_nothing_is_called(aux: str) -> None:
    import torch

    module = resdsl.load(WITH.format(aux=aux, size="16 x 16"), seed=0)
    called: list[str] = []
    for name, part in module.named_modules():
        part.register_forward_hook(lambda *_, name=name: called.append(name))
    before = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    module(torch.randn(2, 3, 16, 16))
    assert not [name for name in called if name.startswith("aux")]
    aux_keys = [key for key in before if key.startswith("aux")]
    assert all(torch.equal(module.state_dict()[key], before[key]) for key in aux_keys)
    order = [key.split(".")[0] for key in before]
    assert order.index("conv1") < order.index(aux_keys[0].split(".")[0]) < order.index("conv2")


def test_sizes_ask_nothing_for_what_is_not_called() -> None:
    """Smaller than a window that nothing reads: it runs, and shows no map of negative size."""
    import torch

    text = WITH.replace("flatten", "global_avgpool flatten")
    spec = text.format(aux="stage aux: conv(9, 16, padding=0)", size="16 x 16")
    small = resdsl.design(spec).at(4)
    assert small.output == (5,)
    assert resdsl.load(spec)(torch.zeros(2, 3, 4, 4)).shape == (2, 5)
    assert "–" in str(small.table())
    assert "-" not in str(small.table()).replace("---", "")
    assert [row.shape for row in small.stages if row.name == "aux"] == [None]


def test_taps_of_what_is_not_read_have_shapes() -> None:
    """A contract can speak of it, and that does not make it read."""
    text = WITH.format(aux="stage aux: conv(3, 16, stride=2)", size="16 x 16")
    contract = "expect shape(aux) == 16x8x8 and receptive_field(aux) == 5 and depth == 3 }"
    found = resdsl.design(text.rstrip().removesuffix("}") + contract)
    assert [one.code.id for one in found.diagnostics] == ["W1013"]


def test_joins_that_agree_at_some_sizes_are_told_only_where_they_are_read() -> None:
    aux = "aux: maxpool(2) upsample(2) join concat(here, early)"
    found = design(aux)
    assert [one.code.id for one in found.diagnostics] == ["W1013"]
    assert found.sizes().meetings == ()


COPIES = """
network net {{
    input 4 x 8 x 8
    conv(3, 4) keep a
    conv(3, 4)
    {body} x {n}
    join here + a
}}
"""


@pytest.mark.parametrize("n", [1, 2, 5])
def test_of_copies_that_read_nothing_of_each_other_the_last_counts(n: int) -> None:
    found = resdsl.design(COPIES.format(body="body: { join a conv(3, 4) act }", n=n))
    one = 4 * 4 * 9
    assert (found.params, found.macs, found.depth) == ((2 + n) * one, 2 * one * 64, 2)


def test_a_shortcut_that_reads_main_alone_leaves_out_what_comes_in() -> None:
    """`in` is not read, nor is what made it, where main begins elsewhere."""
    found = resdsl.design(
        """
        shortcut only { join main act }
        network net {
            input 4 x 8 x 8
            conv(3, 4) keep a
            lost: conv(3, 4)
            residual { join a conv(3, 4) } via only
        }
        """
    )
    assert (found.params, found.macs) == (3 * 144, 2 * 144 * 64)


def test_a_json_design_counts_the_same(tmp_path: object) -> None:
    for aux in AUX:
        found = design(aux)
        again = resdsl.design(found.to_json())
        known = [(d.params, d.macs, d.activations, d.source()) for d in (found, again)]
        assert known[0] == known[1]
