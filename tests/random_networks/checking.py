"""Everything that must hold of a text: one `Failure` for each thing that does not."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from math import inf, isfinite, prod
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import resdsl
from resdsl import Design
from resdsl.design.state import state
from resdsl.design.taps import taps
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.elaborate.outputs import with_outputs
from resdsl.targets import load, verify
from resdsl.targets.module import build, executed
from resdsl.targets.names import variable
from tests.arguments import unlike
from tests.hidden_names import hidden
from tests.random_networks.interpreting.interpreter import Interpreter
from tests.random_networks.interpreting.state import State
from tests.random_networks.interpreting.state_shapes import elements, tensors
from tests.random_networks.rounding import Inexact
from tests.random_networks.said_outputs import said_outputs
from tests.whole_floats import ints_for_floats

BATCH = 3
# What is larger is not run: it takes the time of hundreds.
MOST_PARAMS = 1_000_000
MOST_MACS = 20_000_000
MOST_ELEMENTS = 3_000_000
RTOL, ATOL = 1e-6, 1e-9
# How kinds of failures begin that are of a network with outputs of its own.
FEATURES = "features: "


@dataclass(frozen=True, slots=True)
class Failure:
    """`kind` is what a smaller text must still show."""

    kind: str
    message: str
    # The key of the parameter or the buffer that differs, and by how much.
    of: str = ""
    far: float = inf

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}".replace("\n", " | ")


@dataclass(slots=True)
class Outcome:
    """`networks` were built and compared; a text may be refused, and have none."""

    failures: list[Failure]
    networks: int = 0
    codes: tuple[str, ...] = ()
    # The emitted modules.
    sources: list[str] = field(default_factory=list)


def examine(text: str, seed: int = 0, kind: str = "", *, whole: bool = True) -> Outcome:
    """Checks a text and all networks in it; with a `kind` of failure, only as far as that needs.

    Not `whole`: that the text of each module is right, loads, and gives the interpreter's outputs.
    """
    try:
        report = resdsl.check(f"{text}\n")
        str(report)
    except Exception as error:
        return Outcome([raised("check", error)])
    codes = tuple(d.code.id for d in report.diagnostics if d.severity == "error")
    if not report.ok and not codes:
        return Outcome([Failure("check: not ok", "without an error")])
    outcome = Outcome([], codes=codes)
    for design in report.designs:
        said = said_outputs(f"{text}\n", design.name)
        own = design.network.outputs if len(design.network.outputs) > 1 or said else ()
        if said is not None and own != said:
            outcome.failures.append(Failure("outputs", f"{own}, and the text says {said}"))
        found = list(_first(failures(design, seed, kind, whole=whole)))
        if not found and (whole or kind.startswith(FEATURES)):
            found = list(_first(_features(design, seed, kind)))
        if whole and not found and (design.network.free_parameters or design.network.flags):
            found = list(_first(_arguments(design, text, seed)))
        outcome.failures += found
        outcome.networks += 1
        if not found:
            outcome.sources.append(design.source())
    return outcome


def _features(design: Design, seed: int, kind: str) -> Iterator[Failure]:
    """Some of its tensors as outputs: a network by itself, whose tensors are those of the whole."""
    random = Random(seed)
    known = list(taps(design.network.root.body))
    if not known:
        return
    names = random.sample(known, min(len(known), random.randint(1, 3)))
    sink = Sink()
    network = with_outputs(design.network, tuple((name, name) for name in names), sink)
    if network is None:
        if any(one.code.id != "E0201" for one in sink.diagnostics):  # it fits several
            yield Failure(f"{FEATURES}refused", str(sink.diagnostics[0].message))
        return
    part = Design(network)
    for failure in failures(part, seed, kind.removeprefix(FEATURES)):
        yield Failure(f"{FEATURES}{failure.kind}", f"features={names}: {failure.message}")
    # Of the sizes of the part: what the whole does not call asks nothing of its own.
    extents = some_extents(part, Random(seed))
    if extents is None or design.params > MOST_PARAMS or (part.macs or 0) > MOST_MACS:
        return
    if elements_through(part, part.source(), extents) > MOST_ELEMENTS:
        return
    whole = replace(network, root=replace(network.root, body=design.network.root.body))
    module = load(network, part.source(), seed=0)
    filled = load(design.network, design.source(), seed=0).double().eval()
    scramble(filled, seed)
    state = filled.state_dict()
    module.load_state_dict({key: state[key] for key in module.state_dict()})
    x = images(design, extents, seed)
    with torch.no_grad():
        wanted = Interpreter(whole, State(dict(state))).results(x, network.root.outputs)
        made = results(part, module.double().eval()(x))
    for name, one, other in zip(network.outputs, wanted, made, strict=True):
        yield from _alike(f"{FEATURES}of the whole", one.tensor, other, name)


def _arguments(design: Design, text: str, seed: int) -> Iterator[Failure]:
    """Other values of what stays an argument of the module."""

    def again(values: dict[str, Any]) -> Design:
        return resdsl.design(f"{text}\n", net=design.name, settings=values)

    try:
        again({})
    except resdsl.SpecError:
        return  # another network of the text has a mistake
    for line in unlike(design, again):
        yield Failure("argument", line)
    for variant in design.network.variants:
        other = again(dict(variant.flags))
        yield from _flagged(design, other, list(variant.flags.values()), seed)


def _flagged(design: Design, other: Design, flags: list[bool], seed: int) -> Iterator[Failure]:
    """With these truth values a module gives what another compile's does, and starts so."""
    kind = f"argument: {flags}"
    extents = some_extents(other, Random(seed))
    if extents is None or other.params > MOST_PARAMS or (other.macs or 0) > MOST_MACS:
        return
    if elements_through(other, other.source(), extents) > MOST_ELEMENTS:
        return
    wanted = load(other.network, other.source(), seed=0).double().eval()
    made = build(design.source(), design.name, flags=flags).double().eval()
    scramble(wanted, seed)
    made.load_state_dict(wanted.state_dict())
    x = images(other, extents, seed)
    with torch.no_grad():
        pairs = zip(results(other, wanted(x)), results(design, made(x)), strict=True)
    for one, two in pairs:
        yield from _alike(kind, one, two)
    for module in (wanted, made):
        torch.manual_seed(seed)
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    states = zip(wanted.state_dict().items(), made.state_dict().values(), strict=True)
    for (name, one), two in states:
        yield from _alike(f"{kind} start", one, two, name)


