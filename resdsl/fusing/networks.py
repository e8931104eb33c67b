"""A whole network in its fused form, definition by definition: the price is that of the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from resdsl.design.model import Definition
from resdsl.design.network import Network
from resdsl.design.walk import definitions, instances, occurrences
from resdsl.fusing.editing import Edit
from resdsl.fusing.folding import fold, left
from resdsl.fusing.keys import renumbered
from resdsl.fusing.paths import group
from resdsl.fusing.plan import Plan
from resdsl.fusing.sums import add
from resdsl.language.values.values import Callee
from resdsl.provenance import leaves, origin
from resdsl.records import dataclass

# In this order: what is folded can be merged, and what was merged may have a norm behind it.
REWRITES: tuple[Callable[[Definition, Plan], Edit], ...] = (fold, group, add)


@dataclass(frozen=True, slots=True)
class Fused:
    """A network in its fused form, what it was before, and where its numbers come from.

    `folded` norms and `merged` branches count copies; `left` are norms that stay, by the reason.
    """

    network: Network
    before: Network
    plan: Plan
    folded: int
    merged: int
    left: Counter[str]

    def text(self) -> str:
        """What became of it, in lines."""
        said = []
        if self.folded:
            said.append(f"norms that are part of the layer before them: {self.folded:,}")
        if self.merged:
            said.append(f"branches that are one layer: {self.merged:,}")
        return "\n".join([*said, *self.stays()])

    def stays(self) -> list[str]:
        """How many norms stay, and why."""
        found = [f"{count:,} × {why}" for why, count in self.left.most_common()]
        if not (found or self.folded or self.merged):
            return ["it has no norms, and no branches that are one layer"]
        return found


def fused(network: Network) -> Fused:
    """The network for inference. Where nothing in it can be rewritten, it is the network itself."""
    plan = Plan()
    known: dict[int, Definition] = {}
    merging: set[int] = set()
    in_order = list(definitions(network.root))
    for definition in in_order:
        known[id(definition)] = _definition(definition, known, plan, merging)
    root = known[id(network.root)]
    times = occurrences(replace(network, varied=None), in_order)
    left_over: Counter[str] = Counter()
    for definition in in_order:
        for why, count in plan.left[id(definition)].items():
            left_over[why] += count * times[id(definition)]
    folded, merged = (
        sum(count * times[one] for one, count in counts.items())
        for counts in (plan.folded, plan.merged)
    )
    if not (folded or merged):
        return Fused(network, network, plan, 0, 0, left_over)
    decisive = _decisive(network.root, plan, merging)
    free = [name for name in network.free_parameters if name not in decisive]
    made = replace(
        network, root=root, free_parameters=tuple(free), uncut=None, varied=None, fused=True
    )
    return Fused(made, network, plan, folded, merged, left_over)


def _definition(
    definition: Definition, known: dict[int, Definition], plan: Plan, merging: set[int]
) -> Definition:
    """The fused form of one, whose inner ones are known."""
    number = id(definition)
    used = {id(one.definition): known[id(one.definition)] for one in instances(definition.body)}
    edit = Edit(definitions={key: made for key, made in used.items() if id(made) != key})
    if any(key in merging for key in used):
        merging.add(number)
    made = definition
    # The tables of values grow with what is added.
    made = replace(made, shapes=[*made.shapes], makers=[*made.makers])
    is_changed = bool(edit)
    if edit:
        made = edit.definition(made)
    again = True
    while again:
        again = False
        for rewrite in REWRITES:
            edit = rewrite(made, plan)
            if edit:
                again = True
                counts = plan.folded if rewrite is fold else plan.merged
                counts[number] += edit.count
                if rewrite is not fold:
                    merging.add(number)
                made = edit.definition(made)
    is_changed |= bool(plan.folded[number] or plan.merged[number])
    plan.left[number] = left(made)
    return renumbered(made, plan) if is_changed else definition


def _decisive(root: Definition, plan: Plan, merging: set[int]) -> set[str]:
    """The parameters of a network that numbers come from on which a merge may depend."""
    if plan.merged[id(root)]:
        return set(root.arguments)
    return {
        name
        for instance in instances(root.body)
        if id(instance.definition) in merging
        for value in instance.arguments.values()
        for name in _names(value)
    }


def _names(value: object) -> Iterator[str]:
    if isinstance(value, Callee):
        value = tuple(item for _, item in value.bound)
    if isinstance(value, tuple):
        for item in value:
            yield from _names(item)
    else:
        yield from leaves(origin(value))
