"""A JSON design read back: its form first, then every rule of the language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from math import prod

from pydantic import ValidationError

from resdsl import limits
from resdsl.design.freezing import frozen
from resdsl.design.inference import EffortError
from resdsl.design.model import Definition
from resdsl.design.network import InputSpec, Network, Variant, Varied
from resdsl.design.walk import nesting
from resdsl.diagnostics.codes import BAD_DESIGN, LIMIT, OVERRIDE
from resdsl.diagnostics.diagnostic import Sink
from resdsl.exchange.definitions import Definitions
from resdsl.exchange.forms import DesignForm, NetworkForm, OutputForm
from resdsl.exchange.reading import Reading
from resdsl.exchange.refusal import RefusedError, at, refuse_unless
from resdsl.exchange.variants import read_variants
from resdsl.extents import Shape, variable
from resdsl.extents.conditions import Condition, meant
from resdsl.language.elaborate.recursion_room import deep_recursion
from resdsl.language.messages.shape_errors import ShapeErrors
from resdsl.language.values.input_sizes import GivenSize, UnfitError
from resdsl.source import Source
from resdsl.strict_json import TwiceError, once

# Mistakes of form that are told; a file of another kind has one in every place.
_TOLD = 20


def read(source: Source, sink: Sink, size: GivenSize | None = None) -> Network | None:
    """The network of a design in JSON; None after an error, which names the place in the file.

    The extents of `size` replace the declared ones, as `--input` does for a text; the channels are
    the network's.
    """
    form = _form(source, sink)
    if form is None:
        return None
    try:
        with deep_recursion():
            return _network(form, sink, size)
    except RefusedError as error:
        place = f"{source.name}: {error.place}: " if error.place else f"{source.name}: "
        sink.error(error.code, place + error.message, help=error.help)
        return None
    except EffortError as error:
        sink.error(LIMIT, f"{source.name}: {error}")
        return None


def _form(source: Source, sink: Sink) -> DesignForm | None:
    try:
        json.loads(source.text, object_pairs_hook=once)
        return DesignForm.model_validate_json(source.text)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False)[:_TOLD]:
            place = _place(one["loc"])
            sink.error(BAD_DESIGN, f"{source.name}: {place}: {one['msg']}")
    except RecursionError:
        sink.error(BAD_DESIGN, f"{source.name}: brackets are nested too deeply")
    except json.JSONDecodeError as error:
        sink.error(BAD_DESIGN, f"{source.name}: is no JSON: {error}")
    except TwiceError as error:
        sink.error(BAD_DESIGN, f"{source.name}: an object has {str(error)!r} twice")
    except ValueError:
        sink.error(BAD_DESIGN, f"{source.name}: a number has too many digits")
    return None


def _place(loc: tuple[int | str, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return "".join(parts).lstrip(".") or "the file"


def _network(form: DesignForm, sink: Sink, size: GivenSize | None) -> Network:
    with at("network"):
        spec = _input(form.network)
    if size is not None:
        spec = _resized(spec, size)
    conditions = tuple(
        Condition(c.axis, c.modulus, c.residue, c.least) for c in form.network.input.conditions
    )
    with at("network.input"):
        for axis in range(len(spec.names)):
            first = meant((c for c in conditions if c.axis == axis), 1)[:1]
            refuse_unless(bool(first) and first[0] <= limits.LARGEST_SIZE, "no size is meant")
        for condition in conditions:
            extent = spec.extents[condition.axis]
            holds = extent is None or condition.holds(extent)
            text = condition.text(spec.names[condition.axis])
            refuse_unless(holds, f"the network is for {text}, and that is {extent}")
    shape_errors = ShapeErrors(sink, spec)
    shape_errors.conditions = conditions
    named = {one.name: one.ref for one in form.network.outputs}
    number = len(form.definitions) - 1
    outputs = {one.definition: one.outputs for one in form.network.variants}
    outputs[number] = tuple(named.values())
    definitions = Definitions(Reading(form.definitions, shape_errors), outputs)
    with at(f"definitions[{number}]"):
        refuse_unless(form.definitions[number].kind == "network", "the last is the network's own")
    axes = tuple(variable(axis) for axis in range(len(spec.extents)))
    shape = Shape(spec.channels, axes, flat=not axes)
    root = definitions.read(number, (shape,))
    with at("network.outputs"):
        _verify_outputs(form.network.outputs, root)
    with at(f"definitions[{number}]"):
        refuse_unless(nesting(root) <= limits.DEPTH, "bodies are nested too deeply")
    shape_errors.tell(root)
    with at("network.frozen"):
        name = form.network.frozen
        is_some = not name or bool(frozen(root, name))
        refuse_unless(is_some, "no one tensor that is made of something trained is called so")
        is_alone = not (name and form.network.variants)
        refuse_unless(is_alone, "what is frozen has no variants")
    variants: tuple[Variant, ...] = ()
    with at("network"):
        # Another size than they were written at need not be one of all of them.
        shape_errors.sink = sink if size is None else Sink()
        with nullcontext() if size is None else suppress(RefusedError):
            variants = read_variants(form.network, definitions, root, shape)
        if shape_errors.sink.errors:
            variants = ()
    if len(variants) == len(form.network.variants):
        unused = sorted(set(range(number)) - set(definitions.known))
        refuse_unless(not unused, f"nothing uses definitions {unused}")
    _refuse_hidden_characters(form)
    return Network(
        form.network.name,
        form.network.doc,
        root,
        spec,
        form.network.source,
        form.network.free_parameters,
        conditions,
        outputs=tuple(named),
        varied=lambda: Varied(variants, form.network.free_parameters),
        frozen=form.network.frozen,
        is_fused=form.network.fused,
    )


def _verify_outputs(forms: Sequence[OutputForm], root: Definition) -> None:
    names = [one.name for one in forms]
    refuse_unless(len(set(names)) == len(names), "two outputs have one name")
    refuse_unless(all(name.isprintable() for name in names), "a text is not printable")
    if forms:
        refuse_unless(forms[0].ref == root.output, "the first is what the network's body ends with")


def _input(form: NetworkForm) -> InputSpec:
    spec = form.input
    with at(".input"):
        refuse_unless(len(spec.names) == len(spec.extents), "a name for each extent")
        refuse_unless(len(set(spec.names)) == len(spec.names), "two extents have one name")
        elements = spec.channels * prod(extent or 1 for extent in spec.extents)
        refuse_unless(elements <= limits.ELEMENTS, "it has more than 2**60 elements")
        refuse_unless(
            len(spec.conditions) <= limits.CONDITIONS, f"more than {limits.CONDITIONS} conditions"
        )
        for condition in spec.conditions:
            refuse_unless(condition.axis < len(spec.names), "a condition is on an axis")
            refuse_unless(condition.residue < condition.modulus, "no size meets a condition")
    return InputSpec(spec.channels, spec.names, spec.extents)


def _resized(declared: InputSpec, size: GivenSize) -> InputSpec:
    """The extents may be others, the channels not: the weights are made for them. Nor may their
    number: what a spec asks of `in.rank` was answered when the design was made."""
    try:
        meant = size.instead_of(declared, keeps_rank=True)
    except UnfitError as error:
        raise RefusedError(str(error), OVERRIDE, (error.help,)) from None
    if meant.channels != declared.channels:
        message = f"{size.said}: the network's input has {declared.channels} channels"
        raise RefusedError(message, OVERRIDE)
    elements = meant.channels * prod(extent or 1 for extent in meant.extents)
    refuse_unless(elements <= limits.ELEMENTS, "an input has at most 2**60 elements")
    return meant


def _refuse_hidden_characters(form: DesignForm) -> None:
    """Texts reach comments, drawings and terminals: what a spec could not hold is refused."""
    for number, definition in enumerate(form.definitions):
        with at(f"definitions[{number}]"):
            texts = [definition.origin, *(parameter.type for parameter in definition.parameters)]
            refuse_unless(all(text.isprintable() for text in texts), "a text is not printable")
            docs = [definition.doc, *(parameter.doc for parameter in definition.parameters)]
            refuse_unless(all(map(_is_doc, docs)), "a text is not printable")
    with at("network"):
        refuse_unless(form.network.source.isprintable(), "a text is not printable")
        refuse_unless(_is_doc(form.network.doc), "a text is not printable")


def _is_doc(text: str) -> bool:
    return all(line.isprintable() for line in text.replace("\t", " ").split("\n"))
