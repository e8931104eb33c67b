"""Classes for convolutions whose filters are standardized as they are used."""

from __future__ import annotations

from resdsl.ops.torch_calls import Helper

WEIGHTS = ("plain", "standardized", "scaled")

_CONSTRUCTOR = """
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: SIZE,
        stride: SIZE = 1,
        padding: SIZE = 0,
        dilation: SIZE = 1,
        groups: int = 1,
        bias: bool = True,GAMMA
        eps: float = 1e-6,GAIN
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
        )
        self.eps = eps
"""
_STANDARDIZED = """
    def filters(self) -> Tensor:
        rows = self.weight.reshape(1, self.out_channels, -1)
        rows = nn.functional.batch_norm(rows, None, None, training=True, eps=self.eps)
"""
_SCALED = """        self.scale = gamma * (self.weight.numel() // out_channels) ** -0.5
        self.gain_init = gain_init
        self.gain = nn.Parameter(torch.full((out_channelsONES), gain_init))

    def reset_parameters(self) -> None:
        super().reset_parameters()
        if "gain" in self._parameters:  # torch's class calls this before there is one
            nn.init.constant_(self.gain, self.gain_init)

    def filters(self) -> Tensor:
        rows = self.weight.reshape(1, self.out_channels, -1)
        gain = (self.gain * self.scale).view(-1)
        rows = nn.functional.batch_norm(
            rows, None, None, gain, training=True, eps=self.eps
        )
"""
_CONVOLVED = """        return rows.reshape_as(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.filters(), self.bias)
"""


def _helper(rank: int, kind: str, doc: str, body: str, own: tuple[str, ...] = ()) -> Helper:
    base = f"nn.Conv{rank}d"
    name = f"{kind}Conv{rank}d"
    text = "".join((f'\nclass {name}({base}):\n    """{doc}"""\n', _CONSTRUCTOR, body, _CONVOLVED))
    for word, written in {
        "GAMMA": "\n        gamma: float = 1.0," if own else "",
        "GAIN": "\n        gain_init: float = 1.0," if own else "",
        "SIZE": f"int | tuple[{', '.join(['int'] * rank)}]",
        "ONES": ", 1" * (rank + 1),
    }.items():
        text = text.replace(word, written)
    return Helper(name, text, names_torch=bool(own), base=base, own=own)


# By rank.
STANDARDIZED = {
    rank: _helper(
        rank,
        "Standardized",
        "A convolution by filters of mean 0 and variance 1 (Qiao et al. 2019).",
        _STANDARDIZED,
    )
    for rank in (1, 2, 3)
}
SCALED = {
    rank: _helper(
        rank,
        "Scaled",
        "A convolution by standardized filters with a learned gain (Brock et al. 2021).",
        _SCALED,
        own=("gain",),
    )
    for rank in (1, 2, 3)
}
