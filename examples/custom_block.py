"""A network with a block of its own (gated.res), imported as a module."""

import sys
from pathlib import Path

import torch

import resdsl.importer

sys.path.insert(0, str(Path(__file__).parent))

import gated  # noqa: E402  (found as gated.res, beside this file)

model = gated.gated20(classes=10)
print(model.layer2[0])
print(tuple(model(torch.randn(2, 3, 32, 32)).shape))
print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
