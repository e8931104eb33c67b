"""Classes for layers on the channels of each position, (N, *extents, C) in torch.

All that they do to a tensor is a view of it: a row of such layers copies nothing.
"""

from __future__ import annotations

from resdsl.ops.torch_calls import Helper, Module

# Of torch's class, so that it is found as one: by what starts, quantises or counts linear layers.
CHANNEL_LINEAR = Helper(
    "ChannelLinear",
    '''
class ChannelLinear(nn.Linear):
    """A linear layer on the channels of each position of a map."""

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.linear(x.movedim(1, -1), self.weight, self.bias)
        return x.movedim(-1, 1)
''',
    base="nn.Linear",
)

# What a group of layers on the channels of each position is.
CHANNELS_LAST_SEQUENTIAL = Helper(
    "ChannelsLastSequential",
    '''
class ChannelsLastSequential(nn.Sequential):
    """Modules that take (N, *extents, C), on a map (N, C, *extents)."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        for module in self:
            x = module(x)
        return x.movedim(-1, 1)
''',
    base="nn.Sequential",
)


def _moved(name: str, doc: str, source: int, to: int) -> Helper:
    return Helper(
        name,
        f'''
class {name}(nn.Module):
    """{doc}"""

    def forward(self, x: Tensor) -> Tensor:
        return x.movedim({source}, {to})
''',
    )


CHANNELS_LAST = _moved("ChannelsLast", "(N, C, *extents) as (N, *extents, C): a view.", 1, -1)
CHANNELS_FIRST = _moved("ChannelsFirst", "(N, *extents, C) as (N, C, *extents): a view.", -1, 1)
TO_CHANNELS_LAST = Module(CHANNELS_LAST.name, helper=CHANNELS_LAST)
TO_CHANNELS_FIRST = Module(CHANNELS_FIRST.name, helper=CHANNELS_FIRST)
