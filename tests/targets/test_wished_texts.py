"""Files with what their user wished for besides: as a person would format them, and well typed."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import resdsl

# Stages of the network's own, in a row, and in a row with names.
FROZEN = {
    "resnet18": "layer2",
    "mobilenet_v2": "features.bottleneck24",
    "densenet121": "features.denseblock2",
}


def test_tools_have_nothing_to_say(tmp_path: Path) -> None:
    """In one run, for mypy reads torch first."""
    for network, stage in FROZEN.items():
        wishes = {"freeze": stage, "checkpointing": "stages", "face": "timm"}
        for count in (1, 3):
            for names in combinations(wishes, count):
                path = tmp_path / f"{network}_{'_'.join(names)}.py"
                resdsl.compile(network, path, **{name: wishes[name] for name in names})  # type: ignore[arg-type]
    for tool in (["ruff", "format", "--isolated", "--check"], ["mypy", "--config-file="]):
        subprocess.run([sys.executable, "-m", *tool, "."], cwd=tmp_path, check=True)
