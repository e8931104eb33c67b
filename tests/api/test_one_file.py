"""A network in one file: what `save` writes, `load` and every command read."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import resdsl
from resdsl import SaveError, SpecError, WeightsError
from resdsl.outputs import KeptError, OutputError
from resdsl.weights import header
from tests.children import STRICT

SMALL = """\
block unit(w: int) { residual { conv(3, w) norm act conv(3, w) norm } act }
network small(classes: int = 10) {
    input 3 x 16 x 16
    stem: conv(3, 8) norm act
    stage one: unit(8) x 2
    global_avgpool flatten fc: linear(classes)
}
"""


def model(**parameters: Any) -> torch.nn.Module:
    """With running statistics and norms that are no start's."""
    made = resdsl.load(SMALL, seed=0, **parameters)
    generator = torch.Generator().manual_seed(1)
    for key, tensor in made.state_dict().items():
        if tensor.is_floating_point() and "weight" not in key.partition("conv")[2]:
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
    return made.eval()


def same(one: torch.nn.Module, two: torch.nn.Module) -> bool:
    mine, other = one.state_dict(), two.state_dict()
    return list(mine) == list(other) and all(torch.equal(mine[key], other[key]) for key in mine)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return resdsl.save(model(), tmp_path / "m.safetensors")


def test_it_comes_back_to_the_bit(saved: Path) -> None:
    made, again = model(), resdsl.load(saved).eval()
    x = torch.randn(2, 3, 16, 16)
    assert same(made, again)
    assert torch.equal(made(x), again(x))
    assert all(parameter.requires_grad for parameter in again.parameters())
    # Saved again it is the same file.
    before = saved.read_bytes()
    resdsl.save(again, saved)
    assert saved.read_bytes() == before
    assert (8 + int.from_bytes(before[:8], "little")) % 8 == 0


def test_everybody_reads_its_tensors(saved: Path) -> None:
    assert set(load_file(saved)) == set(model().state_dict())
    with safe_open(saved, "pt") as file:
        told = file.metadata()
    assert told["format"] == "pt"
    assert told["resdsl.version"] == resdsl.__version__
    assert json.loads(told["resdsl.design"])["network"]["name"] == "small"


def test_its_memory_is_not_the_files(saved: Path) -> None:
    again = resdsl.load(saved)
    before = again.state_dict()["fc.weight"].clone()
    with saved.open("r+b") as file:
        file.truncate(100)
    assert torch.equal(again.state_dict()["fc.weight"], before)
    assert all(tensor.data_ptr() % 64 == 0 for tensor in again.parameters())


def test_types_and_devices(saved: Path) -> None:
    half = resdsl.load(saved, dtype=torch.float16)
    assert {p.dtype for p in half.parameters()} == {torch.float16}
    resdsl.save(half, saved)
    assert header.read(saved).tensors["fc.weight"].dtype == "F16"
    assert {p.dtype for p in resdsl.load(saved).parameters()} == {torch.float32}
    brain = model().bfloat16()
    again = resdsl.load(resdsl.save(brain, saved))
    assert {p.dtype for p in again.parameters()} == {torch.float32}
    assert same(again.bfloat16(), brain)
    assert all(p.is_meta for p in resdsl.load(saved, device="meta").parameters())


def test_what_is_said_beside(tmp_path: Path) -> None:
    path = resdsl.save(model(), tmp_path / "m.safetensors", metadata={"epoch": "3", "é": ""})
    assert header.read(path).metadata["epoch"] == "3"


METADATA: list[tuple[Any, str]] = [
    ([1], "metadata are texts by name, not the list [1]"),
    ({"epoch": 3}, "metadata are texts by name, which 'epoch': 3 is not"),
    ({3: "epoch"}, "metadata are texts by name, which 3: 'epoch' is not"),
    ({"a": "\ud800"}, "metadata are texts by name, which 'a': '\\ud800' is not"),
    ({"\ud800": "a"}, "metadata are texts by name, which '\\ud800': 'a' is not"),
    ({"format": "np"}, "metadata: the name 'format' is taken, call it something else"),
    ({"resdsl.design": "x"}, "metadata: the name 'resdsl.design' is taken, call it something else"),
]