def _first(found: Iterator[Failure]) -> Iterator[Failure]:
    """One is enough: what follows would follow from it."""
    for failure in found:
        yield failure
        return


def raised(where: str, error: BaseException) -> Failure:
    """An exception, told apart by its type and by where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/resdsl/" in f.filename and "/tests/" not in f.filename]
    emitted = [f for f in frames if f.filename.startswith("<resdsl")]
    at = f"{Path(own[-1].filename).name}:{own[-1].name}" if own else "?"
    line = linecache.getline(emitted[-1].filename, emitted[-1].lineno or 0) if emitted else ""
    message = " ".join(str(error).split())[:300]
    place = " <- ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(own[-3:]))
    if emitted:
        at = "emitted"
    return Failure(
        f"{where}: {type(error).__name__} in {at}", f"{message} [{place}] {line.strip()}".strip()
    )


def _declared(design: Design) -> tuple[int, ...]:
    """The size that a network declares, or one that it takes where it is free or a vector."""
    return tuple(n if isinstance(n, int) else design.sizes().min_input for n in design.input[1:])


def failures(design: Design, seed: int, kind: str = "", *, whole: bool = True) -> Iterator[Failure]:
    """What does not hold of a design, in the order in which it is looked at."""
    if whole:
        yield from _looks(design)
    try:
        source = design.source()
    except Exception as error:
        yield raised("source", error)
        return
    yield from _source(source)
    if whole:
        yield from _told(design, source, seed, kind)
    if kind.startswith(("source: ", "design: state", "design: params")):
        return
    if design.params > MOST_PARAMS or (design.macs or 0) > MOST_MACS:
        return
    try:
        module = load(design.network, source, seed=0)
    except Exception as error:
        yield raised("load", error)
        return
    if not kind.startswith("load: "):
        yield from _module(design, module, source, seed, kind or ("" if whole else "eval"))


def _looks(design: Design) -> Iterator[Failure]:
    """What looks at a design and ends in an exception."""
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("table", lambda: (str(design.table()), design.stages)),
        ("sizes", lambda: design.sizes().text()),
        ("numbers", lambda: (design.params, design.macs, design.activations, design.depth)),
        ("shortcut path", lambda: str(design.shortcut_path())),
        ("size table", lambda: str(design.size_table(_declared(design)))),
        ("repr", lambda: (repr(design), design.output)),
    ]
    for name, look in steps:
        try:
            look()
        except Exception as error:
            yield raised(name, error)


def _source(source: str) -> Iterator[Failure]:
    try:
        compile(source, "emitted.py", "exec")
    except SyntaxError as error:
        yield Failure("source: SyntaxError", f"{error.msg}: {(error.text or '').strip()}")
        return
    for line in hidden(source):
        yield Failure("source: hidden", line)
    for line in ints_for_floats(source):
        yield Failure("source: an int for a float", line)


def _told(design: Design, source: str, seed: int, kind: str) -> Iterator[Failure]:
    """What else is told of a design, and its text written again."""
    if seed % 4 == 0 and design.source() != source:
        yield Failure("source: changes", "the second text differs from the first")
    yield from _json(design, source)
    if (seed % 4 == 1 and not kind) or kind.startswith("verify"):
        try:
            verify(design.network, source)
        except Exception as error:
            yield raised("verify", error)
    yield from _state(design)


def _json(design: Design, source: str) -> Iterator[Failure]:
    """Written as JSON and read again, it is the same design."""
    try:
        text = design.to_json()
        again = resdsl.design(text)
    except Exception as error:
        yield raised("json", error)
        return
    if again.to_json() != text:
        yield Failure("json: changes", "what is written again differs")
    if again.source() != source:
        yield Failure("json: source", "the module differs")


def _state(design: Design) -> Iterator[Failure]:
    entries = list(state(design.network))
    said = {entry.key: tuple(map(int, entry.tensor.shape)) for entry in entries}
    wanted = tensors(design.network)
    if list(said.items()) != list(wanted.items()):
        yield Failure("design: state", _difference(wanted, said))
    buffers = sum(entry.tensor.size for entry in entries if entry.is_buffer)
    if design.params != elements(wanted) - buffers or design.buffers != buffers:
        counts = (design.params, design.buffers, elements(wanted), buffers)
        yield Failure("design: params", f"params {counts[0]}, buffers {counts[1]}: {counts[2:]}")


def _difference(wanted: dict[str, Any], made: dict[str, Any]) -> str:
    for (key, shape), (other, size) in zip(wanted.items(), made.items(), strict=False):
        if (key, shape) != (other, size):
            return f"wanted {key} {shape}, got {other} {size}"
    missing, extra = list(wanted)[len(made) :], list(made)[len(wanted) :]
    return f"missing {missing[:3]}, too many {extra[:3]}"


# --- the module ----------------------------------------------------------------------------------


def _module(
    design: Design, module: nn.Module, source: str, seed: int, kind: str
) -> Iterator[Failure]:
    wanted = tensors(design.network)
    made = {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}
    if list(made.items()) != list(wanted.items()):
        yield Failure("module: state", _difference(wanted, made))
        return
    if not kind or kind.startswith(("start: ", "construct: ")):
        yield from _starts(design, source)
    extents = some_extents(design, Random(seed))
    if extents is None or elements_through(design, source, extents) > MOST_ELEMENTS:
        return
    scramble(module, seed)
    module.double()
    stages: list[tuple[str, Callable[[], Iterator[Failure]]]] = [
        ("backward with", lambda: _trained_as_written(module, design, extents, seed)),
        ("eval", lambda: settled(design, module, extents, seed, training=False)),
        ("train", lambda: settled(design, module, extents, seed, training=True)),
        ("macs", lambda: _costs(design, module, extents)),
        ("sizes", lambda: _other_sizes(design, module, seed)),
    ]
    chosen = [stage for stage in stages if kind.startswith(stage[0])] if kind else stages
    try:
        for _, stage in chosen or stages:
            yield from stage()
    except Exception as error:
        yield raised("module", error)


def elements_through(design: Design, source: str, extents: tuple[int, ...]) -> int:
    """What all modules of a network give for one sample, counted on torch's meta device.

    Where the design says that it is little, that is believed: a large one takes a while, no more.
    """
    try:
        graph = design.at(*extents).graph("op")
    except resdsl.SpecError:
        # Of too many operators; a text that is made shorter may have `x 1000000`.
        return 2 * MOST_ELEMENTS
    said = sum(prod(shape) for _, shape in graph.nodes(data="shape") if shape)
    if said <= MOST_ELEMENTS // 10:
        return said
    total = 0

    def count(_module: nn.Module, _inputs: Any, output: Any) -> None:
        nonlocal total
        parts = output.values() if isinstance(output, dict) else output
        for tensor in parts if isinstance(output, tuple | dict) else (output,):
            total += tensor.numel()

    module = build(source, design.name, "meta").eval()
    with torch.device("meta"), torch.no_grad():
        for part in module.modules():
            part.register_forward_hook(count)
        try:
            module(torch.empty(1, int(design.network.input.channels), *extents))
        except Exception:
            return 0  # what is wrong is told by the real run
    return total


def some_extents(design: Design, random: Random) -> tuple[int, ...] | None:
    """The declared extents; free ones are small and odd or even as it comes."""
    declared = design.network.input.extents
    if None not in declared:
        return tuple(n for n in declared if n is not None)
    for most in (9, 14, 20, 33):
        for _ in range(20):
            chosen = tuple(random.randint(1, most) if n is None else n for n in declared)
            if design.sizes().allows(chosen):
                return chosen
    return None


def scramble(module: nn.Module, seed: int) -> None:
    """Weights that tell all tensors apart, running statistics too."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for key, tensor in module.state_dict().items():
            name = key.rpartition(".")[2]
            if not tensor.is_floating_point():
                tensor.fill_(3)
                continue
            noise = torch.randn(tensor.shape, generator=generator)
            if name == "running_var":
                tensor.copy_(noise.abs() + 0.5)
            elif tensor.ndim > 1:
                tensor.copy_(noise * (1.5 / tensor[0].numel()) ** 0.5)
            elif name in ("weight", "gamma"):
                tensor.copy_(1 + 0.3 * noise)
            else:
                tensor.copy_(0.2 * noise)


