"""The methods that timm asks its models for, of a network that is to have them.

timm 1.0: `get_classifier`, `reset_classifier`, `group_matcher`, `set_grad_checkpointing`, what is
read off a model, and with `class_text` the two halves of `forward`.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from resdsl.analysis.facts import Facts, facts
from resdsl.analysis.pyramid import levels
from resdsl.design import walk
from resdsl.design.checkpointing import stages
from resdsl.design.model import Body, Group, Instance
from resdsl.design.network import Network
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.ops import Op
from resdsl.provenance import leaves, origin
from resdsl.targets.checkpointed_stages import run_again
from resdsl.targets.classes import Classes
from resdsl.targets.initialisation import Method
from resdsl.targets.lowering import Programs
from resdsl.targets.method_text import MARGIN, MethodText, Statement, line
from resdsl.targets.model_head import Head, NoHeadError, head_of
from resdsl.targets.nodes import INDENT, Call, Items, Keyword, Pair, Text, literal
from resdsl.targets.parameter_groups import group_matcher
from resdsl.targets.starts import Starts, rules
from resdsl.targets.submodule_text import submodule

# What modules of such a network cannot be called.
NAMES = frozenset(
    """_describe default_cfg feature_info forward_features forward_head get_classifier group_matcher
    head_hidden_size num_classes num_features pretrained_cfg reset_classifier
    set_grad_checkpointing""".split()
)


def faced(network: Network, sink: Sink) -> Network | None:
    """The network with these methods; None, and an error, where it cannot have them."""
    # With other truth values it might end otherwise.
    network = replace(network, varied=None)
    taken = sorted(NAMES & {apply.key for apply in network.root.body.modules()})
    if taken:
        name = taken[0]
        sink.error(codes.OVERRIDE, f"timm has its own meaning for `{name}`: rename that module")
        return None
    programs = Programs(network)
    try:
        starts = Starts(rules(network, programs), programs)
        head = head_of_network(Classes(network, programs, starts))
    except NoHeadError as error:
        message = f"{network.name} {error}: timm's methods are those of a network that classifies"
        sink.error(codes.OVERRIDE, message)
        return None
    fixed = read_off(network, head)
    free = tuple(name for name in network.free_parameters if name not in fixed)
    return replace(network, face="timm", free_parameters=free)


def read_off(network: Network, head: Head) -> set[str]:
    """The parameters that numbers hang on which timm reads off a model: no arguments of it."""
    known = facts(network)
    numbers = [known.shapes[level.ref].channels for level in levels(known)]
    numbers += [head.map.channels, head.classifier.width]
    return {name for number in numbers for name in leaves(origin(number))}


def head_of_network(classes: Classes) -> Head:
    """Raises NoHeadError for a network that is not divided as timm's models are."""
    network = classes.network

    def is_chain(body: Body) -> bool:
        return classes.of(body).form in ("chain", "function", "sequence")

    return head_of(classes.programs.of_definition(network.root), is_chain)


def face_methods(network: Network, head: Head) -> list[Method]:
    """All but those that divide `forward`; the first is called by the constructor."""
    known = facts(network)
    return [
        Method(_describe(known, head), True),
        Method(_get_classifier(head), False),
        Method(_reset_classifier(head, _pool(network)), False),
        Method(group_matcher(network, head), False),
        Method(_set_grad_checkpointing(network), False),
    ]


def classifier(head: Head) -> str:
    """`self.fc`, or `self.classifier[-1]` in an nn.Sequential."""
    found = head.classifier
    if found.is_inside:
        return f"{submodule(found.path.rpartition('.')[0])}[{-2 if found.behind else -1}]"
    return submodule(found.path)


def ending(head: Head) -> str:
    """What `forward_head` gives of its `x`: the classifier's result, or what that is given."""
    found = head.classifier
    called = classifier(head)
    before, whole = "x", f"{called}(x)"
    if found.is_inside:
        row, _, place = called.rpartition("[")
        before, whole = f"{row}[:{place}(x)", f"{row}(x)"
    if found.behind:
        before = f"torch.flatten({before}, 1)"
        whole = whole if found.is_inside else f"torch.flatten({whole}, 1)"
    return f"{before} if pre_logits else {whole}"


# --- what is read off a model ---------------------------------------------------------------------


