"""`output`: which tensors a network or block gives, by which names.

What a plain name is, is known when all modules have theirs: a tensor in scope first, then a stage,
label or kept tensor of before the `output`. In the braces of an instantiation, and where a caller
asks for features, it is one of the family's outputs, or any of its taps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from resdsl.design.model import Body, Ref, Step
from resdsl.design.network import Network, Variant, Varied
from resdsl.design.taps import by_path, in_copies, meant, taps
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.language.elaborate.builder import Builder
from resdsl.language.elaborate.join_lists import list_as_output
from resdsl.language.elaborate.module_names import output_problem
from resdsl.language.messages.inside_of_blocks import inside
from resdsl.language.values.context import Context, Frame
from resdsl.language.values.features import Wanted
from resdsl.language.values.values import TensorValue, holds_tensors, is_list
from resdsl.records import dataclass
from resdsl.source import Span
from resdsl.syntax import tree

# A name with its index, where it has one; None after an error.
Composed: TypeAlias = "Callable[[str, tree.Expr | tree.Indices | None, Context], str | None]"
# A join of an expression, wherever it goes: its value.
Joined: TypeAlias = "Callable[[tree.Expr, Context, Builder, str, Span], Ref]"
# Names that a message lists.
_SHOWN = 20
_PLACES = frozenset({"in", "here", "main", "out"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One output. `ref` is None for the tap of that name: what is made before `until`."""

    name: str
    tap: str
    ref: Ref | None
    until: Ref | None
    span: Span | None
    # How many tensors the list of that name has, where one is in scope.
    listed: int | None = None


class Outputs:
    """The outputs of networks and blocks, as they are met in their texts."""

    def __init__(self, sink: Sink, composed: Composed, joined: Joined) -> None:
        self.sink = sink
        self.composed = composed
        self.joined = joined
        self.is_broken = False

    def add(self, step: tree.Output, context: Context, builder: Builder) -> None:
        kind = context.frame.symbol.kind
        if kind == "shortcut" or context.part is not None:
            where = f"in {context.part}" if context.part is not None else "in a shortcut"
            self._error(
                codes.STRUCTURE,
                f"`output` stands in a network or block and its groups, not {where}",
                step.span,
                "not here",
                *_elsewhere(context),
            )
            return
        for item in step.items:
            asked = self._item(item, context, builder)
            if asked is None:
                self.is_broken = True
                context.frame.is_unsure = True
            else:
                context.frame.asked.append(asked)

    def amending(self, step: tree.Output, context: Context) -> list[Asked]:
        """Those of an instantiation's braces."""
        found: list[Asked] = []
        for item in step.items:
            tap = self._tap(item, context)
            if tap is not None and tap in _PLACES:
                self._error(
                    codes.STRUCTURE,
                    f"there is no `{tap}` in the braces of an instantiation",
                    item.span,
                    "no name of a tensor there",
                    "a stage, label or kept tensor of the network",
                )
                tap = None
            name = tap if item.value is None else self._label(item.label, context)
            if tap is None or name is None:
                self.is_broken = True
            else:
                found.append(Asked(name, tap, None, None, item.span))
        return found

    def _item(self, item: tree.OutputItem, context: Context, builder: Builder) -> Asked | None:
        tap = self._tap(item, context)
        name = tap if item.value is None else self._label(item.label, context)
        if name is None:
            return None
        if (element := _element(item, context)) is not None:
            ref = self.joined(element, context, builder, name, item.span)
            return Asked(name, name, ref, None, item.span)
        if item.value is None and name in _PLACES:
            self._error(
                codes.STRUCTURE,
                "an output that is no name needs one",
                item.span,
                "its name?",
                f"`output logits: {name}`",
            )
            return None
        known = context.scope.find(tap) if tap is not None else None
        if isinstance(known, TensorValue) and known.copies is None:
            return Asked(name, name, known.ref, None, item.span)
        is_value = item.value is not None and tap is not None and context.scope.has(tap)
        if tap is not None and tap not in _PLACES and not is_value:
            listed = len(known) if known is not None and is_list(known) else None
            return Asked(name, tap, None, len(context.frame.shapes), item.span, listed)
        assert item.value is not None
        ref = self.joined(item.value, context, builder, name, item.span)
        return Asked(name, name, ref, None, item.span)

    def _tap(self, item: tree.OutputItem, context: Context) -> str | None:
        """The name of a stage, label or tensor that an item has, if it is no expression."""
        if item.value is None:
            label = self._label(item.label, context)
            return None if label is None else ".".join([label, *(part.id for part in item.path)])
        match item.value:
            case tree.Name(id=name):
                return name
            case tree.String(value=name):
                return name
            case tree.Field():
                dotted = _dotted(item.value)
                # `here.channels` is no tensor of a group.
                return None if dotted and dotted.partition(".")[0] in _PLACES else dotted
            case tree.Index() as element if known := tree.indexed(element):
                return self.composed(known[0].id, known[1], context)
        return None

    def _label(self, node: tree.LabelName, context: Context) -> str | None:
        return self.composed(node.name, node.index, context)

    def resolved(self, body: Body, frame: Frame, amended: Sequence[Asked]) -> dict[str, Ref] | None:
        """The outputs by name, once the modules have theirs; none where nothing asks for any. None
        after an error."""
        if self.is_broken:
            return None
        found = _Taps(self.sink, body, frame)
        own = found.of(frame.asked, {})
        return found.of(amended, own) if amended and own is not None else own

    def of_definition(self, body: Body, frame: Frame) -> dict[str, Ref] | None:
        """Those of a block, whose names clash with one another only."""
        if not frame.asked:
            return None if frame.is_unsure else {}
        found = _Taps(self.sink, body, frame).of(frame.asked, {})
        return None if frame.is_unsure else found

    def _error(
        self, code: codes.Code, message: str, span: Span | None, label: str, *help: str
    ) -> None:
        self.is_broken = True
        self.sink.error(code, message, span, label, help=help)


