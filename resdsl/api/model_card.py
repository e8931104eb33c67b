"""The README of a folder as on a hub: what the network is, and how it is loaded."""

from __future__ import annotations

from pathlib import Path

from resdsl import outputs
from resdsl.api.designs import Design
from resdsl.design.network import Network

_CARD = """\
---
library_name: resdsl
tags:
- resdsl
- pytorch
---

# {title}

{params:,} parameters. The weights and the design are in `model.safetensors`, and no code is.

```python
import resdsl

model = resdsl.load("PATH-OR-hf://OWNER/NAME")
```

{table}
"""


def write_card(network: Network, folder: Path) -> None:
    """Unless there is one: that is somebody's."""
    place = folder / "README.md"
    if place.exists():
        return
    design = Design(network)
    table = design.table().to_markdown()
    text = _CARD.format(title=network.name, params=design.params, table=table)
    outputs.write(place, text)
