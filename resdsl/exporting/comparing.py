"""Whether a file computes what the module does: both against the module in float64."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from resdsl.exporting.engines import Run
from resdsl.exporting.refusal import ExportError
from resdsl.exporting.report import Check
from resdsl.records import dataclass

if TYPE_CHECKING:
    import torch

# An engine adds up in another order than eager torch does.
_TIMES = 4

# What a tensor's largest element is rounded to, so many times: eager torch may be right by luck.
_ROUNDINGS = 4


@dataclass(frozen=True, slots=True)
class Expected:
    """What a module makes of an input, by output: in float64, eager's error, and what an engine's
    may be."""

    x: torch.Tensor
    exact: dict[str, torch.Tensor]
    eager: dict[str, float]
    allowed: dict[str, float]


def expected(module: torch.nn.Module, probes: Sequence[Sequence[int]]) -> list[Expected]:
    """At each of some input shapes (N, C, *extents), for random inputs.

    Raises ExportError where there is nothing to compare: an output that is not finite, or that
    another input does not change.
    """
    from resdsl.targets.torch_import import torch

    exactly = copy.deepcopy(module).double()
    drawn: Any = {"generator": torch.Generator("cpu").manual_seed(0), "device": "cpu"}
    epsilon = torch.finfo(torch.float32).eps
    found: list[Expected] = []
    with torch.no_grad():
        for shape in probes:
            x, other = (torch.randn(*shape, dtype=torch.float32, **drawn) for _ in range(2))
            exact, eager = _by_name(exactly(x.double())), _by_name(module(x))
            changed = {} if found else _by_name(exactly(other.double()))
            errors, allowed = {}, {}
            for name, wanted in exact.items():
                if not wanted.isfinite().all():
                    raise ExportError(f"output {name} is not finite: nothing can be compared with")
                errors[name] = _furthest(eager[name], wanted)
                scale = float(wanted.abs().max())
                allowed[name] = max(_TIMES * errors[name], _ROUNDINGS * epsilon * scale)
                if changed and _furthest(changed[name], wanted) <= allowed[name]:
                    raise ExportError(
                        f"output {name} does not depend on the input, as far as float32 shows, so "
                        "nothing says whether an export is right: with trained weights "
                        "(--weights, weights=) it may"
                    )
            found.append(Expected(x, exact, errors, allowed))
    return found


def compared(run: Run, expectations: Sequence[Expected], engine: str) -> tuple[Check, ...]:
    """Raises ExportError where an output is further from float64 than it may be."""
    checks = []
    for one in expectations:
        found = list(run(one.x))
        shape = tuple(one.x.shape)
        at = " x ".join(map(str, shape))
        if len(found) != len(one.exact):
            raise ExportError(f"the export has {len(found)} outputs, the design {len(one.exact)}")
        for (name, wanted), got in zip(one.exact.items(), found, strict=True):
            if got.shape != wanted.shape:
                sizes = [" x ".join(map(str, t.shape)) for t in (got, wanted)]
                raise ExportError(
                    f"output {name} at {at}: {engine} gives {sizes[0]}, not {sizes[1]}"
                )
            error = _furthest(got, wanted)
            # Also where it is no number.
            if not error <= one.allowed[name]:
                raise ExportError(
                    f"output {name} at {at}: {engine} is off by {error:.2e}, and may be by "
                    f"{one.allowed[name]:.2e} (torch itself is by {one.eager[name]:.2e}); nothing "
                    "was written"
                )
            checks.append(Check(name, shape, error, one.eager[name], one.allowed[name]))
    return tuple(checks)


def _furthest(found: torch.Tensor, exact: torch.Tensor) -> float:
    return float((found.double() - exact).abs().max())


def _by_name(found: torch.Tensor | dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return found if isinstance(found, dict) else {"output": found}