class _Taps:
    """What a body has names for, and what an output is of it.

    `frame`: where it is elaborated; in one that is broken, steps may be missing.
    """

    def __init__(self, sink: Sink, body: Body, frame: Frame | None = None) -> None:
        self.sink = sink
        self.is_whole = frame is None or not frame.is_broken
        self.owner = "network" if frame is None else frame.symbol.kind
        self.body = body
        self.known = taps(body)

    def of(self, asked: Sequence[Asked], outputs: Mapping[str, Ref]) -> dict[str, Ref] | None:
        """By name; `outputs` are names that count before those of taps. None after an error."""
        found: dict[str, Ref] = {}
        spans: dict[str, Span | None] = {}
        is_right = True
        for one in asked:
            ref = one.ref
            if ref is None:
                ref = outputs[one.tap] if one.tap in outputs else self._tap(one, list(outputs))
            if ref is None or self._is_misnamed(one) or self._is_taken(one, ref, spans):
                is_right = False
            else:
                found[one.name], spans[one.name] = ref, one.span
        return found if is_right else None

    def _is_misnamed(self, one: Asked) -> bool:
        problem = output_problem(one.name)
        if problem is None:
            return False
        message = f"{one.name!r:.60} cannot be an output: {problem}"
        self._error(codes.STRUCTURE, message, one, "its name")
        return True

    def _is_taken(self, one: Asked, ref: Ref, spans: Mapping[str, Span | None]) -> bool:
        """Whether a name is another output's, or a tap's that is another tensor."""
        if one.name in spans:
            first = spans[one.name]
            others = [] if first is None else [Label(first, "the first one")]
            message = f"two outputs are called `{one.name}`"
            self.sink.error(
                codes.DUPLICATE_NAME, message, one.span, "the same name again", others=others
            )
            return True
        # What a text calls by the name of a step is that step, for its contracts read both. Nothing
        # reads the names that a caller gives.
        is_text_of_network = self.owner == "network" and one.span is not None
        taken = [tap for _, tap in self.known.get(one.name, ())] if is_text_of_network else []
        if not taken or ref in taken:
            return False
        message = f"the output `{one.name}` would be another tensor than the step of that name"
        self._error(codes.DUPLICATE_NAME, message, one, "taken", "give it another name")
        return True

    def _tap(self, one: Asked, outputs: Sequence[str]) -> Ref | None:
        """What a name is; `outputs` are known as well."""
        every = list(self.known.get(one.tap, ()))
        found = [(name, ref) for name, ref in every if one.until is None or ref < one.until]
        ref = meant(found, one.tap)
        if ref is not None:
            return ref
        if found:
            names = ", ".join(f"`{name}`" for name, _ in found)
            message = f"`{one.tap}` fits {len(found)} tensors: {names}"
            self._error(codes.UNKNOWN_NAME, message, one, "which one?")
        elif every:
            message = f"`{one.tap}` stands behind this `output`"
            help = "an `output` gives what was made before it: put it behind"
            self._error(codes.UNKNOWN_NAME, message, one, "made later", help)
        elif one.span is None and (ref := by_path(self.body, one.tap)) is not None:
            return ref  # a caller knows the modules by their paths
        elif self.is_whole:
            self._unknown(one, list(dict.fromkeys([*outputs, *self.known])))
        return None

    def _unknown(self, one: Asked, known: Sequence[str]) -> None:
        if one.listed is not None:
            told, helps = list_as_output(one.tap, one.listed)
            self._error(codes.TENSOR, told, one, "", *helps)
            return
        listed = ", ".join(f"`{name}`" for name in known[:_SHOWN])
        listed += ", …" if known[_SHOWN:] else ""
        message = f"the {self.owner} has no stage, label or kept tensor `{one.tap}`"
        if self.owner == "block":
            message = f"this block has no label or kept tensor `{one.tap}`"
        if in_copies(self.body, one.tap):
            help = "copies have no names: `keep` behind the repetition, or write them with `for`"
            self._error(codes.UNKNOWN_NAME, message, one, "in each of its copies", help)
            return
        near = did_you_mean(one.tap, known)
        help = near or (f"it has {listed}" if listed else "nothing in it has a name")
        more: list[str] = []
        if "." in one.tap and one.tap.partition(".")[0] in self.known:
            more = [inside(self.body, one.tap)]
        elif near is None and one.until is not None and one.name == one.tap:
            more = [f"`output {one.tap}: here` names the current tensor"]
        self._error(codes.UNKNOWN_NAME, message, one, "unknown tensor", help, *more)

    def _error(self, code: codes.Code, message: str, one: Asked, label: str, *help: str) -> None:
        self.sink.error(code, message, one.span, label if one.span else "", help=help)


