"""An elaborated design, executed step by step with torch's functions: the emitted text's oracle.

It knows the operators by name alone and works out of place on a dict of tensors by state-dict key.
It works from the output backward: what that is not made of is not computed. Keys follow
docs/language.md: the path of `Apply.key`s, with a number for each copy of `unit x n`; a module that
is called again has the key of its first call.
Nothing here comes from resdsl.targets or resdsl.analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import reduce
from math import comb, prod
from operator import itemgetter
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own custom)
from torch import Tensor

from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Residual,
    Run,
    Unit,
)
from resdsl.design.network import Network
from resdsl.extents import Size

# Between the key of a tensor that a body holds itself and its operator's name for it.
_HELD = "\0"


class AmbiguousError(Exception):
    """The design does not say what a step reads."""


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor, and how many convolution and linear layers lie behind it at most."""

    tensor: Tensor
    depth: int


@dataclass(slots=True, eq=False)
class Node:
    """A value that is to be made of others; nothing is made that the output is not made of."""

    parts: tuple[Node, ...]
    make: Callable[[list[Value]], Value]
    # Which of all nodes it is, in the order of the text.
    number: int
    value: Value | None = None


# The values of one instance by ref; those of a replicated branch by the number of the copy.
Values: TypeAlias = "dict[int, Node | dict[int, Node]]"


