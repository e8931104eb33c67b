"""The folder of a run: free, this run's, or somebody else's. Asked before anything is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.failure import TrainingError

SETTINGS = "settings.json"
RESULTS = ("model.safetensors", "curves.csv", "losses.csv", "curves.png")
MOST = 2**26  # bytes of a text


def check_free(folder: Path, about: Mapping[str, str]) -> None:
    """Raises TrainingError where a new run would replace what is not its own: all but what says
    what a run is that never came to a checkpoint. `about` are such texts, `SETTINGS` with them."""
    found = [name for name in RESULTS if (folder / name).exists()]
    # Those of a run that was to be another one go, those of another program stay.
    if not _has_settings(folder / SETTINGS, about[SETTINGS]):
        found += [
            name
            for name, text in about.items()
            if (folder / name).exists() and _text(folder / name) != text
        ]
    if found:
        raise TrainingError(
            f"{folder}: has {' and '.join(found)} and no checkpoint: they would be lost; --out "
            "names another folder"
        )


def check_same(folder: Path, about: Mapping[str, str]) -> None:
    """Raises TrainingError where the run in a folder is another one."""
    for name, text in about.items():
        if not (folder / name).exists():
            raise TrainingError(f"{folder}: its {name} is gone, which says what the run is")
        before = _text(folder / name)
        if before != text:
            raise TrainingError(
                f"{folder}: its {name} says that it was begun with another network, other data or "
                f"other settings{_differing(before, text)}; a run goes on as it began"
            )


def check_tables(folder: Path, tables: Mapping[str, str]) -> None:
    """Raises TrainingError where a table is not the beginning of that which will replace it."""
    for name, text in tables.items():
        if (folder / name).exists() and not text.startswith(_text(folder / name)):
            raise TrainingError(
                f"{folder / name}: is not what the run wrote, and would be lost when it goes on; "
                "move it elsewhere"
            )


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > MOST:
        raise TrainingError(f"{path}: has {size:,} bytes, more than a run writes")
    return path.read_bytes().decode(errors="replace")


def _has_settings(path: Path, text: str) -> bool:
    """Whether a file has settings of a run, these or others."""
    return path.exists() and _object(_text(path)).keys() == json.loads(text).keys()


def _differing(before: str, now: str) -> str:
    """` (rate: 0.1 there, 0.05 here)`, of settings."""
    one, two = _object(before), json.loads(now)
    if "seed" not in two:
        return ""
    told = [
        f"{name}: {_brief(one.get(name))} there, {_brief(two[name])} here"
        for name in two
        if one.get(name) != two[name]
    ]
    return f" ({'; '.join(told)})" if told else ""


def _object(text: str) -> dict[str, Any]:
    """What a text in JSON has, or nothing."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
