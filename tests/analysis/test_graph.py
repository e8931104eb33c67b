"""The networkx views: everything of the design is in them, once, and joined as it is."""

from __future__ import annotations

from pathlib import Path

import networkx
import pytest

import resdsl
from resdsl import Design, SpecError
from resdsl.design.state import state

CASES = sorted((Path(__file__).parent.parent / "targets" / "cases").glob("*.res"))
NETWORKS = ["resnet50", "resnext50_32x4d", "plain34", "cifar_resnet20", *CASES]
LEVELS = ["op", "block", "stage"]


@pytest.fixture(scope="module", params=NETWORKS, ids=lambda spec: Path(spec).stem)
def design(request: pytest.FixtureRequest) -> Design:
    return resdsl.design(request.param)


def all_is_read(design: Design) -> bool:
    """What nothing reads has parameters, and is no part of the graph."""
    return all(found.code.id != "W1013" for found in design.diagnostics)


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_is_lost(design: Design, level: str) -> None:
    graph = design.graph(level)  # type: ignore[arg-type]
    assert networkx.is_directed_acyclic_graph(graph)
    nodes = graph.nodes
    if all_is_read(design):
        assert sum(nodes[node]["params"] for node in graph) == design.params
    assert sum(nodes[node]["macs"] for node in graph) == design.macs
    (output,) = (node for node in graph if nodes[node]["kind"] == "output")
    assert nodes["input"]["shape"] == tuple(map(int, design.input))
    assert nodes[output]["shape"] == design.output
    assert all(networkx.has_path(graph, "input", node) for node in graph)


def test_operators_are_modules(design: Design) -> None:
    graph = design.graph()
    operators = {node for node in graph if graph.nodes[node]["kind"] == "op"}
    if all_is_read(design):
        # A tensor that a body holds itself has the key of its operator.
        keys = [entry.key for entry in state(design.network)]
        assert {key if key in operators else key.rpartition(".")[0] for key in keys} <= operators
    else:
        assert "extra" not in operators and "fc" in operators


def test_the_longest_path_is_the_depth(design: Design) -> None:
    graph = design.graph()
    for _, node, edge in graph.edges(data=True):
        weighted = "conv conv_transpose depthwise linear channel_conv attention_pool".split()
        edge["layers"] = int(graph.nodes[node].get("op") in weighted)
    assert networkx.dag_longest_path_length(graph, weight="layers") == design.depth


def test_a_residual() -> None:
    graph = resdsl.design("resnet18").graph()
    assert sorted(graph.predecessors("layer2.0.sum")) == [
        "layer2.0.downsample.1",
        "layer2.0.tail",
    ]
    assert sorted(graph.predecessors("layer2.1.sum")) == ["layer2.0.act_1", "layer2.1.tail"]
    assert graph.nodes["layer2.0.conv1"] == {
        "kind": "op",
        "op": "conv",
        "label": "3×3 conv, 128, /2",
        "shape": (128, 28, 28),
        "output": "128×28×28",
        "params": 73_728,
        "macs": 57_802_752,
        "again": False,
    }


def test_a_module_that_is_called_again() -> None:
    text = "network n { input 3 x 8 x 8 conv(3, 4) c: conv(3, 4) reuse c upsample(like=in) }"
    graph = resdsl.design(text).graph()
    told = [(graph.nodes[node]["params"], graph.nodes[node]["again"]) for node in ("c", "c_1")]
    assert told == [(144, False), (0, True)]
    assert graph.nodes["c"]["macs"] == graph.nodes["c_1"]["macs"]
    like = {node: edge["like"] for node, edge in graph["input"].items()}
    assert like == {"conv": False, "upsample": True}


def test_copies_of_a_branch_meet() -> None:
    text = """network net {
        input 4 x 8
        fork { path: { conv(3, 4) relu } x 3 } join sum(path)
    }
    """
    graph = resdsl.design(text).graph()
    assert sorted(graph.predecessors("join")) == ["path.0.1", "path.1.1", "path.2.1"]
    assert [graph.in_degree(f"path.{i}.0") for i in range(3)] == [1, 1, 1]


def test_free_extents() -> None:
    graph = resdsl.design("network net { input 3 x H x W conv(3, 8, stride=2) }\n").graph()
    assert graph.nodes["conv"]["shape"] is None
    assert graph.nodes["conv"]["output"] == "8×⌈H/2⌉×⌈W/2⌉"
    assert graph.nodes["conv"]["macs"] is None


def test_limits() -> None:
    design = resdsl.design("network net { input 4 x 8 conv(3, 4) x 1_000_000 }\n")
    with pytest.raises(SpecError, match="too many for a graph"):
        design.graph()
    assert len(design.graph("stage")) == 3
    with pytest.raises(ValueError, match="the levels are op, block, stage"):
        design.graph("ops")  # type: ignore[arg-type]


HEADS = """network n {
    input 3 x 32 x 32
    conv1: conv(3, 8) norm act
    stage s1: basic(8) x 2 keep k
    stage s2 /2: basic(16) x 2
    global_avgpool flatten fc: linear(10)
    output logits: here
    join k aux: { conv(1, 4) global_avgpool flatten linear(4) }
    output aux, s1, again: s1, image: in
}
"""


@pytest.mark.parametrize("level", LEVELS)
def test_each_output_is_a_node(level: str) -> None:
    design = resdsl.design(HEADS)
    graph = design.graph(level)  # type: ignore[arg-type]
    outputs = [node for node in graph if graph.nodes[node]["kind"] == "output"]
    assert [graph.nodes[node]["label"] for node in outputs] == list(design.network.outputs)
    assert outputs == [f"output.{name}" for name in design.network.outputs]
    assert [graph.nodes[node]["shape"] for node in outputs] == [
        (10,), (4,), (8, 32, 32), (8, 32, 32), (3, 32, 32),
    ]  # fmt: skip
    assert all(graph.out_degree(node) == 0 and graph.in_degree(node) == 1 for node in outputs)
    assert list(graph.predecessors("output.image")) == ["input"]
    ends = [node for node in graph if not graph.out_degree(node)]
    assert ends == outputs
    assert sum(graph.nodes[node]["params"] for node in graph) == design.params


def test_a_head_is_behind_what_it_begins_with() -> None:
    graph = resdsl.design(HEADS).graph("stage")
    assert list(graph.predecessors("aux")) == ["s1"]
    assert sorted(graph.successors("s1")) == ["aux", "output.again", "output.s1", "s2"]


def test_the_node_of_one_output_is_called_as_ever() -> None:
    graph = resdsl.design("resnet18", features=["layer2"]).graph()
    assert [node for node in graph if graph.nodes[node]["kind"] == "output"] == ["output"]
    assert graph.nodes["output"]["label"] == "layer2"


def test_the_depth_where_what_a_step_is_fed_was_cut() -> None:
    """The copies begin with the input: the convolution before them is there, and not called."""
    text = "network n { input 4 x 13 conv(3, 4) stage s: { join in conv(3, 4) } x 3 }\n"
    design = resdsl.design(text, features=["s"])
    assert design.depth == 1
    assert [row.name for row in design.stages] == ["conv", "s"]
    assert resdsl.design(design.to_json()).params == design.params
    assert sorted(design.graph()) == ["input", "output", "s.2.0"]
