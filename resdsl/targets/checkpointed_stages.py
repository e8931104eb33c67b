"""The method of a network some of whose stages are run again in backward, and what it calls.

Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost" (1604.06174): of such a stage what
it is fed is kept, and no activation in it. `torch.utils.checkpoint` runs it again as it stands, so
that batch norms would count a batch twice (pytorch#96136): here their buffers are put back.
"""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.design.checkpointing import checkpointed
from resdsl.design.network import Network
from resdsl.ops.base import Helper
from resdsl.targets.initialisation import Method
from resdsl.targets.method_text import MARGIN, MethodText, Statement, line
from resdsl.targets.nodes import INDENT, Items, Text
from resdsl.targets.submodule_text import submodule

CHECKPOINT = "_checkpoint"

_KEPT = Helper(
    "KeptBuffers",
    '''
class KeptBuffers:
    """What happens to the buffers of a module between `with` and its end is undone."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.kept: list[tuple[Tensor, Tensor]] = []

    def __enter__(self) -> None:
        self.kept = [(buffer, buffer.clone()) for buffer in self.module.buffers()]

    def __exit__(self, *error: object) -> None:
        with torch.no_grad():
            for buffer, value in self.kept:
                buffer.copy_(value)
''',
    names_torch=True,
)

RECOMPUTED = Helper(
    "recomputed",
    '''
def recomputed(module: nn.Module, *tensors: Tensor) -> Any:
    """What a module gives. Backward runs it again for the activations that it needs.

    Statistics of norms are counted once.
    """
    forward = type(module).forward
    if not torch.is_grad_enabled():
        return forward(module, *tensors)
    if torch.compiler.is_compiling():  # which counts them once by itself
        return checkpoint(forward, module, *tensors, use_reentrant=False)
    contexts = (contextlib.nullcontext(), KeptBuffers(module))
    return checkpoint(
        forward, module, *tensors, use_reentrant=False, context_fn=lambda: contexts
    )
''',
    names_torch=True,
    uses=(_KEPT,),
)


def checkpoint_methods(network: Network) -> list[Method]:
    """None where all activations are kept."""
    if not network.checkpointed:
        return []
    body = [
        *run_again(network, network.checkpointed),
        line("stage.forward = functools.partial(recomputed, stage)", MARGIN + INDENT),
    ]
    return [Method(MethodText(CHECKPOINT, body), True)]


def run_again(network: Network, names: Iterable[str]) -> list[Statement]:
    """The head of a loop over the modules that make these tensors."""
    paths = dict.fromkeys(checkpointed(network.root, names).values())
    found = tuple(Text(submodule(path)) for path in paths if path is not None)
    return [
        Statement(Items("[", found, "]"), lead="stages: list[nn.Module] = "),
        line("for stage in stages:"),
    ]