def _starts(design: Design, source: str) -> Iterator[Failure]:
    """The emitted text's own start: constants as the design says, the rest as wide."""
    factory = getattr(executed(source, design.name), variable(design.name))
    try:
        torch.manual_seed(0)
        module = factory()
    except Exception as error:
        yield raised("construct", error)
        return
    yield from _started(design, module, "start")
    if not module.state_dict():
        return
    # As after `to_empty`, which leaves what the memory held.
    with torch.no_grad():
        for tensor in module.state_dict().values():
            tensor.fill_(torch.nan if tensor.is_floating_point() else 77)
    try:
        module.reset_parameters()
    except Exception as error:
        yield raised("start again", error)
        return
    yield from _started(design, module, "start again")


def _started(design: Design, module: nn.Module, kind: str) -> Iterator[Failure]:
    own = module.state_dict()
    for entry in state(design.network):
        tensor, init = own[entry.key], entry.tensor.init
        if init.kind == "constant":
            if not bool((tensor == torch.tensor(init.value, dtype=tensor.dtype)).all()):
                some = tensor.flatten()[:2].tolist()
                yield Failure(f"{kind}: constant", f"{entry.key} is {some}, not {init.value}")
            continue
        if bool(tensor.isnan().any()):
            yield Failure(f"{kind}: unset", entry.key)
        wide = {"uniform": init.value / 3**0.5, "trunc_normal": 0.88 * init.value}.get(
            init.kind, init.value
        )
        if tensor.numel() >= 100:
            ratio = float(tensor.std()) / wide
            if not 0.6 < ratio < 1.5:
                yield Failure(f"{kind}: width", f"{entry.key} is {ratio:.2f} times as wide as said")