@dataclass(slots=True)
class Interpreter:
    network: Network
    # Parameters and buffers by key. Running statistics are replaced, not changed.
    state: dict[str, Tensor]
    training: bool = False
    # Elements that convolution and linear layers gave, batch included.
    activations: int = 0
    # The keys that the output is made of, and those that other steps would read.
    used: set[str] = field(default_factory=set, init=False)
    left: set[str] = field(default_factory=set, init=False)
    # Some of the other steps do not fit at this size, and were not looked at.
    unseen: bool = field(default=False, init=False)
    nodes: list[Node] = field(default_factory=list, init=False)
    # Of the definitions that are being looked at.
    bodies: list[Body] = field(default_factory=list, init=False)
    # By the path of a group: which nodes are of each of its calls.
    calls: dict[str, list[range]] = field(default_factory=dict, init=False)

    def run(self, x: Tensor) -> list[Value]:
        """Of each output, in the order in which the network gives them."""
        return self.results(x, self.network.root.outputs)

    def results(self, x: Tensor, refs: Sequence[int]) -> list[Value]:
        """Of some of the network's own values."""
        start = self._node((), lambda _: Value(x, 0))
        values = self._values(self.network.root, [start], "")
        outputs = [one(values[ref]) for ref in refs]
        self._make(outputs)
        self._look_at_the_rest()
        return [made(output) for output in outputs]

    def _make(self, outputs: list[Node]) -> None:
        wanted: set[int] = set()
        more = {node.number for node in outputs}
        while more:
            stack = [self.nodes[number] for number in more]
            while stack:
                node = stack.pop()
                if node.number not in wanted:
                    wanted.add(node.number)
                    stack += node.parts
            more = self._in_other_calls(wanted)
        for number in sorted(wanted):
            node = self.nodes[number]
            node.value = node.make([made(part) for part in node.parts])

    def _in_other_calls(self, wanted: set[int]) -> set[int]:
        """A group is one module: what is read of one of its calls is made by each."""
        found: set[int] = set()
        for ranges in self.calls.values():
            called = [one for one in ranges if not wanted.isdisjoint(one)]
            places = {number - one.start for one in called for number in one if number in wanted}
            found |= {one.start + place for one in called for place in places}
        return found - wanted

    def _look_at_the_rest(self) -> None:
        """What else would be read. Such steps need not fit, and change nothing."""
        before = set(self.used), dict(self.state), self.activations
        for node in self.nodes:
            if node.value is None and all(part.value is not None for part in node.parts):
                with suppress(RuntimeError, ValueError), torch.no_grad():
                    node.value = node.make([made(part) for part in node.parts])
        self.left = self.used - before[0]
        self.unseen = any(node.value is None for node in self.nodes)
        self.used, state, self.activations = before
        self.state.update(state)

    def _node(self, parts: tuple[Node, ...], make: Callable[[list[Value]], Value]) -> Node:
        self.nodes.append(Node(parts, make, len(self.nodes)))
        return self.nodes[-1]

    # --- structure ---

    def _definition(self, definition: Definition, inputs: list[Node], path: str) -> list[Node]:
        values = self._values(definition, inputs, path)
        found = [one(values[ref]) for ref in definition.outputs]
        if len(found) == 1:
            return found
        # A call of a block is whole: where one of its results is read, all are made.
        parts = tuple(found)
        return [self._node(parts, itemgetter(place)) for place in range(len(found))]

    def _values(self, definition: Definition, inputs: list[Node], path: str) -> Values:
        values: Values = dict(zip(definition.inputs, inputs, strict=True))
        self.bodies.append(definition.body)
        self._body(definition.body, values, path)
        self.bodies.pop()
        return values

    def _body(self, body: Body, values: Values, path: str) -> None:
        for step in body.steps:
            match step:
                case Apply():
                    self._apply(step, values, path)
                case Residual():
                    self._residual(step, values, path)
                case Fork():
                    for branch in step.branches:
                        if branch.replicated:
                            self._replicated(branch.apply, values, path)
                        else:
                            self._apply(branch.apply, values, path)
                    values[step.output] = self._expression(step.join, values)
                case Join():
                    values[step.output] = self._expression(step.join, values)
                case Keep():
                    pass

    def _apply(self, apply: Apply, values: Values, path: str) -> None:
        current, number = one(values[apply.input]), 0
        assert not apply.others or (not apply.repeated and len(apply.runs) == 1)
        for run in apply.runs:
            _unambiguous(run, self.bodies[-1])
            before = values.get(run.input)
            for _ in range(run.count):
                values[run.input] = current
                key = _before(apply, path, number)
                current, *others = self._unit(run, apply, values, key)
                # Elsewhere than in a call by itself the first of several results counts.
                values.update(zip(apply.others, others, strict=bool(apply.others)))
                number += 1
            if before is not None:
                values[run.input] = before
            values[run.output] = current
        values[apply.output] = current

    def _replicated(self, apply: Apply, values: Values, path: str) -> None:
        """Copies side by side, all fed the same."""
        number = 0
        for run in apply.runs:
            copies: dict[int, Node] = {}
            for _ in range(run.count):
                copies[number] = self._unit(run, apply, values, f"{path}{apply.key}.{number}.")[0]
                number += 1
            # A branch without steps is what it was fed.
            if run.output != run.input:
                values[run.output] = copies

    def _unit(self, run: Run, apply: Apply, values: Values, path: str) -> list[Node]:
        unit, x = run.unit, one(values[run.input])
        # Of those the copy's own input is one, where it is given as a tensor too.
        tensors = [one(values[ref]) for ref in run.tensors]
        match unit:
            case Group(body):
                start = len(self.nodes)
                self._body(body, values, path)
                self.calls.setdefault(path, []).append(range(start, len(self.nodes)))
                return [one(values[body.output])]
            case Instance(definition):
                inputs = [x, *tensors]
                if definition.reads_main:
                    assert apply.main is not None
                    inputs.append(one(values[apply.main]))
                return self._definition(definition, inputs, path)
            case _:
                return [self._operation(unit, [x, *tensors], path)]

    def _residual(self, step: Residual, values: Values, path: str) -> None:
        self._body(step.main, values, path)
        if step.shortcut is not None:
            self._apply(step.shortcut, values, path)
        skip = one(values[step.skip.ref])
        if not step.adds:
            values[step.output] = skip
            return
        values[step.output] = self._node((one(values[step.main.output]), skip), added)

    # --- joins ---

    def _expression(self, expression: Expression, values: Values) -> Node:
        (found,) = self._operands(expression, values)
        assert isinstance(found, Node)
        return found

    def _operands(self, expression: Expression, values: Values) -> list[Node | float]:
        match expression:
            case Use(ref):
                return [one(values[ref])]
            case Scalar(value):
                return [value]
            case Copies(_, refs, place):
                found: list[Node | float] = []
                for ref, count in refs:
                    copies = values[ref]
                    if isinstance(copies, Node):
                        found += [copies] * count
                    elif place is not None:
                        found.append(copies[place])
                    else:
                        found += copies.values()
                        assert len(copies) == count
                return found
            case Combine(op, operands):
                flat = [v for operand in operands for v in self._operands(operand, values)]
                parts = tuple(operand for operand in flat if isinstance(operand, Node))

                def join(given: list[Value]) -> Value:
                    left = iter(given)
                    tensors = [next(left).tensor if isinstance(v, Node) else v for v in flat]
                    return behind(given, combined(op, tensors))

                return [self._node(parts, join)]

    # --- operators ---

    def _tensor(self, key: str) -> Tensor:
        key = _of_held(key)
        self.used.add(key)
        return self.state[key]

    def _operation(self, op: Any, inputs: list[Node], path: str) -> Node:
        """Of a second tensor the extents alone count, and no layer lies on the way from it."""

        def make(given: list[Value]) -> Value:
            sizes = [value.tensor.shape[2:] for value in given[1:]]
            return self._operator(op, given[0], path, *sizes)

        return self._node(tuple(inputs), make)

    def _operator(self, op: Any, value: Value, path: str, *sizes: Sequence[int]) -> Value:
        if sizes:
            return Value(like(op, value.tensor, *sizes), value.depth)
        result = self._result(op, value.tensor, path)
        if op.name in (
            "conv",
            "conv_transpose",
            "depthwise",
            "linear",
            "channel_conv",
            "attention_pool",
        ):
            self.activations += result.numel()
            return Value(result, value.depth + 1)
        return Value(result, value.depth)

    def _result(self, op: Any, x: Tensor, path: str) -> Tensor:
        rank, channels = x.ndim - 2, x.shape[1]
        match op.name:
            case "conv" | "depthwise":
                bias = self._tensor(path + "bias") if op.bias else None
                groups = channels if op.name == "depthwise" else op.groups
                k, stride, dilation = (each(n, rank) for n in (op.k, op.stride, op.dilation))
                padding = padded(op.padding, k, stride, dilation)
                convolve = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
                weight = self._filters(op, path)
                return convolve(x, weight, bias, stride, padding, dilation, int(groups))
            case "conv_transpose":
                bias = self._tensor(path + "bias") if op.bias else None
                stride, padding = each(op.stride, rank), each(op.padding, rank)
                more, dilation = each(op.output_padding, rank), each(op.dilation, rank)
                convolve = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[rank - 1]
                weight = self._tensor(path + "weight")
                return convolve(x, weight, bias, stride, padding, more, int(op.groups), dilation)
            case "linear":
                bias = self._tensor(path + "bias") if op.bias else None
                weight = self._tensor(path + "weight")
                return F.linear(x.movedim(1, -1), weight, bias).movedim(-1, 1)
            case "batchnorm":
                return self._batchnorm(op, x, path)
            case "groupnorm":
                weight = self._tensor(path + "weight") if op.affine else None
                shift = self._tensor(path + "bias") if op.affine else None
                return F.group_norm(x, int(op.groups), weight, shift, float(op.eps))
            case "instancenorm":
                weight = self._tensor(path + "weight") if op.affine else None
                shift = self._tensor(path + "bias") if op.affine else None
                return F.instance_norm(x, None, None, weight, shift, eps=float(op.eps))
            case "layernorm":
                weight = self._tensor(path + "weight") if op.affine else None
                shift = self._tensor(path + "bias") if op.affine else None
                y = F.layer_norm(x.movedim(1, -1), (channels,), weight, shift, float(op.eps))
                return y.movedim(-1, 1)
            case "prelu":
                weight = self._tensor(path + "weight").reshape(1, -1, *(1,) * rank)
                return torch.where(x > 0, x, weight * x)
            case "attention_pool":
                bias = self._tensor(path + "bias") if op.bias else None
                weights = F.conv1d(x.flatten(2), self._tensor(path + "weight").flatten(2), bias)
                shares = F.softmax(weights, 2)
                return (x.flatten(2) * shares).sum(2).reshape(*x.shape[:2], *(1,) * rank)
            case "channel_conv":
                bias = self._tensor(path + "bias") if op.bias else None
                # As a map of one channel, whose only dimension is the channels.
                rows = x.movedim(1, -1).flatten(0, -2)[:, None]
                rows = F.conv1d(rows, self._tensor(path + "weight"), bias, padding=int(op.k) // 2)
                return rows[:, 0].reshape(x.movedim(1, -1).shape).movedim(-1, 1)
            case "global_response_norm":
                weight, shift = self._columns(path, rank, "weight", "bias")
                squares = x.square().sum(tuple(range(2, x.ndim)), keepdim=True)
                # A root has no slope at 0, where torch's norm has 0.
                norm = torch.where(squares > 0, squares, 1.0).sqrt() * (squares > 0)
                share = norm / (norm.sum(1, keepdim=True) / channels + float(op.eps))
                return x + (weight * share * x + shift)
            case "filter_response_norm":
                weight, shift, tau = self._columns(path, rank, "weight", "bias", "tau")
                mean = x.square().mean(tuple(range(2, x.ndim)), keepdim=True)
                y = weight * x / (mean + float(op.eps)).sqrt() + shift
                return torch.where(y > tau, y, tau)
            case "evonorm":
                weight, shift, v = self._columns(path, rank, "weight", "bias", "v")
                rows = x.reshape(len(x), int(op.groups), -1)
                rows = rows - rows.mean(2, keepdim=True)
                variance = rows.square().mean(2) + float(op.eps)
                deviation = variance.sqrt().repeat_interleave(channels // int(op.groups), 1)
                y = x * torch.sigmoid(v * x) / deviation.reshape(len(x), channels, *(1,) * rank)
                return weight * y + shift
            case "layer_scale":
                return x * self._tensor(path + "gamma").reshape(1, -1, *(1,) * rank)
            case "layer_shift":
                return x + self._tensor(path + "beta").reshape(1, -1, *(1,) * rank)
            case _:
                return plain(op, x)

    def _columns(self, path: str, rank: int, *names: str) -> list[Tensor]:
        """Tensors with a number for each channel, as they meet a map."""
        return [self._tensor(path + name).reshape(1, -1, *(1,) * rank) for name in names]

    def _filters(self, op: Any, path: str) -> Tensor:
        """The weight of a convolution, standardized where it says so."""
        weight = self._tensor(path + "weight")
        if op.weights == "plain":
            return weight
        around = tuple(range(1, weight.ndim))
        centred = weight - weight.mean(around, keepdim=True)
        made = centred / (centred.square().mean(around, keepdim=True) + float(op.eps)).sqrt()
        if op.weights == "scaled":
            made = made * float(op.gamma) / weight[0].numel() ** 0.5 * self._tensor(path + "gain")
        return made

    def _batchnorm(self, op: Any, x: Tensor, path: str) -> Tensor:
        weight = self._tensor(path + "weight") if op.affine else None
        shift = self._tensor(path + "bias") if op.affine else None
        mean, var = (self._tensor(path + name) for name in ("running_mean", "running_var"))
        seen = self._tensor(path + "num_batches_tracked")
        if self.training:
            mean, var = mean.clone(), var.clone()
            self.state[path + "num_batches_tracked"] = seen + 1
            self.state[path + "running_mean"], self.state[path + "running_var"] = mean, var
        return F.batch_norm(
            x, mean, var, weight, shift, self.training, float(op.momentum), float(op.eps)
        )


def one(value: Node | dict[int, Node]) -> Node:
    assert isinstance(value, Node), "a replicated branch read as one tensor"
    return value


def made(node: Node) -> Value:
    assert node.value is not None
    return node.value


def behind(values: list[Value], tensor: Tensor) -> Value:
    """What is made of these."""
    return Value(tensor, max((value.depth for value in values), default=0))


def added(given: list[Value]) -> Value:
    main, skip = given
    assert main.tensor.shape == skip.tensor.shape, "a residual never broadcasts"
    return behind(given, main.tensor + skip.tensor)


def combined(op: str, operands: list[Any]) -> Tensor:
    match op:
        case "concat":
            return torch.cat(operands, 1)
        case "+" | "sum":
            return reduce(lambda a, b: a + b, operands)
        case "-":
            return operands[0] - operands[1]
        case "*":
            return operands[0] * operands[1]
        case "mean":
            return reduce(lambda a, b: a + b, operands) / len(operands)
        case "max":
            return reduce(larger, operands)
        case "softmax":
            return torch.softmax(torch.stack(operands), 0)[0]
        case _:
            raise AssertionError(op)


def larger(a: Any, b: Any) -> Tensor:
    like = a if isinstance(a, Tensor) else b
    a, b = (n if isinstance(n, Tensor) else torch.full_like(like, n) for n in (a, b))
    return torch.maximum(a, b)


def each(value: Any, rank: int) -> tuple[int, ...]:
    """One number per dimension."""
    return tuple(map(int, value)) if isinstance(value, Size) else (int(value),) * rank


def padded(padding: Any, k: Any, stride: Any, dilation: Any) -> tuple[int, ...]:
    """`auto` is `dilation*(k-1)//2` where windows overlap and 0 where they do not."""
    if padding != "auto":
        return each(padding, len(k))
    return tuple(
        d * (n - 1) // 2 if s < n else 0 for n, s, d in zip(k, stride, dilation, strict=True)
    )


def plain(op: Any, x: Tensor) -> Tensor:
    """Operators without tensors of their own. Dropout is left out: callers set p to 0."""
    rank, channels = x.ndim - 2, x.shape[1]
    match op.name:
        case "relu":
            return F.relu(x)
        case "leaky_relu":
            return F.leaky_relu(x, float(op.slope))
        case "softmax" if op.over == "positions":
            return F.softmax(x.flatten(2), 2).reshape(x.shape)
        case "softmax":
            return F.softmax(x, 1)
        case "channel_mean":
            return (x.sum(1) / channels)[:, None]
        case "channel_max":
            return x.amax(1)[:, None]
        case "blur_pool":
            return blurred(op, x)
        case "log_softmax":
            return F.log_softmax(x, 1)
        case "sigmoid" | "tanh":
            return getattr(torch, op.name)(x)  # type: ignore[no-any-return]
        case "relu6" | "elu" | "gelu" | "silu" | "mish" | "softplus" | "hardswish" | "hardsigmoid":
            return getattr(F, op.name)(x)  # type: ignore[no-any-return]
        case "identity" | "dropout" | "drop_path":
            return x
        case "scale":
            return x * float(op.factor)
        case "flatten":
            return x.reshape(x.shape[0], -1)
        case "unflatten":
            return x.reshape(*x.shape, *(1,) * int(op.rank))
        case "subsample":
            return x[(..., *(slice(None, None, s) for s in each(op.stride, rank)))]
        case "slice_channels":
            stop = channels if op.stop is None else int(op.stop)
            return x.narrow(1, int(op.start), stop - int(op.start))
        case "pad_channels":
            extra = int(op.to) - channels
            before = 0 if op.where == "end" else extra // 2
            sides = [x.new_zeros(len(x), n, *x.shape[2:]) for n in (before, extra - before)]
            return torch.cat([sides[0], x, sides[1]], 1)
        case "pad":
            befores, afters = each(op.before, rank), each(op.after, rank)
            made = x.new_zeros(
                *x.shape[:2], *map(sum, zip(x.shape[2:], befores, afters, strict=True))
            )
            inside = [slice(b, b + n) for b, n in zip(befores, x.shape[2:], strict=True)]
            made[(..., *inside)] = x
            return made
        case "crop":
            for axis, sides in enumerate(zip(each(op.before, rank), each(op.after, rank)), 2):  # noqa: B905
                x = x.narrow(axis, sides[0], x.shape[axis] - sum(sides))
            return x
        case "channel_shuffle":
            groups = int(op.groups)
            split = x.unflatten(1, (groups, channels // groups))
            return split.transpose(1, 2).flatten(1, 2)
        case "upsample":
            return upsampled(op, x)
        case "pixel_shuffle":
            n = int(op.scale)
            parts = x.unflatten(1, (channels // (n * n), n, n))
            return parts.permute(0, 1, 4, 2, 5, 3).flatten(4, 5).flatten(2, 3)
        case "local_response_norm":
            return local_response(op, x)
        case "global_avgpool":
            return x.mean(tuple(range(2, x.ndim)), keepdim=True)
        case "global_maxpool":
            # amax would share the gradient among equals.
            at = x.flatten(2).argmax(2, keepdim=True)
            return x.flatten(2).gather(2, at).reshape(*x.shape[:2], *(1,) * rank)
        case "adaptive_avgpool" | "adaptive_maxpool":
            kind = op.name.removeprefix("adaptive_").removesuffix("pool")
            pool = getattr(F, f"adaptive_{kind}_pool{rank}d")
            return pool(x, each(op.size, rank))  # type: ignore[no-any-return]
        case "maxpool" | "avgpool":
            return pooled(op, x)
        case _:
            raise NotImplementedError(op.name)


def upsampled(op: Any, x: Tensor) -> Tensor:
    """Along one dimension after the other: elements repeated, or lines between their middles."""
    rank = x.ndim - 2
    sizes = op.size and each(op.size, rank)
    made = sizes or [n * times for n, times in zip(x.shape[2:], each(op.scale, rank), strict=True)]
    return resized(op, x, made)


def resized(op: Any, x: Tensor, sizes: Sequence[int]) -> Tensor:
    for axis, to in enumerate(sizes, 2):
        size = x.shape[axis]
        if op.mode == "nearest":
            x = x.index_select(axis, torch.arange(to) * size // to)
            continue
        at = ((torch.arange(to, dtype=x.dtype) + 0.5) * (size / to) - 0.5).clamp(min=0)
        low = at.floor().long().clamp(max=size - 1)
        high = (low + 1).clamp(max=size - 1)
        part = (at - low).to(x.dtype).reshape(-1, *(1,) * (x.ndim - axis - 1))
        x = x.index_select(axis, low) * (1 - part) + x.index_select(axis, high) * part
    return x


def like(op: Any, x: Tensor, sizes: Sequence[int]) -> Tensor:
    """With the extents of another tensor; of what is added or taken, half stands before."""
    if op.name == "upsample":
        return resized(op, x, sizes)
    for axis, to in enumerate(sizes, 2):
        have = x.shape[axis]
        if op.name == "crop":
            if have < to:
                raise ValueError("nothing to crop")
            x = x.narrow(axis, (have - to) // 2, to)
        else:
            if have > to:
                raise ValueError("nothing to pad")
            sides = list(x.shape)
            sides[axis] = (to - have) // 2
            first = x.new_zeros(sides)
            sides[axis] = to - have - (to - have) // 2
            x = torch.cat([first, x, x.new_zeros(sides)], axis)
    return x


def blurred(op: Any, x: Tensor) -> Tensor:
    """Along one dimension after the other, by the rows of Pascal's triangle."""
    rank, k = x.ndim - 2, int(op.k)
    p = (k - 1) // 2 if op.padding == "auto" else int(op.padding)
    x = F.pad(x, [p] * (2 * rank), mode=op.mode)
    for axis, stride in enumerate(each(op.stride, rank), 2):
        steps = [x.narrow(axis, i, x.shape[axis] - k + 1) for i in range(k)]
        x = sum(comb(k - 1, i) * step for i, step in enumerate(steps)) / 2 ** (k - 1)
        x = x.index_select(axis, torch.arange(0, x.shape[axis], stride))
    return x


def local_response(op: Any, x: Tensor) -> Tensor:
    """Krizhevsky et al. 2012, section 3.3, alpha divided by the size, zeros at both ends."""
    size, channels = int(op.size), x.shape[1]
    sums = []
    for channel in range(channels):
        first = max(0, channel - size // 2)
        last = min(channels, channel + (size - 1) // 2 + 1)
        sums.append(x[:, first:last].square().sum(1))
    divisor = (float(op.k) + float(op.alpha) * torch.stack(sums, 1) / size) ** float(op.beta)
    return x / divisor


def pooled(op: Any, x: Tensor) -> Tensor:
    rank = x.ndim - 2
    k = each(op.k, rank)
    stride = k if op.stride is None else each(op.stride, rank)
    if op.name == "avgpool":
        padding = padded(op.padding, k, stride, (1,) * rank)
        pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[rank - 1]
        return pool(x, k, stride, padding, op.ceil, op.count_include_pad)
    dilation = each(op.dilation, rank)
    padding = padded(op.padding, k, stride, dilation)
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1]
    return pool(x, k, stride, padding, dilation, op.ceil)  # type: ignore[no-any-return]


# --- what a repeated body reads ------------------------------------------------------------------


def _unambiguous(run: Run, around: Body) -> None:
    """A value that is the first copy's input and has a name outside is another in the other copies.

    The one body that stands for them all cannot say which it means.
    """
    if run.count < 2 or not isinstance(run.unit, Group) or run.unit.body.output == run.input:
        return
    steps = list(_steps(run.unit.body))
    kept = {step.name for step in _steps(around) if isinstance(step, Keep)}
    # What a `let` names is no step.
    own = {"here"} | {use.name for step in steps for use in _uses(step) if use.name not in kept}
    for step in steps:
        if isinstance(step, Keep) and step.ref == run.input:
            own.add(step.name)
        if isinstance(step, Fork):
            own |= {b.label for b in step.branches if b.apply.output == run.input}
        if isinstance(step, Residual) and step.main.output == run.input:
            own.add("main")
    for step in steps:
        for use in _uses(step):
            if use.ref == run.input and use.name not in own:
                raise AmbiguousError(
                    f"`{use.name}` in a repeated body is its first copy's input, or each copy's"
                )


def _steps(body: Body) -> Iterator[Any]:
    for step in body.steps:
        yield step
        match step:
            case Apply():
                yield from _inside(step)
            case Residual():
                yield from _steps(step.main)
                if step.shortcut is not None:
                    yield from _inside(step.shortcut)
            case Fork():
                for branch in step.branches:
                    yield from _inside(branch.apply)


def _inside(apply: Apply) -> Iterator[Any]:
    for run in apply.runs:
        if isinstance(run.unit, Group):
            yield from _steps(run.unit.body)


def _uses(step: Any) -> Iterator[Use]:
    pending = [step.join] if isinstance(step, Fork | Join) else []
    while pending:
        match pending.pop():
            case Use() as use:
                yield use
            case Combine(_, operands):
                pending += operands


# --- the state that a design says ----------------------------------------------------------------


def tensors(network: Network) -> dict[str, tuple[int, ...]]:
    """Shapes by key, in the order of the steps: a body's own first, containers whole."""
    return dict(_of_body(network.root.body, ""))


def _of_body(body: Body, path: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    applies = list(_applies(body))
    for apply in applies:
        if apply.held:
            yield from _of_apply(apply, path)
    for apply in _contained([apply for apply in applies if not apply.held], 0):
        yield from _of_apply(apply, path)


def _applies(body: Body) -> Iterator[Apply]:
    """Each module at its first call."""
    return (apply for apply in _calls(body) if not apply.is_again)


def _calls(body: Body) -> Iterator[Apply]:
    for step in body.steps:
        match step:
            case Apply():
                yield step
            case Residual():
                yield from _calls(step.main)
                if step.shortcut is not None:
                    yield step.shortcut
            case Fork():
                yield from (branch.apply for branch in step.branches)


def _contained(applies: list[Apply], depth: int) -> Iterator[Apply]:
    """The members of each container together, those that are numbers in their order."""
    rows: dict[str, list[Apply]] = {}
    for apply in applies:
        rows.setdefault(apply.key.split(".")[depth], []).append(apply)
    names = list(rows)
    if depth and all(name.isdigit() and str(int(name)) == name for name in names):
        names.sort(key=int)
    for name in names:
        row = rows[name]
        if len(row[0].key.split(".")) == depth + 1:
            yield from row
        else:
            yield from _contained(row, depth + 1)


def _of_apply(apply: Apply, path: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    number = 0
    for run in apply.runs:
        for _ in range(run.count):
            key = _before(apply, path, number)
            number += 1
            yield from _of_unit(run.unit, run, key)


def _before(apply: Apply, path: str, number: int) -> str:
    """What stands before the names of the tensors of a copy."""
    if apply.held:
        return f"{path}{apply.key}{_HELD}"
    return f"{path}{apply.key}." + (f"{number}." if apply.repeated else "")


def _of_held(key: str) -> str:
    """A tensor that a body holds itself goes by the body's name for it."""
    return key.partition(_HELD)[0]


def _of_unit(unit: Unit, run: Run, path: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    if isinstance(unit, Instance):
        yield from _of_body(unit.definition.body, path)
    elif isinstance(unit, Group):
        yield from _of_body(unit.body, path)
    else:
        for name, shape in _of_operator(unit, int(run.shape.channels), run.shape.rank).items():
            yield _of_held(path + name), shape


def _of_operator(op: Any, channels: int, rank: int) -> Mapping[str, tuple[int, ...]]:
    match op.name:
        case "conv":
            size = (int(op.channels), channels // int(op.groups), *each(op.k, rank))
            return _of_convolution(op, size)
        case "conv_transpose":
            size = (channels, int(op.channels) // int(op.groups), *each(op.k, rank))
            return {"weight": size} | ({"bias": (int(op.channels),)} if op.bias else {})
        case "depthwise":
            return _of_convolution(op, (channels * int(op.multiplier), 1, *each(op.k, rank)))
        case "linear":
            size = (int(op.features), channels)
            return {"weight": size} | ({"bias": size[:1]} if op.bias else {})
        case "batchnorm" | "groupnorm" | "layernorm" | "instancenorm":
            own = {"weight": (channels,), "bias": (channels,)} if op.affine else {}
            if op.name != "batchnorm":
                return own
            running = {"running_mean": (channels,), "running_var": (channels,)}
            return own | running | {"num_batches_tracked": ()}
        case "attention_pool":
            own = {"weight": (1, channels, *(1,) * rank)}
            return own | ({"bias": (1,)} if op.bias else {})
        case "channel_conv":
            return {"weight": (1, 1, int(op.k))} | ({"bias": (1,)} if op.bias else {})
        case "global_response_norm":
            return dict.fromkeys(("weight", "bias"), (channels,))
        case "filter_response_norm":
            return dict.fromkeys(("weight", "bias", "tau"), (channels,))
        case "evonorm":
            return dict.fromkeys(("weight", "bias", "v"), (channels,))
        case "prelu":
            return {"weight": (channels,)}
        case "layer_scale" | "layer_shift":
            size = (channels if op.per == "channel" else 1,)
            name = "gamma" if op.name == "layer_scale" else "beta"
            return {name: size + (1,) * rank if op.shape == "map" else size}
        case _:
            return {}


def _of_convolution(op: Any, size: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    made = {"weight": size}
    if op.bias:
        made["bias"] = size[:1]
    if op.weights == "scaled":
        made["gain"] = (size[0], *(1,) * (len(size) - 1))
    return made


def elements(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(map(prod, shapes.values()))
