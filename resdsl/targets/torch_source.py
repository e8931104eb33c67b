"""A design as the text of a Python module that a person could have written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from resdsl.design.network import Network
from resdsl.design.titles import title
from resdsl.ops.base import Helper
from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.branching import Values, branched
from resdsl.targets.checkpointed_stages import RECOMPUTED, checkpoint_methods
from resdsl.targets.class_names import Parameter
from resdsl.targets.class_plan import Plans, planned
from resdsl.targets.class_text import ClassText, written
from resdsl.targets.classes import Classes, Emitted
from resdsl.targets.construct import Built
from resdsl.targets.eval_alone import eval_methods
from resdsl.targets.frozen_stages import frozen_methods
from resdsl.targets.initialisation import Initialisation
from resdsl.targets.lowering import Programs
from resdsl.targets.nodes import INDENT, WIDTH, Call, Items, Text, lines, literal, signature
from resdsl.targets.prose import wrapped
from resdsl.targets.starts import Starts, rules
from resdsl.targets.timm_face import face_methods, head_of_network

# The stamp in the head, which may be broken over two lines.
_STAMP = re.compile(r"\(sha256\s([0-9a-f]{12})\)")
_BLANK = "000000000000"
_MADE = re.compile(r"compiled by resdsl \S+ from (.*?) \(sha256 ")
_SETTINGS = "Made with"
_FUSED = "Fused, for eval alone: `resdsl.load(..., fused=True)` has its weights."


@dataclass(frozen=True, slots=True)
class Header:
    """What the caller knows of the network: numbers for the head of the file.

    `output` as `(N, 1000)`, of several `{low: (N, 256, 14, 14), high: (N, 512, 7, 7)}`; `sizes`
    as `for every H, W >= 1`; `size` as `224 x 224`. The last two are empty where the input is a
    vector. `settings` are what the network was given.
    """

    input: str
    output: str
    sizes: str
    parameters: int
    macs: int | None
    size: str
    settings: str = ""


def emit(network: Network, header: Header, *, version: str) -> str:
    """The text of the module. Equal networks give equal text, to the byte."""
    programs = Programs(network)
    starts = Starts(rules(network, programs), programs)
    classes = Classes(network, programs, starts)
    plans = planned(classes)
    root = classes.of(network.root.body)
    texts = {
        id(made): written(*plans[id(made)], ())
        for made in classes.in_order
        if id(made) in plans and made.form != "network"
    }
    texts[id(root)] = _of_network(network, classes, plans)
    helpers = _helpers(texts.values())
    if network.checkpointed or network.face:
        helpers += RECOMPUTED.with_used
    body: list[str] = []
    for helper in helpers:
        body += ["", "", *helper.text.strip("\n").split("\n")]
    in_order = _in_reading_order(root, texts)
    for emitted in in_order:
        body += ["", "", *texts[id(emitted)].lines]
    function = names.variable(network.name)
    body += ["", "", *_factory(root.name, function, texts[id(root)].parameters)]
    text = "\n".join(
        [
            *_head(network, header, version),
            "",
            *_imports(helpers, in_order, texts),
            "",
            *_exports(root.name, function),
            *body,
            "",
        ]
    )
    stamp = _STAMP.search(text)
    assert stamp is not None
    return text[: stamp.start(1)] + _digest(text) + text[stamp.end(1) :]


def _of_network(network: Network, classes: Classes, plans: Plans) -> ClassText:
    """The network's own class, which is all its variants."""
    found: dict[Values, ClassText] = {}
    flags = network.flags

    def given(emitted: Emitted) -> frozenset[str]:
        return plans[id(emitted)][0].given

    for place, root in enumerate(network.roots):
        methods = Initialisation(classes.starts, classes.in_order, given, place).methods()
        methods += frozen_methods(network, classes.of(root.body).name)
        methods += checkpoint_methods(network)
        methods += eval_methods(network, classes.of(root.body).name)
        head = None
        if network.face:
            head = head_of_network(classes)
            methods += face_methods(network, head)
        values = tuple(bool(root.arguments[name]) for name in flags)
        found[values] = written(*plans[id(classes.of(root.body))], methods, head)
    if not flags:
        return found[()]

    def signature(call: Call) -> dict[str, str | None] | None:
        if not isinstance(call, Built) or call.emitted is None or not call.emitted.is_named:
            return None
        parameters = plans[id(call.emitted)][1].parameters
        return {one.name: one.text.partition(" = ")[2] or None for one in parameters}

    order = [parameter.name for parameter in network.root.parameters]
    return branched(found, flags, order, signature)