def _rates(module: nn.Module, rate: float | None) -> list[tuple[nn.Module, float]]:
    """Sets what is dropped; returns what it was."""
    before = []
    for part in module.modules():
        if type(part).__name__.rstrip("_") in ("Dropout", "DropPath") and hasattr(part, "p"):
            before.append((part, part.p))
            if rate is not None:
                part.p = rate  # type: ignore[assignment]
    return before  # type: ignore[return-value]


def _trained_as_written(
    module: nn.Module, design: Design, extents: tuple[int, ...], seed: int
) -> Iterator[Failure]:
    """With dropout at work: nothing to compare, but backward must find what it needs."""
    if not _rates(module, None):
        return
    before = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    x = images(design, extents, seed).requires_grad_()
    try:
        together(results(design, module.train()(x))).square().sum().backward()
    except Exception as error:
        yield raised("backward with dropout", error)
    module.zero_grad()
    module.load_state_dict(before)


def images(design: Design, extents: tuple[int, ...], seed: int, batch: int = BATCH) -> Tensor:
    generator = torch.Generator().manual_seed(seed + 1)
    size = (batch, int(design.network.input.channels), *extents)
    return torch.randn(size, generator=generator, dtype=torch.float64)


def settled(
    design: Design, module: nn.Module, extents: tuple[int, ...], seed: int, *, training: bool
) -> Iterator[Failure]:
    """Compares all, unless rounding alone changes the output or the gradients.

    A norm of equal values divides by the root of its epsilon: a row of these magnifies the last
    bit a thousandfold each. In training a few hundred norms over a few elements do so too, and what
    they saw is kept, so their buffers differ as well. A buffer is no excuse for another: each may
    differ by a few times what rounding changes in that very buffer, which is nothing in the first
    norms. Another momentum is told in such a network as in any other.
    """
    state = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    found = list(_compared(design, module, extents, seed, training=training))
    mode = "train" if training else "eval"
    output, gradient, buffer = f"{mode} output", f"{mode} gradient", f"{mode} buffer"
    if found and all(failure.kind.startswith((output, gradient, buffer)) for failure in found):
        differs = any(failure.kind.startswith(output) for failure in found)
        flows = differs or any(failure.kind.startswith(gradient) for failure in found)
        seen = {failure.of: failure.far for failure in found if failure.kind == buffer}
        exact = _results(design, state, extents, seed, 0.0, training)
        for shift, rounding in ((1e-13, nullcontext()), (0.0, Inexact(seed))):
            with rounding:
                other = _results(design, state, extents, seed, shift, training)
            pairs = zip(exact[0], other[0], strict=True)
            changed = [not _distance(*pair) <= 1e-9 for pair in pairs]
            if flows and not (changed[0] if differs else any(changed)):
                continue
            if all(far <= 10 * _far(exact[1][key], other[1][key]) for key, far in seen.items()):
                return
    yield from found


