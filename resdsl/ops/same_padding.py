"""Classes for windows that are padded by what each extent needs, as TensorFlow's "SAME" is.

Torch's own pad by numbers, the same on both sides: no more than odd windows need that do not step.
"""

from __future__ import annotations

from resdsl.ops.standardized import SCALED, STANDARDIZED
from resdsl.ops.torch_calls import Helper

PAD_SAME = Helper(
    "pad_same",
    '''
def pad_same(
    x: Tensor,
    kernel_size: list[int],
    stride: list[int],
    dilation: list[int],
    value: float = 0.0,
) -> Tensor:
    """TensorFlow's "SAME": ceil(extent / stride) windows fit, what is odd behind."""
    padding: list[int] = []
    for extent, k, s, d in zip(
        x.shape[:1:-1], kernel_size[::-1], stride[::-1], dilation[::-1], strict=True
    ):
        total = max(d * (k - 1) - (extent - 1) % s, 0)
        padding += [total // 2, total - total // 2]
    return nn.functional.pad(x, padding, value=value)
''',
)


def _conv(base: str, doc: str, weight: str, helper: Helper | None = None) -> Helper:
    name = f"Same{base.removeprefix('nn.')}"
    text = f'''
class {name}({base}):
    """{doc}, padded as TensorFlow's "SAME"."""

    def forward(self, x: Tensor) -> Tensor:
        x = pad_same(x, list(self.kernel_size), list(self.stride), list(self.dilation))
        return self._conv_forward(x, {weight}, self.bias)
'''
    if helper is None:
        return Helper(name, text, base=base, uses=(PAD_SAME,))
    return Helper(name, text, base=helper.base, own=helper.own, uses=(helper, PAD_SAME))


def _pool(rank: int, name: str, doc: str, last: str, forward: str) -> Helper:
    size = f"int | tuple[{', '.join(['int'] * rank)}]"
    sizes = ["kernel_size", "stride", *(["dilation"] if last == "dilation" else [])]
    more = ""
    if last == "dilation":
        given = f"{last}: {size} = 1"
    else:
        given = f"{last}: bool = True"
        more = f"\n        self.{last} = {last}"
    names = ", ".join(sizes)
    kept = ", ".join(f"self.{one}" for one in sizes)
    text = f'''
class {name}{rank}d(nn.Module):
    """{doc}, padded as TensorFlow's "SAME"."""

    def __init__(
        self,
        kernel_size: {size},
        stride: {size},
        {given},
    ) -> None:
        super().__init__()
        {kept} = (
            [size] * {rank} if isinstance(size, int) else list(size)
            for size in ({names})
        ){more}
{forward}'''
    return Helper(f"{name}{rank}d", text, names_torch="torch." in forward, uses=(PAD_SAME,))


_MAX = """
    def forward(self, x: Tensor) -> Tensor:
        x = pad_same(x, self.kernel_size, self.stride, self.dilation, float("-inf"))
        return nn.functional.max_poolRANKd(
            x, self.kernel_size, self.stride, dilation=self.dilation
        )
"""
_AVG = """
    def means(self, x: Tensor) -> Tensor:
        x = pad_same(x, self.kernel_size, self.stride, [1] * RANK)
        return nn.functional.avg_poolRANKd(x, self.kernel_size, self.stride)

    def forward(self, x: Tensor) -> Tensor:
        means = self.means(x)
        if self.count_include_pad:
            return means
        return means / self.means(torch.ones_like(x[:1, :1]))
"""

# By rank.
SAME_CONV = {rank: _conv(f"nn.Conv{rank}d", "A convolution", "self.weight") for rank in (1, 2, 3)}
SAME_STANDARDIZED, SAME_SCALED = (
    {
        rank: _conv(helper.name, "The same", "self.filters()", helper)
        for rank, helper in helpers.items()
    }
    for helpers in (STANDARDIZED, SCALED)
)
SAME_MAX_POOL, SAME_AVG_POOL = (
    {rank: _pool(rank, name, doc, last, forward.replace("RANK", str(rank))) for rank in (1, 2, 3)}
    for name, doc, last, forward in (
        ("SameMaxPool", "A maximum over windows", "dilation", _MAX),
        ("SameAvgPool", "A mean over windows", "count_include_pad", _AVG),
    )
)