@pytest.mark.parametrize(("wrong", "why"), METADATA, ids=range(len(METADATA)))
def test_what_is_said_beside_and_is_no_text(wrong: Any, why: str, tmp_path: Path) -> None:
    with pytest.raises(SaveError) as told:
        resdsl.save(model(), tmp_path / "n", metadata=wrong)
    assert str(told.value) == why
    assert not list(tmp_path.iterdir())


def test_what_is_said_beside_is_no_longer_than_a_header(tmp_path: Path) -> None:
    long = {"log": "x" * (1 << 24)}
    with pytest.raises(SaveError, match=r"^design, keys and metadata have 16,7\d\d,\d+ bytes, and"):
        resdsl.save(model(), tmp_path / "n", metadata=long)
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch.compile's own imports
@pytest.mark.parametrize(
    "wrap", [torch.nn.DataParallel, torch.compile, torch.optim.swa_utils.AveragedModel]
)
def test_wrappers_are_looked_into(wrap: Callable[[Any], Any], tmp_path: Path) -> None:
    path = resdsl.save(wrap(model()), tmp_path / "m.safetensors")
    assert same(resdsl.load(path), model())
    made: Any = model()
    made.one[1] = wrap(made.one[1])
    assert same(resdsl.load(resdsl.save(made, path)), model())


@pytest.mark.parametrize("label", ["module", "_orig_mod", "model", "backbone"])
def test_a_label_is_no_wrapper(label: str, tmp_path: Path) -> None:
    spec = SMALL.replace("network small", "network other").replace("stem:", f"{label}:")
    for text in (spec, f"network n {{ input 3 x 8 x 8 {label}: conv(3, 4) }}\n"):
        made = resdsl.load(text)
        assert same(resdsl.load(resdsl.save(made, tmp_path / "m.safetensors")), made)


def test_a_module_of_a_compiled_file_with_its_design(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resdsl.compile(SMALL, tmp_path / "small_net.py")
    monkeypatch.syspath_prepend(tmp_path)
    made = __import__("small_net").small()
    with pytest.raises(SaveError, match=r"`design=resdsl\.design"):
        resdsl.save(made, tmp_path / "m.safetensors")
    path = resdsl.save(made, tmp_path / "m.safetensors", design=resdsl.design(SMALL))
    assert same(resdsl.load(path), made)


# --- folders, and a hub ---------------------------------------------------------------------------


def test_a_folder_as_on_a_hub(tmp_path: Path) -> None:
    folder = resdsl.save(model(), tmp_path / "small")
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "model.safetensors"]
    card = (folder / "README.md").read_text()
    assert card.startswith("---\nlibrary_name: resdsl\n")
    assert "| stem |" in card and "2,690 parameters" in card
    assert same(resdsl.load(folder), model())
    assert resdsl.design(str(folder)).params == 2690
    # A card that is there is somebody's.
    (folder / "README.md").write_text("mine")
    resdsl.save(model(), folder)
    assert (folder / "README.md").read_text() == "mine"
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file: is a file, and no folder: the name of a file"):
        resdsl.save(model(), tmp_path / "file")


@pytest.mark.parametrize("name", ["resnet50.v2", "1.0", "a b", "ünï.日本", "best.epoch"])
def test_names_of_folders(name: str, tmp_path: Path) -> None:
    assert same(resdsl.load(resdsl.save(model(), tmp_path / name)), model())
    assert (tmp_path / name / "model.safetensors").is_file()


@pytest.mark.parametrize("name", ["m.pt", "m.ckpt", "m.bin", "m.SafeTensors", "m.safetensor"])
def test_a_folder_is_not_called_like_a_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError) as told:
        resdsl.save(model(), tmp_path / name)
    ending = name[1:]
    assert str(told.value) == (
        f"{tmp_path / name}: `{ending}` is the ending of other files: name one that ends in "
        ".safetensors, or a folder"
    )
    (tmp_path / name).mkdir()  # whoever has one is free to
    resdsl.save(model(), tmp_path / name)


def test_nothing_is_left_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SaveError):
        resdsl.save(model().one, tmp_path / "small")

    def full(*_: Any) -> None:
        raise OutputError("no space left on the device")

    with monkeypatch.context() as patch, pytest.raises(OutputError, match="no space left"):
        patch.setattr("resdsl.outputs.write", full)
        resdsl.save(model(), tmp_path / "small")
    with pytest.raises(OutputError, match=r"there is no folder .*; make it first"):
        resdsl.save(model(), tmp_path / "no" / "small")
    with pytest.raises(OutputError, match="an empty name is no file"):
        resdsl.save(model(), "")
    assert not list(tmp_path.iterdir())