def _results(
    design: Design,
    state: dict[str, Tensor],
    extents: tuple[int, ...],
    seed: int,
    shift: float,
    training: bool,
) -> tuple[list[Tensor], dict[str, Tensor]]:
    """The interpreter's output and gradients, with what goes in moved by a part of itself.

    And its state afterwards, in which running statistics are those of this run.
    """
    generator = torch.Generator().manual_seed(seed)

    def moved(tensor: Tensor) -> Tensor:
        noise = torch.randn(tensor.shape, generator=generator, dtype=tensor.dtype)
        return tensor * (1 + shift * noise)

    own = {key: tensor.clone() for key, tensor in state.items()}
    wanted = [key for key in own if key.rpartition(".")[2] in ("weight", "bias")]
    for key in wanted:
        own[key] = moved(own[key]).requires_grad_()
    x = moved(images(design, extents, seed)).requires_grad_()
    oracle = Interpreter(design.network, State(own, training))
    result = together([value.tensor for value in oracle.run(x)])
    loss = torch.randn(result.shape, generator=generator, dtype=result.dtype)
    (result * loss).sum().backward()
    read = [x, *(own[key] for key in wanted)]
    grads = [tensor.grad for tensor in read if tensor.grad is not None]
    after = {key: tensor.detach() for key, tensor in oracle.state.tensors.items()}
    return [result.detach(), *grads], after


