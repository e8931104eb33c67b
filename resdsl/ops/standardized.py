"""Classes for convolutions whose filters are standardized as they are used."""

from __future__ import annotations

from resdsl.ops.torch_calls import Helper, Init

WEIGHTS = ("plain", "standardized", "scaled")

# How a gain starts.
ONE = Init("constant", 1.0)


def _size(rank: int) -> str:
    return "int | tuple[" + ", ".join(["int"] * rank) + "]"


def _head(name: str, rank: int, doc: str) -> str:
    size = _size(rank)
    return f'''
class {name}(nn.Conv{rank}d):
    """{doc}"""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: {size},
        stride: {size} = 1,
        padding: {size} = 0,
        dilation: {size} = 1,
        groups: int = 1,
        bias: bool = True,'''


_CALL = """
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
"""


def _standardized(rank: int) -> Helper:
    doc = "A convolution by filters of mean 0 and variance 1 (Qiao et al. 2019)."
    return Helper(
        f"StandardizedConv{rank}d",
        _head(f"StandardizedConv{rank}d", rank, doc)
        + """
        eps: float = 1e-6,
    ) -> None:"""
        + _CALL
        + f"""        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        rows = self.weight.reshape(1, self.out_channels, -1)
        rows = nn.functional.batch_norm(rows, None, None, training=True, eps=self.eps)
        return nn.functional.conv{rank}d(
            x,
            rows.reshape_as(self.weight),
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
        )
""",
        base=f"nn.Conv{rank}d",
    )


def _scaled(rank: int) -> Helper:
    ones = ", 1" * (rank + 1)
    doc = "A convolution by standardized filters with a learned gain (Brock et al. 2021)."
    return Helper(
        f"ScaledConv{rank}d",
        _head(f"ScaledConv{rank}d", rank, doc)
        + """
        gamma: float = 1.0,
        eps: float = 1e-6,
    ) -> None:"""
        + _CALL
        + f"""        self.scale = gamma * self.weight[0].numel() ** -0.5
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(out_channels{ones}))

    def reset_parameters(self) -> None:
        super().reset_parameters()
        if "gain" in self._parameters:  # nn.Conv{rank}d calls this before there is one
            nn.init.ones_(self.gain)

    def forward(self, x: Tensor) -> Tensor:
        rows = self.weight.reshape(1, self.out_channels, -1)
        gain = (self.gain * self.scale).view(-1)
        rows = nn.functional.batch_norm(
            rows, None, None, gain, training=True, eps=self.eps
        )
        return nn.functional.conv{rank}d(
            x,
            rows.reshape_as(self.weight),
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
        )
""",
        names_torch=True,
        base=f"nn.Conv{rank}d",
        own=("gain",),
    )


# By rank.
STANDARDIZED = {rank: _standardized(rank) for rank in (1, 2, 3)}
SCALED = {rank: _scaled(rank) for rank in (1, 2, 3)}
