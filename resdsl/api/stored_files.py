"""Where a network lies that `save` wrote: a file, a folder as on a hub, or a hub itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

from resdsl.diagnostics.codes import UNREADABLE
from resdsl.diagnostics.diagnostic import Diagnostic
from resdsl.diagnostics.exception import SpecError

WEIGHTS = ".safetensors"
# By which name a design in JSON stands in the metadata of such a file.
DESIGN = "resdsl.design"
# What huggingface_hub's mixins and transformers call the weights in a folder.
WEIGHTS_FILE = f"model{WEIGHTS}"
HUB = "hf://"
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")


def stored(spec: object) -> Path | None:
    """The file that a spec stands for, if it is one of `save`: by its name alone, but for folders.

    `hf://OWNER/NAME` or `hf://OWNER/NAME@REVISION` is fetched from the Hugging Face hub, or its
    cache. Raises SpecError where that does not go.
    """
    if not isinstance(spec, str | os.PathLike):
        return None
    name = os.fspath(spec)
    if name.startswith(HUB):
        return _fetched(name)
    path = Path(name)
    if path.suffix == WEIGHTS:
        return path
    try:
        inside = path / WEIGHTS_FILE
        return inside if "\n" not in name and "{" not in name and inside.is_file() else None
    except (OSError, ValueError):
        return None


def _fetched(name: str) -> Path:
    repository, _, revision = name.removeprefix(HUB).partition("@")
    if not _REPOSITORY.fullmatch(name.removeprefix(HUB)) or ".." in name:
        raise _error(f"{name}: is no repository of a hub: hf://OWNER/NAME, or with @REVISION")
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError:
        help = "pip install 'resdsl[hub]'"
        raise _error(f"{name}: needs huggingface_hub, which is not installed", help) from None
    try:
        return Path(hf_hub_download(repository, WEIGHTS_FILE, revision=revision or None))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        why = str(error).strip().partition("\n")[0]
        raise _error(f"{name}: cannot be fetched: {type(error).__name__}: {why}") from error


def _error(message: str, *help: str) -> SpecError:
    return SpecError([Diagnostic(UNREADABLE, "error", message, help=help)])