def results(design: Design, given: Any) -> list[Tensor]:
    """What a module gives, a tensor or several by name."""
    if len(design.network.outputs) < 2:
        return [given]
    assert tuple(given) == design.network.outputs
    return list(given.values())


def together(found: list[Tensor]) -> Tensor:
    """Several tensors as one, which is compared like one."""
    return found[0] if len(found) == 1 else torch.cat([one.flatten(1) for one in found], 1)


def _distance(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max() / one.abs().max().clamp(min=1e-30))


def _far(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max())


def _compared(
    design: Design, module: nn.Module, extents: tuple[int, ...], seed: int, *, training: bool
) -> Iterator[Failure]:
    mode = "train" if training else "eval"
    rates = _rates(module, 0.0)
    module.train(training)
    own = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    names = {name for name, _ in module.named_parameters()}
    for name in names:
        own[name].requires_grad_()
    oracle = Interpreter(design.network, State(own, training))
    x = images(design, extents, seed)
    known = x.clone().requires_grad_()
    values = oracle.run(known)
    wanted = together([value.tensor for value in values])
    untouched = x.clone()
    with torch.no_grad():
        before = {key: tensor.clone() for key, tensor in module.state_dict().items()}
        try:
            given_back = module(x)
            plain = together(results(design, given_back))
        except Exception as error:
            yield raised(f"{mode} forward", error)
            return
        module.load_state_dict(before)
    if not torch.equal(x, untouched):
        yield Failure(f"{mode}: input", "the module overwrites its input")
    yield from _alike(f"{mode} output", wanted, plain)
    given = x.clone().requires_grad_()
    try:
        result = together(results(design, module(given)))
        weights = torch.randn(
            result.shape, generator=torch.Generator().manual_seed(seed), dtype=result.dtype
        )
        (result * weights).sum().backward()
    except Exception as error:
        yield raised(f"{mode} backward", error)
        return
    yield from _alike(f"{mode} output with gradients", wanted, result)
    if wanted.requires_grad:
        (wanted * weights).sum().backward()
    yield from _alike(f"{mode} gradient of the input", known.grad, given.grad)
    scale = max(
        (float(own[n].grad.abs().max()) for n in names if own[n].grad is not None), default=1
    )
    for name, parameter in module.named_parameters():
        yield from _alike(f"{mode} gradient", own[name].grad, parameter.grad, name, scale)
    module.zero_grad()
    for name, buffer in module.named_buffers():
        # A layer whose result nothing reads is not called.
        expected = oracle.state.tensors[name] if name in oracle.state.used else before[name]
        yield from _alike(f"{mode} buffer", expected, buffer, name)
    unused = set(own) - oracle.state.used - oracle.left
    if unused and not oracle.unseen:
        yield Failure("design: unused", f"no step reads {sorted(unused)[:3]}")
    if not training:
        depth = max(value.depth for value in values)
        if depth != design.depth:
            yield Failure("design: depth", f"{design.depth}, and counted {depth}")
        at = design.at(*extents)
        counted = oracle.activations // BATCH
        if at.activations != counted:
            yield Failure("design: activations", f"{at.activations}, and counted {counted}")
        shapes = [tuple(value.tensor.shape[1:]) for value in values]
        if list(at.outputs.values()) != shapes:
            yield Failure("design: output", f"{at.outputs}, and is {shapes}")
    for part, rate in rates:
        part.p = rate  # type: ignore[assignment]