def test_a_folder_with_a_model_of_others(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(3)}, tmp_path / "model.safetensors")
    with pytest.raises(KeptError, match=r"was not written by resdsl\.save"):
        resdsl.save(model(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


def test_saves_at_once(tmp_path: Path) -> None:
    made = model()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: resdsl.save(made, tmp_path / "small"), range(16)))
    assert same(resdsl.load(tmp_path / "small"), made)
    names = sorted(path.name for path in (tmp_path / "small").iterdir())
    assert names == ["README.md", "model.safetensors"]


def cached(home: Path, name: str, content: Path) -> None:
    """A repository as huggingface_hub keeps it."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = home / "hub" / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    (repository / "snapshots" / commit).mkdir(parents=True)
    (repository / "snapshots" / commit / "model.safetensors").write_bytes(content.read_bytes())


HUB = """
import sys, torch, resdsl
one, two = resdsl.load("hf://somebody/small"), resdsl.load(sys.argv[1])
mine, other = one.state_dict(), two.state_dict()
assert all(torch.equal(mine[key], other[key]) for key in mine)
for name, why in {
    "hf://somebody/else": "cannot be fetched: LocalEntryNotFoundError",
    "hf://somebody": "is no repository of a hub",
    "hf://../small": "is no repository of a hub",
    "hf://a/b/c": "is no repository of a hub",
}.items():
    try:
        resdsl.load(name)
    except resdsl.SpecError as error:
        assert why in str(error), error
    else:
        raise AssertionError(name)
