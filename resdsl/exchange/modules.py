"""Modules of a JSON design: operators, instances of definitions and groups, and their copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from resdsl import limits
from resdsl.design.again import again, in_the_terms_of_the_first
from resdsl.design.dataflow import all_made, outer
from resdsl.design.model import Apply, Body, Definition, Group, Instance, Ref, Run, Unit
from resdsl.exchange import json_values, key_rules, operators
from resdsl.exchange.forms import (
    GroupForm,
    InstanceForm,
    ModuleForm,
    OpForm,
    RunForm,
)
from resdsl.exchange.known_values import Values
from resdsl.exchange.reading import Reading
from resdsl.exchange.refusal import RefusedError, at, refuse_unless, stop_after_an_error
from resdsl.extents import Shape
from resdsl.language.values.origins import outside, stripped
from resdsl.language.values.values import key
from resdsl.provenance import origin, plain


class Modules:
    """The modules of one definition. `definition` reads another, and `body` one of its own."""

    def __init__(
        self,
        reading: Reading,
        number: int,
        arguments: Mapping[str, Any],
        values: Values,
        definition: Callable[[int, tuple[Shape, ...]], Definition],
        body: Callable[[int, Ref], Body],
    ) -> None:
        self.reading = reading
        self.number = number
        self.form = reading.forms[number]
        self.arguments = arguments
        self.values = values
        self.definition = definition
        self.body = body
        # Where shortcuts may be called, and the value that they read as `main`.
        self.serves = self.form.kind == "shortcut"
        self.main = self.form.inputs[-1] if self.form.reads_main else None
        self.reads_extents = False
        # By key, the modules of the body that is read and of those around it.
        self.met: list[dict[str, Apply]] = [{}]
        # Of the definition that was used last, the shapes of the results behind the first.
        self.results: list[Shape] = []

    def module(self, form: ModuleForm, *, parallel: bool = False) -> Apply:
        self.values.shape(form.input)
        runs: list[Run] = []
        current, outer = form.input, len(self.values.visible)
        for number, item in enumerate(form.runs):
            with at(f".runs[{number}]"):
                refuse_unless(item.input == current, f"its input is value {current}")
                runs.append(self._run(item, form.main, parallel))
                # Nothing inside a repetition, nor between its copies, has a name.
                if form.repeated:
                    self.values.forget(outer)
                if parallel:
                    continue
                current = item.output
                self.values.visible[current] = None
        count = sum(run.count for run in runs)
        is_open = [run.source is not None for run in runs]
        refuse_unless(
            not any(is_open[:-1]) and ((form.repeated and not parallel) or not any(is_open)),
            "the last copies of a row alone may have a count that comes from somewhere",
        )
        refuse_unless(form.output == current, f"its output is value {current}")
        refuse_unless(form.repeated or (len(runs) == count == 1), "only a repetition has copies")
        refuse_unless(not parallel or 1 <= count <= limits.REPLICAS, "too many or no copies")
        refuse_unless(count <= limits.REPETITIONS, "too many copies")
        refuse_unless(not form.stage or self.form.kind == "network", "a stage divides a network")
        if form.held:
            key_rules.verify_held(form.key, form.repeated or form.stage, runs)
        units = [run.unit for run in runs]
        self._new_results(form, units)
        reads = [r.unit for r in runs if isinstance(r.unit, Instance)]
        reads_main = any(instance.definition.reads_main for instance in reads)
        wanted = self.main if reads_main else None
        refuse_unless(form.main == wanted, "`main` is what a shortcut reads of its residual")
        apply = Apply(
            form.key,
            form.word,
            form.label,
            tuple(runs),
            form.repeated,
            form.input,
            form.output,
            None,
            form.stage,
            form.main,
            form.held,
            form.others,
            form.again,
        )
        if form.again:
            return self._called_again(apply)
        self.met[-1].setdefault(form.key, apply)
        return apply

    def shortcut(self, form: ModuleForm, main: Ref) -> Apply:
        """The shortcut of a residual whose main makes value `main`."""
        before, self.serves, self.main = (self.serves, self.main), True, main
        made = self.module(form)
        self.serves, self.main = before
        return made

    def _called_again(self, apply: Apply) -> Apply:
        """A further call of a module, which is equal to the first in all but its values."""
        first = self.met[-1].get(apply.key)
        if first is None:
            raise RefusedError(f"no module before it is called {apply.key!r}")
        made = again(first, apply)
        if made is None:
            raise RefusedError(f"it is another module than {apply.key!r} before it")
        one, two = (Body(call.input, call.output, [call]) for call in (first, made))
        around = {made.input, *outer(two)}
        pairs = zip(all_made(one), all_made(two), strict=True)
        own = (pair for pair in pairs if pair[1] not in around)
        in_the_terms_of_the_first(self.values.shapes, own)
        return made

    def _new_results(self, form: ModuleForm, units: Sequence[Unit]) -> None:
        """The results behind the first have values only where a call is made once."""
        if not form.others:
            return
        unit = units[0] if len(units) == 1 and not form.repeated else None
        results = unit.definition.others if isinstance(unit, Instance) else ()
        refuse_unless(len(form.others) == len(results), "other results than its definition has")
        for ref, shape in zip(form.others, self.results, strict=True):
            self.values.make(ref, shape)

    def _run(self, form: RunForm, main: Ref | None, parallel: bool) -> Run:
        self.reading.count_step()
        entering = self.values.shape(form.input)
        match form.unit:
            case OpForm():
                with at(".unit"):
                    op = operators.read(form.unit, self.arguments)
                    resolved = operators.resolved(op, entering, self.reading.shape_errors)
                    self.reads_extents |= resolved is not entering
                    beside = [self.values.shape(ref) for ref in form.tensors]
                    given = sum(p.type == "tensor" for p in op.parameters() if getattr(op, p.name))
                    refuse_unless(len(beside) == given, "it is given other tensors")
                    result = operators.result(op, resolved, beside, self.reading.shape_errors)
                    self.reading.inference.spend(result)
                self.values.make(form.output, result)
                unit: Unit = op
            case InstanceForm():
                with at(".unit"):
                    unit, result = self._instance(form.unit, entering, form.tensors, main)
                self.values.make(form.output, result)
            case GroupForm():
                refuse_unless(not form.tensors, "a group is given no tensors")
                body = self._group(form.unit, form.input)
                refuse_unless(form.output == body.output, "its output is that of its group")
                unit = Group(body)
        shape = resolved if isinstance(form.unit, OpForm) else entering
        count = json_values.read(form.count, self.arguments)
        refuse_unless(isinstance(count, int) and count >= 1, "a count is a whole number from 1")
        source = origin(count)
        run = Run(unit, int(count), form.input, form.output, shape, (), form.tensors, source)
        # The first copy may turn a vector whose length depends on the input into one of that size.
        is_row = run.count > 1 or source is not None
        if is_row and not parallel and self.values.shapes[form.output] != run.shape:
            raise RefusedError("copies in a row give the shape that they are fed")
        return run

    def _kind(self, shape: Shape) -> object:
        """Of a flat tensor its length counts, which may be told or follow from the input."""
        count = self.reading.shape_errors.feature_count(shape) if shape.flat else None
        return count or plain(shape.channels), shape.rank, shape.flat

    def _instance(
        self, form: InstanceForm, shape: Shape, tensors: tuple[Ref, ...], main: Ref | None
    ) -> tuple[Instance, Shape]:
        number = form.definition
        refuse_unless(number < self.number, "a definition comes after those that it uses")
        target = self.reading.forms[number]
        refuse_unless(target.kind != "network", "a network is no part of another")
        refuse_unless(target.kind == "block" or self.serves, "a shortcut stands in a residual")
        refuse_unless(len(tensors) == len(target.tensors), "other tensors than its definition has")
        inputs = (shape, *map(self.values.shape, tensors))
        if target.reads_main:
            inputs = (*inputs, self._main(main))
        definition = self.definition(number, inputs)
        with at(".arguments"):
            arguments = json_values.read_all(form.arguments, self.arguments)
            mine = {name: key(stripped(value)) for name, value in arguments.items()}
            theirs = {name: key(value) for name, value in definition.arguments.items()}
            refuse_unless(mine == theirs, "the arguments are not those of the definition")
        for ref, found in zip(definition.inputs, inputs, strict=True):
            same = self._kind(definition.shapes[ref]) == self._kind(found)
            refuse_unless(same, "the definition is for an input of other channels or rank")
        shapes = self.reading.inference.shapes(definition, inputs)
        stop_after_an_error(self.reading.shape_errors.sink)
        results = [shapes[ref] for ref in definition.outputs]
        first, *others = (one.with_channels(outside(one.channels, arguments)) for one in results)
        self.results = others
        return Instance(definition, arguments), first

    def _group(self, form: GroupForm, entry: Ref) -> Body:
        """Its modules have names of their own; those of a main are of the body around."""
        self.met.append({})
        body = self.body(form.group, entry)
        self.met.pop()
        return body

    def _main(self, main: Ref | None) -> Shape:
        if main is None:
            raise RefusedError("the shortcut reads `main`, and none is given")
        return self.values.shape(main)
