"""A design asked for its facts, then one training step with the module that it stands for."""

import torch

import resdsl

design = resdsl.design("resnet18", classes=10)
print(design.table())
print(f"{design.params:,} parameters; {design.sizes().text()}")

small = design.at(64, 64)
print(f"{small.macs:,} multiply-accumulates at 64 x 64, {design.macs:,} at 224 x 224")

model = resdsl.load("resnet18", classes=10, seed=0)
optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
images, labels = torch.randn(4, 3, 64, 64), torch.tensor([1, 3, 5, 7])

loss = torch.nn.functional.cross_entropy(model(images), labels)
loss.backward()
optimiser.step()
print(f"a training step: the loss was {loss.item():.2f}")
