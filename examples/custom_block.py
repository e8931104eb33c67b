"""A network with a block of its own (gated.res), imported as a module."""

import torch

import resdsl.importer  # noqa: F401

# isort: split
import gated  # finds gated.res, beside this file

model = gated.gated20(classes=10)
print(model.layer2[0])
print(tuple(model(torch.randn(2, 3, 32, 32)).shape))
print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