def with_outputs(network: Network, features: Wanted, sink: Sink) -> Network | None:
    """A network that is made already, with these outputs instead of its own; None after an
    error."""
    asked = [Asked(name, tap, None, None, None) for name, tap in features]
    own = dict(zip(network.outputs, network.root.outputs, strict=False))
    found = _Taps(sink, network.root.body).of(asked, own)
    if found is None:
        return None
    # Few designs are read from JSON and given other outputs.
    from resdsl.design.checkpointing import checkpointed
    from resdsl.design.cutting import cut
    from resdsl.design.freezing import frozen

    root, _ = cut(network.root, list(found.values()))
    if network.face:
        message = f"the design has the face of {network.face}, and so one output"
        sink.error(codes.OVERRIDE, message)
        return None
    if network.frozen and not frozen(root, network.frozen):
        message = f"the design is frozen up to `{network.frozen}`, which these outputs do not need"
        sink.error(
            codes.OVERRIDE, message, help=["`features` and `freeze` go together on its spec"]
        )
        return None
    paths = checkpointed(root, network.checkpointed)
    run_again = tuple(name for name, path in paths.items() if path is not None)
    uncut = network.uncut or network.root
    varied = Varied((), network.shared_parameters)
    variants: list[Variant] = []
    for variant in network.variants:
        own = dict(zip(network.outputs, variant.root.outputs, strict=False))
        ends = _Taps(Sink(), variant.root.body).of(asked, own)
        if ends is not None:
            variants.append(replace(variant, root=cut(variant.root, list(ends.values()))[0]))
    if len(variants) == len(network.variants):
        varied = Varied(tuple(variants), network.shared_parameters)
    return replace(
        network,
        root=root,
        outputs=tuple(found),
        uncut=uncut,
        varied=lambda: varied,
        checkpointed=run_again,
    )


def tap_of(network: Network, name: str, sink: Sink) -> Ref | None:
    """The tensor that a stage, label or `keep` calls so; None after an error."""
    found = _Taps(sink, network.root.body).of([Asked(name, name, None, None, None)], {})
    return None if found is None else found[name]


def warn_of_cut(left_out: Sequence[Sequence[Step]], broken: Sequence[Span], sink: Sink) -> None:
    """Of what the network's own text says, and no output is made of. `broken`: steps that have no
    shape after a mistake of theirs, which is not told."""
    rows: list[Sequence[Span | None]] = [[step.span for step in row] for row in left_out]
    if broken and not rows:
        rows.append(_outermost(broken))
    for row in rows:
        this = "this" if len(row) == 1 else f"these {len(row)} steps"
        they = "it is" if len(row) == 1 else "they are"
        sink.warning(
            codes.CUT,
            f"no output is made of {this}: {they} not part of the network",
            row[0],
            "left out" if len(row) == 1 else "the first of them",
            help=["`output …: here` behind the last gives its result too"],
        )


def _outermost(spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if not any(o.holds(span) for o in spans if o != span)]


def _elsewhere(context: Context) -> list[str]:
    """What to write instead."""
    if context.frame.symbol.kind == "shortcut":
        return ["a shortcut gives the last of its tensors"]
    if context.part == "a repetition":
        return ["`keep` what the last copy makes behind it, and `output` that"]
    whole = {"a main": "the residual", "a shortcut": "the residual", "a branch": "the fork"}
    around = whole.get(context.part or "", "it")
    return [f"`keep` the tensor here, and `output` it behind {around}"]


def _element(item: tree.OutputItem, context: Context) -> tree.Expr | None:
    """`p[i]`, where `p` is a list of tensors."""
    label = item.label
    match item.value:
        case tree.Index(value=tree.Name(id=name)) as index:
            found: tree.Expr = index
        case None if label.index is not None and not label.quoted and not item.path:
            if isinstance(label.index, tree.Indices):
                return None
            name = label.name
            found = tree.Index(tree.Name(name, label.span), label.index, label.span)
        case _:
            return None
    return found if holds_tensors(context.scope.find(name)) else None


def _dotted(node: tree.Expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, tree.Field):
        parts.append(node.name.id)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, tree.Name) else None