def is_pristine(text: str) -> bool:
    """Whether a file is as `emit` wrote it. Line ends do not count."""
    text = text.replace("\r\n", "\n")
    stamp = _STAMP.search(text[: text.find('"""', 3)])
    if not text.startswith('"""') or stamp is None:
        return False
    blank = text[: stamp.start(1)] + _BLANK + text[stamp.end(1) :]
    return _digest(blank) == stamp[1]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _head(network: Network, header: Header, version: str) -> list[str]:
    source = network.source.replace("\\", "/").rsplit("/", 1)[-1]
    source = re.sub(r"[^\w .()\[\]{}<>+=,;@#~-]", "_", source)
    first = f"{title(network.name)}, compiled by resdsl {version} from {source} (sha256 {_BLANK})."
    shape = f"(N, {header.input}) -> {header.output}"
    facts = f"{header.parameters:,} parameters"
    if header.macs is not None:
        facts += f"; {header.macs:,} MACs" + (f" at {header.size}" if header.size else "")
    opening = list(wrapped(f'"""{first}', WIDTH))
    # Names of outputs may hold whatever can be printed, and this text is executed.
    says = _plain(", ".join(part for part in (shape, header.sizes) if part))
    given = f"{_SETTINGS} {_plain(header.settings)}." if header.settings else ""
    made = wrapped(given, WIDTH) if given else ()
    if network.flags:
        says = f"By default {says}"
    fused = wrapped(_FUSED, WIDTH) if network.fused else ()
    return [*opening, "", *wrapped(f"{says}.", WIDTH), f"{facts}.", *fused, *made, '"""']


def _plain(text: str) -> str:
    """A text that ends no docstring, and is one line of it."""
    return re.sub(r"[^ !#-\[\]-~]", "_", text.replace('"', "'"))


def made_of(text: str) -> str | None:
    """From what a file of ours was made: `net.res with width=0.5`, `net.res as it stands`."""
    head = " ".join(text[: text.find('"""', 3)].split())
    source = _MADE.search(head)
    if source is None:
        return None
    given = head.partition(f" {_SETTINGS} ")[2].removesuffix(".")
    return f"{source[1]} {f'with {given}' if given else 'as it stands'}"


def _helpers(texts: Iterable[ClassText]) -> list[Helper]:
    """The helper classes that the file needs, each once, behind those that it uses."""
    needed = (one for text in texts for helper in text.helpers for one in helper.with_used)
    return list({helper.name: helper for helper in needed}.values())


def _imports(
    helpers: Collection[Helper], classes: Sequence[Emitted], texts: Mapping[int, ClassText]
) -> list[str]:
    """What the text names."""
    called = set[str]().union(*(texts[id(emitted)].called for emitted in classes))
    recomputes = RECOMPUTED in helpers
    if recomputes:
        called.add("Any")
    text = ["import contextlib", "import functools"] if recomputes else []
    if "OrderedDict" in called:
        text.append("from collections import OrderedDict")
    if typing := sorted(called & {"Any", "Final"}):
        text.append(f"from typing import {', '.join(typing)}")
    if text:
        text.append("")
    if "torch" in called or any(helper.names_torch for helper in helpers):
        text.append("import torch")
    has_forward = bool(helpers) or any(emitted.has_forward for emitted in classes)
    text.append("from torch import Tensor, nn" if has_forward else "from torch import nn")
    if recomputes:
        text.append("from torch.utils.checkpoint import checkpoint")
    return text


def _exports(network: str, function: str) -> list[str]:
    exported = Items("[", (Text(literal(network)), Text(literal(function))), "]")
    return list(lines(exported, 0, "__all__ = "))


def _in_reading_order(root: Emitted, texts: Mapping[int, ClassText]) -> list[Emitted]:
    """Each class after those it builds, in the order in which the text mentions them."""
    found: list[Emitted] = []
    seen: set[int] = {id(root)}
    stack = [(root, iter(texts[id(root)].mentions))]
    while stack:
        emitted, rest = stack[-1]
        for inner in rest:
            if id(inner) not in seen:
                seen.add(id(inner))
                stack.append((inner, iter(texts[id(inner)].mentions)))
                break
        else:
            stack.pop()
            found.append(emitted)
    return found


def _factory(network: str, function: str, parameters: Sequence[Parameter]) -> list[str]:
    given = ", ".join(parameter.name for parameter in parameters)
    return [
        *signature(function, [parameter.text for parameter in parameters], network, 0),
        f"{' ' * INDENT}return {network}({given})",
    ]
