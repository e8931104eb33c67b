"""The emitted text: what a person reads, and what runs without resdsl."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import resdsl
from resdsl import Design
from resdsl.api import zoo
from resdsl.data import folder
from tests.children import STRICT
from tests.hidden_names import hidden
from tests.whole_floats import ints_for_floats
from tests.zoo.families import full, one_a_family, smallest, some_families

if TYPE_CHECKING:
    from torch import nn

DesignOf = Callable[[str], Design]

GOLDENS = Path(__file__).parent.parent / "golden" / "emitted"
# A network of each kind: basic, bottleneck, grouped, without and with a shortcut of its own text.
TEXTS = ["resnet18", "resnet152", "resnext50_32x4d", "plain34", "resnet34_option_a"]
RULES = "E,F,W,I,UP,B,N"

# What an emitted name may hold that no spec wrote.
NUMBERED_BY_TORCH = {"nn", "F", "torch"}


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module", params=["one a family", pytest.param("all", marks=full)])
def emitted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, design: DesignOf
) -> Path:
    """A folder with the text of networks of the zoo, and nothing else."""
    path = tmp_path_factory.mktemp("emitted")
    names = list(zoo.entries()) if request.param == "all" else smallest(zoo.entries())
    for name in {*names, *TEXTS}:
        (path / f"{name}.py").write_text(design(name).source(), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", TEXTS)
def test_text(name: str, design: DesignOf, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / f"{name}.py", design(name).source())


def test_152_layers_in_120_lines(design: DesignOf) -> None:
    assert len(design("resnet152").source().splitlines()) <= 120


@pytest.mark.parametrize("name", some_families(zoo.entries()))
def test_torch_alone_is_imported(name: str, design: DesignOf) -> None:
    imported = set()
    for node in ast.walk(ast.parse(design(name).source())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    # torchvision's keys are those of ordered dictionaries (`features` of a DenseNet); truth values
    # are held in attributes that are `Final`.
    assert imported - {"collections", "typing"} == {"torch"}


def test_nothing_is_hidden(emitted: Path) -> None:
    """No constructor and no forward binds a name that means another thing in it."""
    found = {path.stem: hidden(path.read_text(encoding="utf-8")) for path in emitted.glob("*.py")}
    assert len(found) >= len(smallest(zoo.entries()))
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_floats_are_floats(emitted: Path) -> None:
    """What is declared a float, here or by torch, is given one: `nn.Dropout(0.0)`."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in emitted.glob("*.py")}
    found = {name: ints_for_floats(text) for name, text in texts.items()}
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_ruff_check(emitted: Path) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", RULES, "."]
    found = run(*command, cwd=emitted)
    assert found.returncode == 0, found.stdout + found.stderr


def test_ruff_format(emitted: Path) -> None:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "."]
    found = run(*command, cwd=emitted)
    assert found.returncode == 0, found.stdout + found.stderr


def test_mypy(emitted: Path) -> None:
    """One run over all files: it reads torch's own sources first, once for all tests."""
    found = run(sys.executable, "-m", "mypy", "--config-file=", ".", cwd=emitted)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_the_same_to_the_byte_in_every_process(hash_seed: str, emitted: Path) -> None:
    script = "import sys, resdsl\nfor name in sys.argv[1:]: print(resdsl.design(name).source())"
    root = str(Path(resdsl.__file__).parent.parent)
    paths = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"}
    found = run(sys.executable, "-c", script, *TEXTS, cwd=emitted, **paths)
    assert found.returncode == 0, found.stderr
    assert found.stdout == "".join(
        (emitted / f"{name}.py").read_text(encoding="utf-8") + "\n" for name in TEXTS
    )


