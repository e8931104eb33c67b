"""A network in one file: its weights as safetensors, its design in the metadata. No code is in it.

`resdsl.load` makes both again, every command takes the file for a spec, and what reads safetensors
reads the tensors: their names are those of the state dict.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from resdsl import __version__, limits, outputs, paths
from resdsl.api.designs import Design
from resdsl.api.model_card import write_card
from resdsl.api.save_error import SaveError
from resdsl.api.stored_files import DESIGN, WEIGHTS, WEIGHTS_FILE
from resdsl.language.values.outside_values import told
from resdsl.weights.header import read
from resdsl.weights.refusal import WeightsError

if TYPE_CHECKING:
    import torch

FORMAT = "format"
VERSION = "resdsl.version"

# Endings of files that hold something else: a folder of such a name would be a surprise.
_OTHERS = frozenset(
    ".bin .ckpt .gguf .h5 .json .keras .npz .onnx .pickle .pkl .pt .pt2 .pth .py .res .safetensor "
    ".safetensors .tar .zip".split()
)


def save(
    model: torch.nn.Module,
    path: str | os.PathLike[str],
    *,
    design: Design | None = None,
    metadata: Mapping[str, str] | None = None,
    force: bool = False,
) -> Path:
    """Writes a module's tensors and its design to one safetensors file, and returns the path.

    A path that has no ending of a file is a folder as on the Hugging Face hub: the file is
    `model.safetensors` in it, beside a `README.md`, which is kept if there is one.
    `model` is a module of `resdsl.load`, also within torch's wrappers, as `torch.compile` and
    `DataParallel`; for one of a compiled file, `design` says of which design. `metadata` are
    further texts to be kept with it. The file appears whole or not at all; one that `save` did not
    write is kept unless `force` is given.
    Raises SaveError where the module is no such, has other tensors than its design or can be seen
    to compute something else; SpecError for a design that is too large; OutputError where the file
    cannot be written.
    """
    from resdsl.api.design_tensors import bare, tensors
    from resdsl.targets.module import build
    from resdsl.targets.torch_import import torch

    if not isinstance(model, torch.nn.Module):
        raise SaveError(f"{type(model).__name__} is no module: save the module, not its state dict")
    if not (design is None or isinstance(design, Design)):
        raise TypeError(f"design is what `resdsl.design(…)` gives, not {told(design)}")
    place = _place(path)
    is_folder = place != Path(path)
    further = _further(metadata)
    inner = bare(model)
    made = _design(inner) if design is None else design
    made.refuse_beyond(limits.WEIGHED, "one file with its weights")
    ours = build(made.source(), made.name, "meta")
    held = dict(tensors(inner, ours, made.name))
    if not held:
        raise SaveError(
            f"{made.name} has no tensors: `resdsl compile SPEC -o {made.name}.json` keeps a design"
        )
    said = {FORMAT: "pt", DESIGN: _text(made), VERSION: __version__} | further
    content = _content(held, said)
    with _folder(place.parent) if is_folder else nullcontext():
        outputs.check(place)
        _refuse_to_lose(place, force)
        outputs.write(place, content)
    if is_folder:
        write_card(made.network, place.parent)
    return Path(path)


def _place(path: str | os.PathLike[str]) -> Path:
    """The file that is to be written."""
    place = Path(path)
    if place.suffix == WEIGHTS:
        return place
    if not os.fspath(path):
        raise outputs.OutputError("an empty name is no file")
    if place.suffix.lower() in _OTHERS and not os.path.isdir(place):  # noqa: PTH112
        raise outputs.OutputError(
            f"{paths.shown(place)}: `{place.suffix}` is the ending of other files: name one that "
            f"ends in {WEIGHTS}, or a folder"
        )
    return place / WEIGHTS_FILE


def _further(metadata: Mapping[str, str] | None) -> dict[str, str]:
    """What somebody wants to be kept beside the design. Raises SaveError for what is no text."""
    given: object = {} if metadata is None else metadata
    if not isinstance(given, Mapping):
        raise SaveError(f"metadata are texts by name, not {told(given)}")
    for name, text in given.items():
        if not (_is_text(name) and _is_text(text)):
            raise SaveError(f"metadata are texts by name, which {name!r:.60}: {text!r:.60} is not")
        if name == FORMAT or name.startswith("resdsl."):
            raise SaveError(f"metadata: the name {name!r:.60} is taken, call it something else")
    return dict(given)


def _is_text(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(value.encode() or True)
    except UnicodeEncodeError:  # half a character
        return False


def _design(model: torch.nn.Module) -> Design:
    from resdsl.api.pickling import network_of

    found = network_of(model)
    if found is None:
        raise SaveError(
            f"{type(model).__name__} is no network of `resdsl.load`: of one that a compiled file "
            "made, `design=resdsl.design(…)` says what it is"
        )
    return Design(found)


def _content(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> bytes:
    """Of the file, with its metadata in order: the library's is another every time."""
    from safetensors.torch import save as stored

    content = stored(_apart(tensors), dict(metadata))
    length = int.from_bytes(content[:8], "little")
    head = json.loads(content[8 : 8 + length])
    head = {"__metadata__": dict(sorted(head.pop("__metadata__").items()))} | head
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    # The tensors begin at a multiple of eight, as the format asks.
    text += b" " * (-len(text) % 8)
    if len(text) > limits.WEIGHTS_HEADER_BYTES:
        raise SaveError(
            f"design, keys and metadata have {len(text):,} bytes, and "
            f"{limits.WEIGHTS_HEADER_BYTES:,} are the most that a file may begin with"
        )
    return b"".join((len(text).to_bytes(8, "little"), text, memoryview(content)[8 + length :]))


def _apart(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """On the CPU, each in memory of its own: those that are tied are written twice."""
    found: dict[str, torch.Tensor] = {}
    taken: set[int] = set()
    for key, tensor in tensors.items():
        made = tensor.detach().cpu().contiguous()
        if made.untyped_storage().data_ptr() in taken:
            made = made.clone()
        taken.add(made.untyped_storage().data_ptr())
        found[key] = made
    return found


def _text(design: Design) -> str:
    from resdsl.exchange.writing import written

    return written(design.network).model_dump_json(by_alias=True)


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """Makes it, and removes it again where nothing comes into it."""
    try:
        is_new = not folder.exists()
        if is_new:
            try:
                outputs.check(folder)
            except outputs.OutputError:
                # Somebody else may have made it in the meantime.
                if not folder.is_dir():
                    raise
                is_new = False
        elif not folder.is_dir():
            raise outputs.OutputError(
                f"{paths.shown(folder)}: is a file, and no folder: the name of a file to write "
                f"ends in {WEIGHTS}"
            )
        folder.mkdir(exist_ok=True)
    except paths.FAULTS as error:
        why = paths.why(error)
        raise outputs.OutputError(f"{paths.shown(folder)}: cannot be made ({why})") from error
    try:
        yield
    except BaseException:
        if is_new:
            with suppress(OSError):
                folder.rmdir()
        raise


def _refuse_to_lose(place: Path, force: bool) -> None:
    """Only what `save` wrote is replaced without being asked."""
    if force or not place.exists():
        return
    try:
        is_ours = DESIGN in read(place).metadata
    except WeightsError:
        is_ours = False
    if not is_ours:
        raise outputs.KeptError(f"{paths.shown(place)}: was not written by resdsl.save")
