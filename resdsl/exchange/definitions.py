"""Definitions of a JSON design, rebuilt step by step: every shape is inferred again.

Nothing of what a file says of shapes is believed, for it says nothing of them: operators are asked
again, and what must agree is compared again, at the declared input as for a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resdsl import limits
from resdsl.design.model import Body, Definition, Ref
from resdsl.exchange import json_values
from resdsl.exchange.bodies import Bodies
from resdsl.exchange.forms import DefinitionForm
from resdsl.exchange.known_values import Values
from resdsl.exchange.parameters import read_parameters
from resdsl.exchange.reading import Reading
from resdsl.exchange.refusal import at, refuse_unless
from resdsl.extents import Shape
from resdsl.language.elaborate.definitions import IN_CHANNELS, OUT_CHANNELS, channels_of
from resdsl.language.values.values import key
from resdsl.provenance import Leaf, traced


class Definitions:
    """The definitions of one file, each read when it is first used."""

    def __init__(self, reading: Reading, outputs: Mapping[int, tuple[Ref, ...]]) -> None:
        """`outputs` are those of the network and its variants, where it has them by name: of each
        definition by its number."""
        self.reading = reading
        self.outputs = outputs
        self.known: dict[int, Definition] = {}

    def read(self, number: int, inputs: tuple[Shape, ...], depth: int = 0) -> Definition:
        """Definition `number`, whose inputs have these shapes at its first use."""
        if number not in self.known:
            with at(f"definitions[{number}]"):
                refuse_unless(depth <= limits.INSTANCE_DEPTH, "definitions are nested too deeply")
                self.known[number] = found = self._rebuilt(number, inputs, depth)
            self.reading.inference.remember(found)
        return self.known[number]

    def _rebuilt(self, number: int, inputs: tuple[Shape, ...], depth: int) -> Definition:
        def inner(number: int, inputs: tuple[Shape, ...]) -> Definition:
            return self.read(number, inputs, depth + 1)

        form = self.reading.forms[number]
        with at(".arguments"):
            arguments = json_values.read_all(form.arguments, {})
        with at(".parameters"):
            parameters = read_parameters(form, arguments, inputs)
        values = Values()
        with at(".inputs"):
            refuse_unless(len(form.inputs) == len(inputs), "other inputs than the use of it has")
            is_right = len(form.inputs) - len(form.tensors) in (1, 2)
            refuse_unless(is_right, "they are `in`, the tensors, and perhaps `main`")
            is_right = form.kind == "shortcut" or not form.reads_main
            refuse_unless(is_right, "a shortcut alone reads `main`")
            _make_inputs(form, arguments, inputs, values)
        bodies = Bodies(self.reading, number, arguments, values, inner)
        body = bodies.whole()
        with at(".outputs"):
            others = self._others(number, form, body, values)
        last = max(values.shapes) + 1
        entering = values.shapes[form.inputs[0]]
        return Definition(
            form.name,
            form.kind,
            form.origin,
            form.doc,
            parameters,
            arguments,
            form.inputs,
            body,
            [values.shapes.get(ref, entering) for ref in range(last)],
            [("a value", None)] * last,
            bodies.modules.reads_extents,
            others,
            form.tensors,
            tuple(output.name for output in form.outputs),
        )

    def _others(
        self, number: int, form: DefinitionForm, body: Body, values: Values
    ) -> tuple[Ref, ...]:
        """The results behind the first."""
        outputs = form.outputs
        refuse_unless(form.kind == "block" or not outputs, "a block alone has results here")
        others = tuple(output.ref for output in outputs[1:])
        if form.kind == "network":
            others = self.outputs.get(number, ())[1:]
        elif outputs:
            refuse_unless(outputs[0].ref == body.output, "the first is what the body ends with")
            names = [output.name for output in outputs]
            refuse_unless(len({*names}) == len(names), "two results have one name")
        for ref in others:
            values.shape(ref)
        return others


def _make_inputs(
    form: DefinitionForm, arguments: Mapping[str, Any], inputs: tuple[Shape, ...], values: Values
) -> None:
    """The inputs by number; their channels come from what the definition calls them."""
    leaves = [IN_CHANNELS, *map(channels_of, form.tensors), OUT_CHANNELS]
    names = {parameter.name for parameter in form.parameters}
    for ref, shape, leaf in zip(form.inputs, inputs, leaves, strict=False):
        is_own = leaf not in names and key(arguments.get(leaf)) == int(shape.channels)
        inner = traced(int(shape.channels), Leaf(leaf)) if is_own else int(shape.channels)
        values.make(ref, shape if form.kind == "network" else shape.with_channels(inner))
