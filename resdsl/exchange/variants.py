"""The variants of a JSON design, each read as the network itself is."""

from __future__ import annotations

from resdsl import limits
from resdsl.design.model import Definition
from resdsl.design.network import Variant
from resdsl.design.walk import nesting
from resdsl.exchange.definitions import Definitions
from resdsl.exchange.forms import NetworkForm, VariantForm
from resdsl.exchange.refusal import at, refuse_unless
from resdsl.extents import Shape
from resdsl.language.elaborate.variants import are_given_alike
from resdsl.provenance import are_numbers


def read_variants(
    form: NetworkForm, definitions: Definitions, own: Definition, shape: Shape
) -> tuple[Variant, ...]:
    """Every other combination of the truth values of some parameters, each once, with the same
    numbers for what is free. Raises RefusedError."""
    found: list[Variant] = []
    for number, one in enumerate(form.variants):
        with at(f".variants[{number}]"):
            flags = form.variants[0].flags.keys()
            refuse_unless(one.flags.keys() == flags, "the variants have other flags")
            refuse_unless(_are_flags(one, own), "flags are truth values of the network")
            known = definitions.reading.forms
            is_network = one.definition < len(known) and known[one.definition].kind == "network"
            refuse_unless(is_network, "a variant is a network")
            root = definitions.read(one.definition, (shape,))
            refuse_unless(_is_with(root, one), "its definition has other truth values")
            ends = root.outputs if form.outputs else ()
            refuse_unless(one.outputs == ends, "it has other outputs than the network")
            refuse_unless(len(one.outputs) == len(form.outputs), "an output is missing")
            refuse_unless(nesting(root) <= limits.DEPTH, "bodies are nested too deeply")
            refuse_unless(root.parameters == own.parameters, "it has other parameters")
        found.append(Variant(one.flags, root))
    if found:
        with at(".variants"):
            seen = {tuple(one.flags.values()) for one in found}
            own_values = tuple(own.arguments[name] for name in found[0].flags)
            is_whole = len({*seen, own_values}) == len(found) + 1 == 2 ** len(own_values)
            refuse_unless(is_whole, "each other combination stands there once")
    roots = [variant.root for variant in found]
    with at(".free_parameters"):
        numbers = {p.name for p in own.parameters if are_numbers(own.arguments[p.name])}
        refuse_unless(set(form.free_parameters) <= numbers, "they are numbers of the network")
        are_one = all(are_given_alike(name, own, roots) for name in form.free_parameters)
        refuse_unless(are_one, "a variant has another number")
    return tuple(found)


def _are_flags(form: VariantForm, own: Definition) -> bool:
    names = {parameter.name for parameter in own.parameters}
    return all(name in names and isinstance(own.arguments.get(name), bool) for name in form.flags)


def _is_with(root: Definition, form: VariantForm) -> bool:
    return all(root.arguments.get(name) is value for name, value in form.flags.items())