"""


def test_a_hub_without_a_network(saved: Path, tmp_path: Path) -> None:
    cached(tmp_path, "somebody/small", saved)
    done = subprocess.run(
        [sys.executable, *STRICT, "-c", HUB, str(saved)],
        env=os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# --- what is refused ------------------------------------------------------------------------------


def test_another_head_than_the_designs(tmp_path: Path) -> None:
    made = model()
    made.fc = torch.nn.Linear(8, 5)
    with pytest.raises(SaveError, match=r"`fc\.weight` is 5×8, and 10×8 in the design small"):
        resdsl.save(made, tmp_path / "m.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_state_dict_is_no_module(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="OrderedDict is no module: save the module"):
        resdsl.save(model().state_dict(), tmp_path / "m.safetensors")  # type: ignore[arg-type]


def test_a_design_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(TypeError) as told:
        resdsl.save(model(), tmp_path / "m.safetensors", design="small.res")  # type: ignore[arg-type]
    assert str(told.value) == ("design is what `resdsl.design(…)` gives, not the str 'small.res'")


def test_what_no_file_of_weights_holds(tmp_path: Path) -> None:
    place = tmp_path / "m.safetensors"
    with pytest.raises(SaveError) as told:
        resdsl.save(resdsl.load("network n { input 3 x 8 x 8 act }\n"), place)
    assert str(told.value) == ("n has no tensors: `resdsl compile SPEC -o n.json` keeps a design")
    labels = [f"l{number:02}".ljust(60, "a") for number in range(18)]
    stages = " ".join(f"stage {label}: {{" for label in labels)
    with pytest.raises(SaveError, match=r"aaa…` has 1,106 characters: shorter labels would help$"):
        resdsl.save(
            resdsl.load(f"network n {{ input 3 x 8 x 8 {stages} conv(3, 4) {'} ' * 18} }}\n"), place
        )
    assert not list(tmp_path.iterdir())


def test_a_part_has_no_design(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match=r"Unit is no network of `resdsl\.load`"):
        resdsl.save(model().one[0], tmp_path / "m.safetensors")


def test_names_and_files_of_others(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no folder"):
        resdsl.save(model(), tmp_path / "no" / "m.safetensors")
    other = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(3)}, other)
    before = other.read_bytes()
    with pytest.raises(KeptError, match=r"was not written by resdsl\.save"):
        resdsl.save(model(), other)
    assert other.read_bytes() == before
    assert resdsl.save(model(), other, force=True) == other
    assert same(resdsl.load(other), model())


def test_weights_alone_are_no_spec(tmp_path: Path) -> None:
    save_file(model().state_dict(), tmp_path / "w.safetensors")
    with pytest.raises(SpecError, match="holds weights alone, and no design"):
        resdsl.load(tmp_path / "w.safetensors")


def test_tensors_of_another_design(saved: Path, tmp_path: Path) -> None:
    design = resdsl.design(SMALL, classes=11)
    text = json.dumps(json.loads(design.to_json()))
    save_file(load_file(saved), tmp_path / "w.safetensors", {"resdsl.design": text})
    with pytest.raises(WeightsError, match=r"`fc\.weight` is 10x8 there, 11x8 in the design"):
        resdsl.load(tmp_path / "w.safetensors")


# --- hostile files --------------------------------------------------------------------------------


def written(path: Path, head: bytes, data: bytes = b"", length: int | None = None) -> Path:
    path.write_bytes(struct.pack("<Q", len(head) if length is None else length) + head + data)
    return path


def entry(shape: Any, span: Any, dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": span}


HOSTILE: dict[str, tuple[bytes, int | None]] = {
    "empty header": (b"", None),
    "longer than the file": (b"{}", 1000),
    "longer than any": (b"{}", 1 << 62),
    "no JSON": (b"{]", None),
    "no text": (b"\xff\xfe", None),
    "no object": (b"[]", None),
    "nests": (b'{"a":' + b"[" * 200_000, None),
    "twice": (b'{"a":1,"a":1}', None),
    "metadata": (b'{"__metadata__":{"a":1}}', None),
    "no entry": (b'{"a":{"dtype":"F32"}}', None),
    "type": (json.dumps({"a": entry([1], [0, 4], "X1")}).encode(), None),
    "giant": (json.dumps({"a": entry([1 << 40, 1 << 40], [0, 4])}).encode(), None),
    "below zero": (json.dumps({"a": entry([-1, -4], [0, 16])}).encode(), None),
    "many digits": (b'{"a":{"dtype":"F32","shape":[' + b"9" * 5000 + b"]}}", None),
    "true": (json.dumps({"a": entry([True], [0, 4])}).encode(), None),
    "behind the end": (json.dumps({"a": entry([4], [0, 16])}).encode(), None),
    "over each other": (
        json.dumps({"a": entry([1], [0, 4]), "b": entry([1], [0, 4])}).encode(), None
    ),
    "a hole": (json.dumps({"a": entry([0], [4, 4])}).encode(), None),
    "many dimensions": (json.dumps({"a": entry([1] * 99, [0, 4])}).encode(), None),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_headers_are_not_believed(what: str, tmp_path: Path) -> None:
    head, length = HOSTILE[what]
    path = written(tmp_path / "h.safetensors", head, b"\0" * 4, length)
    if length is not None and length < 1 << 60:
        path = written(tmp_path / "h.safetensors", head, b"", length)
    with pytest.raises(WeightsError, match="is no sound safetensors file"):
        header.read(path)
    report = resdsl.check(path)
    assert [one.code.id for one in report.diagnostics] == ["E0807"]


def test_a_file_cut_anywhere_is_an_error(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    for end in (1, 7, 8, 9, 500, len(content) // 2, len(content) - 1):
        cut = tmp_path / "cut.safetensors"
        cut.write_bytes(content[:end])
        with pytest.raises(WeightsError):
            header.read(cut)
        with pytest.raises(SpecError):
            resdsl.load(cut)


def test_wishes_are_for_the_weights_in_the_file(saved: Path) -> None:
    again = resdsl.load(saved, drop="fc", seed=3)
    assert not torch.equal(again.fc.weight, model().fc.weight)
    assert torch.equal(again.stem.weight, model().stem.weight)


@pytest.mark.parametrize(
    "pool",
    ['maxpool(3, stride=2, padding="same")', 'avgpool(3, 2, padding="same")', "blur_pool(3, 2)"],
)
def test_classes_of_our_own_hold_lists(pool: str, tmp_path: Path) -> None:
    """Sizes that an emitted class keeps as lists are compared as what they are."""
    module = resdsl.load(f"network n {{ input 3 x 8 x 8 conv(3, 4) pool: {pool} }}", seed=0)
    path = resdsl.save(module, tmp_path / "n.safetensors")
    again = resdsl.load(path)
    assert again.conv.weight.equal(module.conv.weight)
    sizes = next(value for value in vars(module.pool).values() if isinstance(value, list))
    sizes[0] += 1
    with pytest.raises(resdsl.SaveError, match="in the design n"):
        resdsl.save(module, tmp_path / "other.safetensors")