def _describe(known: Facts, head: Head) -> MethodText:
    infos = [
        _dictionary(
            num_chs=int(known.shapes[level.ref].channels),
            reduction=_one(tuple(map(_whole, level.strides))),
            module=level.name,
        )
        for level in levels(known)
    ]
    last = head.classifier
    classes = f"{classifier(head)}.{'out_channels' if last.behind else 'out_features'}"
    if last.is_inside:  # where a type checker does not know it
        classes = f"self.get_parameter({literal(last.path + '.weight')}).shape[0]"
    config: dict[str, Any] = {}
    size = known.view.numbers
    if size is not None:
        config["input_size"] = (known.network.input.channels, *size)
        config["pool_size"] = tuple(map(int, head.map.at(size)[1:]))
    first = _first_convolution(known.network.root.body, "")
    if first is not None:
        config["first_conv"] = first
    config["classifier"] = last.path
    about = _dictionary(**config)
    number = Pair(literal("num_classes"), Text("self.num_classes"))
    about = replace(about, items=(number, *about.items))
    return MethodText(
        "_describe",
        [
            line(f"self.num_classes = {classes}"),
            line(f"self.num_features = {int(head.map.channels)}"),
            line(f"self.head_hidden_size = {int(last.width)}"),
            Statement(
                Items("[", tuple(infos), "]"), lead="self.feature_info: list[dict[str, Any]] = "
            ),
            Statement(about, lead="self.pretrained_cfg: dict[str, Any] = "),
            line("self.default_cfg = self.pretrained_cfg"),
        ],
        doc="What timm reads off a model.",
    )


def _dictionary(**values: Any) -> Items:
    pairs = (Pair(literal(name), Text(literal(value))) for name, value in values.items())
    return Items("{", tuple(pairs), "}")


def _whole(stride: int | Fraction | None) -> int | float | None:
    if stride is None:
        return None
    return int(stride) if stride == int(stride) else float(stride)


def _one(strides: tuple[Any, ...]) -> Any:
    """One number where all dimensions have it."""
    return strides[0] if len(set(strides)) == 1 else strides


def _first_convolution(body: Body, prefix: str) -> str | None:
    for apply in body.modules():
        path = prefix + apply.key
        if not apply.runs or apply.held:
            continue
        inner = f"{path}.0." if apply.repeated else f"{path}."
        match apply.runs[0].unit:
            case Op() as op:
                found = path if op.role == "convolution" else None
            case Instance(definition):
                found = _first_convolution(definition.body, inner)
            case Group(content):
                found = _first_convolution(content, inner)
        if found is not None:
            return found
    return None


# --- methods --------------------------------------------------------------------------------------


def _get_classifier(head: Head) -> MethodText:
    return MethodText(
        "get_classifier",
        [line(f"return {literal(head.classifier.path)} if name_only else {classifier(head)}")],
        ("name_only: bool = False",),
        "nn.Module | str",
    )


def _pool(network: Network) -> str | None:
    """What timm calls the pool of a network, if it has one."""
    every = (op for part in walk.definitions(network.root) for op in walk.operators(part.body))
    return "avg" if any(op.name == "global_avgpool" for op in every) else None


def _reset_classifier(head: Head, pool: str | None) -> MethodText:
    last = head.classifier
    others = "is not None" if pool is None else f'not in (None, "{pool}")'
    given = ["self.head_hidden_size", "num_classes"]
    given += [*(["1"] if last.behind else []), *([] if last.has_bias else ["bias=False"])]
    new = Call(
        last.callee,
        (
            *map(Text, given),
            Keyword("device", Text("like.device")),
            Keyword("dtype", Text("like.dtype")),
        ),
    )
    path = literal(last.path)
    return MethodText(
        "reset_classifier",
        [
            line(f"if global_pool {others}:"),
            line('raise ValueError("the pool of this network stays")', MARGIN + INDENT),
            line("like = next(self.parameters())"),
            line("classifier: nn.Module = nn.Identity()"),
            line("if num_classes > 0:"),
            Statement(new, MARGIN + INDENT, "classifier = "),
            line("self.num_classes = num_classes"),
            line(f"self.set_submodule({path}, classifier.train(self.training))"),
        ],
        ("num_classes: int", "global_pool: str | None = None"),
        doc="A new layer for other classes; none for 0.",
    )


def _set_grad_checkpointing(network: Network) -> MethodText:
    names = network.checkpointed or stages(network.root)
    body = [
        *run_again(network, names),
        line('stage.__dict__.pop("forward", None)', MARGIN + INDENT),
        line("if enable:", MARGIN + INDENT),
        line("stage.forward = functools.partial(recomputed, stage)", MARGIN + 2 * INDENT),
    ]
    return MethodText(
        "set_grad_checkpointing",
        body,
        ("enable: bool = True",),
        doc="Whether backward computes the activations of stages again.",
    )