def identifiers(text: str) -> set[str]:
    """Every name that the text defines or reads, but for those of torch."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(value=ast.Name(id=owner)) if owner in NUMBERED_BY_TORCH:
                pass
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case _:
                pass
    return names


def plain(name: str) -> str:
    """A name however it is spelled: `WideResNet50x2` and `wide_resnet50_2` are one."""
    return re.sub(r"(?<=\d)x(?=\d)", "", name.lower().replace("_", ""))


def texts_of(path: Path) -> Iterator[str]:
    """A spec, and the files that it imports."""
    text = path.read_text(encoding="utf-8")
    yield text
    for name in re.findall(r'^from "(.*)" import', text, re.M):
        yield from texts_of(path.parent / name)
    for name in re.findall(r"^from std\.(\w+) import", text, re.M):
        yield from texts_of(folder("specs") / "std" / f"{name}.res")


def words_of(path: Path) -> set[str]:
    """The words of a spec, and of the files that it imports."""
    own: set[str] = set()
    for text in texts_of(path):
        own |= {plain(word) for word in re.findall(r"[A-Za-z_]\w*", text)}
        # `keep part[0]` is the tensor `part0`.
        own |= {plain("".join(pair)) for pair in re.findall(r"([A-Za-z_]\w*)\[(\d+)\]", text)}
    return own


# The classes of operators, and the functions that they call, are named by their dimensions.
BY_RANK = re.compile(
    r"(same)?(conv|maxpool|avgpool|attentionpool|blurpool|standardizedconv|scaledconv)[123]d"
)


# What an index follows in a spec: `cell[i]`, `"cell_"[i]`, `"cells."[i]`; and lists, whose tensors
# are numbered.
INDEXED = re.compile(r'(\w+)\.?"?\[|(\w+): list\[tensor\]|let (\w+) = .*\[')


@pytest.mark.parametrize("name", one_a_family(zoo.entries()))
def test_no_name_has_a_number_that_the_spec_has_not(name: str, design: DesignOf) -> None:
    """Nothing like `conv_3` or `Bottleneck2` that only the compiler could mean."""
    path = zoo.entries()[name].path
    words = words_of(path) | words_of(folder("specs") / "std" / "prelude.res")
    places = [place for text in texts_of(path) for place in INDEXED.findall(text)]
    indexed = {plain(word) for place in places for word in place if word}
    numbered = {
        part
        for word in identifiers(design(name).source())
        # A class without one of the labels.
        for part in map(plain, word.split("Without"))
        if re.search(r"\d", part) and not BY_RANK.fullmatch(part)
        # What a convolution `fc1` is given may be an argument of its own.
        # The network itself, where its name is part of how papers spell it: `PPLCNet100`.
        if part not in words
        and not part.endswith(plain(name))
        and re.sub(r"((in)?channels|padding|stride|dilation)$", "", part) not in words
    }
    assert {
        part for part in numbered if re.sub(r"\d+(channels)?$", "", part) not in indexed
    } == set()


def test_runs_where_resdsl_is_not(emitted: Path) -> None:
    script = """
import sys
sys.modules["resdsl"] = None
import torch
from resnet152 import resnet152
output = resnet152(classes=7).eval()(torch.zeros(1, 3, 33, 65))
print(tuple(output.shape), sorted(name for name in sys.modules if name.startswith("resdsl")))
"""
    found = run(sys.executable, *STRICT, "-c", script, cwd=emitted, PYTHONPATH="")
    assert (found.returncode, found.stdout) == (0, "(1, 7) ['resdsl']\n"), found.stderr


@pytest.fixture(
    scope="module", params=[pytest.param("resnet152", marks=full), "resnet18", "resnet34_option_a"]
)
def model(request: pytest.FixtureRequest) -> nn.Module:
    """`load` executes the emitted text."""
    return resdsl.load(request.param, seed=0).eval()


def test_compiles_to_one_graph(model: nn.Module) -> None:
    import torch

    x = torch.randn(1, 3, 65, 97)
    with torch.no_grad():
        compiled = torch.compile(model, fullgraph=True, backend="eager")
        assert torch.equal(compiled(x), model(x))


def test_exports_with_a_dynamic_batch(model: nn.Module) -> None:
    import torch

    # torch 2.6 fails without an upper bound.
    batch = {"x": {0: torch.export.Dim("batch", min=1, max=1024)}}
    program = torch.export.export(model, (torch.randn(2, 3, 65, 97),), dynamic_shapes=batch)
    x = torch.randn(5, 3, 65, 97)
    with torch.no_grad():
        assert torch.equal(program.module()(x), model(x))