def _alike(
    kind: str, wanted: Tensor | None, made: Tensor | None, name: str = "", scale: float = 0
) -> Iterator[Failure]:
    where = f"{name} " if name else ""
    if wanted is None or made is None:
        one, other = wanted is None, made is None
        some = wanted if wanted is not None else made
        # Where nothing flows, zeros will do.
        if one != other and some is not None and bool(some.abs().max() > 0):
            yield Failure(kind, f"{where}is there on one side only")
        return
    if wanted.shape != made.shape:
        yield Failure(kind, f"{where}is {tuple(made.shape)}, not {tuple(wanted.shape)}")
        return
    if not wanted.is_floating_point():
        if not torch.equal(wanted, made):
            yield Failure(kind, f"{where}is {made.tolist()}, not {wanted.tolist()}")
        return
    wanted, made = wanted.detach(), made.detach()
    finite = wanted[wanted.isfinite()]
    scale = max(scale, float(finite.abs().max()) if finite.numel() else 0.0)
    scale = scale if isfinite(scale) else 0.0
    if not torch.allclose(wanted, made, rtol=RTOL, atol=ATOL + RTOL * scale, equal_nan=True):
        far = float((wanted - made).abs().nan_to_num().max())
        message = f"{where}differs by up to {far:.3g} of {scale:.3g}"
        yield Failure(kind, message, name, _far(wanted, made))


# --- costs and sizes -----------------------------------------------------------------------------


def _costs(design: Design, module: nn.Module, extents: tuple[int, ...]) -> Iterator[Failure]:
    made = counted(design, module, extents)
    said = design.at(*extents).macs
    if made != said:
        yield Failure("macs", f"the design says {said}, torch counts {made}")


def counted(design: Design, module: nn.Module, extents: tuple[int, ...]) -> int:
    module.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(images(design, extents, 0, batch=2))
    return int(counter.get_total_flops()) // 4


def _other_sizes(design: Design, module: nn.Module, seed: int) -> Iterator[Failure]:
    """The design allows a size exactly where torch does."""
    random = Random(seed)
    sizes = design.sizes()
    for _ in range(2):
        extents = tuple(random.randint(1, 14) for _ in design.network.input.names)
        allowed = sizes.allows(extents)
        try:
            with torch.no_grad():
                # Of two: alone, torch refuses a group norm of one value, also in eval.
                found = results(design, module.eval()(images(design, extents, 0, batch=2)))
                shapes = [tuple(tensor.shape[1:]) for tensor in found]
            # Of a map that was cropped away torch goes on with nothing: its mean is no number.
            empty = any(bool(tensor.isnan().any()) for tensor in found)
            ran, why = all(tensor.numel() for tensor in found), "it gives nothing"
        except Exception as error:
            ran, why = False, " ".join(str(error).split())[:200]
        if allowed and not ran:
            yield Failure("sizes: allows", f"{extents}, where torch says {why}")
        elif (
            ran
            and not (allowed or empty)
            and not any(_happens_to_be_one(m, extents) for m in sizes.meetings)
        ):
            yield Failure("sizes: refuses", f"{extents}, where torch gives {shapes}")
        elif allowed:
            at = design.at(*extents)
            said = list(at.outputs.values())
            if said != shapes:
                yield Failure("sizes: output", f"{said} at {extents}, torch gives {shapes}")
            made = counted(design, module, extents)
            if at.macs != made:
                yield Failure("sizes: macs", f"{at.macs} at {extents}, torch counts {made}")


def _happens_to_be_one(meeting: Any, extents: tuple[int, ...]) -> bool:
    """Torch would broadcast an extent that is 1 at this size; the language does not."""
    both = [*meeting.one.extents, *meeting.two.extents]
    return any(e.at(0 if e.axis is None else extents[e.axis]) == 1 for e in both)
