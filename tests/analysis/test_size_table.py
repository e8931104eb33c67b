"""One design at several sizes."""

from __future__ import annotations

import pytest

import resdsl


def test_numbers_are_those_of_the_design_at_each_size() -> None:
    design = resdsl.design("resnet50")
    sizes = [(224, 224), (193, 257), (32, 64)]
    table = design.size_table(*sizes, batch=8, dtype="bf16").sizes
    for i, size in enumerate(sizes):
        at = design.at(*size)
        assert (table.macs[i], table.activations[i]) == (at.macs, at.activations)
        held = at.params + at.buffers + 8 * (at.activations or 0)
        assert table.memory[i] == 2 * held
        assert [row.outputs[i] for row in table.rows] == [row.output for row in at.stages]


def test_what_stages_see() -> None:
    """Araujo, Norris and Sim 2019 give 427 for the v1.5 form of ResNet-50, and 483 for v1."""
    rows = {r.name: r for r in resdsl.design("resnet50").size_table((224, 224)).sizes.rows}
    assert (rows["conv1"].stride, rows["conv1"].field) == ("2", "7")
    assert (rows["layer4"].stride, rows["layer4"].field) == ("32", "427")
    assert rows["avgpool"].field is None
    rows = {r.name: r for r in resdsl.design("resnet50_v1").size_table((224, 224)).sizes.rows}
    assert rows["layer4"].field == "483"


def test_the_field_is_what_a_gradient_reaches() -> None:
    """The inputs that change the middle element, counted with torch."""
    import torch

    spec = """network n {
        input 1 x 96
        stage a: { conv(5, 2, stride=2) maxpool(3, stride=2) }
        stage b: { residual { conv(3, 2, dilation=2) } }
    }
    """
    row = resdsl.design(spec).size_table((96,)).sizes.rows[-1]
    module = resdsl.load(spec, seed=0)
    for parameter in module.parameters():
        torch.nn.init.ones_(parameter)
    # Every element of a window counts, not its largest alone.
    for name, child in module.named_modules():
        if isinstance(child, torch.nn.MaxPool1d):
            parent = module.get_submodule(name.rpartition(".")[0])
            pool = torch.nn.AvgPool1d(child.kernel_size, child.stride, child.padding)
            setattr(parent, name.rpartition(".")[2], pool)
    x = torch.ones(1, 1, 96, requires_grad=True)
    y = module(x)
    y[0, 0, y.shape[-1] // 2].backward()
    assert x.grad is not None
    reached = x.grad[0, 0].nonzero().flatten()
    assert int(reached[-1] - reached[0]) + 1 == int(row.field or 0)


def test_refused() -> None:
    design = resdsl.design("resnet18")
    with pytest.raises(resdsl.SpecError, match="does not run at 0 x 5"):
        design.size_table((0, 5))
    with pytest.raises(ValueError, match="no dtype"):
        design.size_table((224, 224), dtype="fp12")
    with pytest.raises(ValueError, match="at least one sample"):
        design.size_table((224, 224), batch=0)
    with pytest.raises(TypeError):
        design.size_table()


def test_a_gate_does_not_end_the_steps() -> None:
    """Behind squeeze and excitation a stage has its stride, and sees the whole input."""
    gate = "fork { map: identity  gate: { global_avgpool conv(1, 8) sigmoid } } join map * gate"
    spec = f"""network n {{
        input 3 x 64 x 64
        stage a: {{ conv(3, 8, stride=2) {gate} }}
        stage b: {{ conv(3, 8, stride=2) }} x 3
        expect total_stride(b) == 16
    }}
    """
    rows = resdsl.design(spec).size_table((64, 64)).sizes.rows
    assert [(row.stride, row.field) for row in rows] == [("2", None), ("16", None)]


@pytest.mark.parametrize("steps", ["input 1 identity", "input 3 x 8 keep a identity"])
def test_a_network_of_nothing_to_show(steps: str) -> None:
    design = resdsl.design(f"network n {{ {steps} }}\n")
    assert "MACs" in str(design.size_table(design.input[1:]))


def test_each_output_has_a_row() -> None:
    design = resdsl.design("resnet18", features=["layer2", "layer4"])
    table = design.size_table(224, 256)
    rows = [row for row in table.cells() if row[0].startswith("→")]
    assert rows == [
        ("→ layer2", "", "", "128×28×28", "128×32×32"),
        ("→ layer4", "", "", "512×7×7", "512×8×8"),
    ]
    assert [row[0] for row in table.cells()][-5:] == [
        "→ layer2", "→ layer4", "MACs", "activations", "memory",
    ]  # fmt: skip
    assert table.to_latex().splitlines()[-8] == r"\midrule"


def test_one_output_is_called_output() -> None:
    table = resdsl.design("resnet18", features=["layer2"]).size_table(224)
    assert [row[0] for row in table.cells()][-4] == "output"
