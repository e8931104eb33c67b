"""Definitions of a JSON design, rebuilt step by step: every shape is inferred again.

Nothing of what a file says of shapes is believed, for it says nothing of them: operators are asked
again, and what must agree is compared again, at the declared input as for a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from resdsl import limits
from resdsl.design.again import again
from resdsl.design.dataflow import around
from resdsl.design.inference import Inference, join_shape
from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Definition,
    Fork,
    Group,
    Input,
    Instance,
    Join,
    Keep,
    Kept,
    Module,
    Ref,
    Residual,
    Run,
    Skip,
    Step,
    Unit,
)
from resdsl.diagnostics.codes import LIMIT
from resdsl.exchange import join_terms, json_values, key_rules, operators
from resdsl.exchange.forms import (
    ApplyForm,
    DefinitionForm,
    ForkForm,
    GroupForm,
    InstanceForm,
    JoinForm,
    KeepForm,
    ModuleForm,
    OpForm,
    ResidualForm,
    RunForm,
)
from resdsl.exchange.parameters import read_parameters
from resdsl.exchange.refusal import RefusedError, at, refuse_unless, stop_after_an_error
from resdsl.extents import Shape
from resdsl.extents.agreement import Agreement, agree
from resdsl.language.elaborate.definitions import IN_CHANNELS, OUT_CHANNELS, channels_of
from resdsl.language.messages.shape_errors import ShapeErrors
from resdsl.language.values.origins import outside, stripped
from resdsl.language.values.values import key
from resdsl.provenance import Leaf, plain, traced


class Definitions:
    """The definitions of one file, each read when it is first used."""

    def __init__(self, forms: Sequence[DefinitionForm], shape_errors: ShapeErrors) -> None:
        self.forms = forms
        self.shape_errors = shape_errors
        self.inference = Inference(shape_errors, limits.EFFORT)
        self.known: dict[int, Definition] = {}
        self.steps = 0
        # Of the network, by number, where it has them by name.
        self.outputs: tuple[Ref, ...] = ()

    def read(self, number: int, inputs: tuple[Shape, ...], depth: int) -> Definition:
        """Definition `number`, whose inputs have these shapes at its first use."""
        if number not in self.known:
            with at(f"definitions[{number}]"):
                refuse_unless(depth <= limits.INSTANCE_DEPTH, "definitions are nested too deeply")
                reader = _Reader(self, number, self.forms[number], depth)
                self.known[number] = found = reader.definition(inputs)
            self.inference.remember(found)
        return self.known[number]

    def count_step(self) -> None:
        self.steps += 1
        if self.steps > limits.STEPS:
            raise RefusedError(f"the network has more than {limits.STEPS:,} steps", LIMIT)


class _Reader:
    """Reads one definition."""

    def __init__(
        self, definitions: Definitions, number: int, form: DefinitionForm, depth: int
    ) -> None:
        self.definitions = definitions
        self.shape_errors = definitions.shape_errors
        self.number = number
        self.form = form
        self.depth = depth
        self.arguments: dict[str, Any] = {}
        self.shapes: dict[Ref, Shape] = {}
        # Values that can be read here, as they were made: those of a repetition end with it.
        self.visible: dict[Ref, None] = {}
        self.unread = set(range(len(form.bodies)))
        self.nesting = 0
        # Where shortcuts may be called, and the value that they read as `main`.
        self.serves = form.kind == "shortcut"
        self.main = form.inputs[-1] if _reads_main(form) else None
        self.reads_extents = False
        # By key, the modules of the body that is read and of those around it.
        self.met: list[dict[str, Apply]] = []
        # Of the definition that was used last, the shapes of the results behind the first.
        self.results: list[Shape] = []

    def definition(self, inputs: tuple[Shape, ...]) -> Definition:
        form = self.form
        with at(".arguments"):
            self.arguments = json_values.read_all(form.arguments, {})
        with at(".parameters"):
            parameters = read_parameters(form, self.arguments, inputs)
        with at(".inputs"):
            refuse_unless(len(form.inputs) == len(inputs), "other inputs than the use of it has")
            is_right = len(form.inputs) - len(form.tensors) in (1, 2)
            refuse_unless(is_right, "they are `in`, the tensors, and perhaps `main`")
            refuse_unless(
                form.kind == "shortcut" or not _reads_main(form), "a shortcut alone reads `main`"
            )
            self._inputs(inputs)
        body = self._body(len(form.bodies) - 1, form.inputs[0], own=True)
        if self.unread:
            raise RefusedError(f"nothing uses bodies {sorted(self.unread)}")
        with at(".outputs"):
            others = self._others(body)
        last = max(self.shapes) + 1
        entering = self.shapes[form.inputs[0]]
        return Definition(
            form.name,
            form.kind,
            form.origin,
            form.doc,
            parameters,
            self.arguments,
            form.inputs,
            body,
            [self.shapes.get(ref, entering) for ref in range(last)],
            [("a value", None)] * last,
            self.reads_extents,
            others,
            form.tensors,
            tuple(output.name for output in form.outputs),
        )

    def _others(self, body: Body) -> tuple[Ref, ...]:
        """The results behind the first."""
        outputs = self.form.outputs
        refuse_unless(self.form.kind == "block" or not outputs, "a block alone has results here")
        others = tuple(output.ref for output in outputs[1:])
        if self.form.kind == "network":
            others = self.definitions.outputs[1:]
        elif outputs:
            refuse_unless(outputs[0].ref == body.output, "the first is what the body ends with")
            names = [output.name for output in outputs]
            refuse_unless(len({*names}) == len(names), "two results have one name")
        for ref in others:
            self._shape(ref)
        return others

    def _inputs(self, inputs: tuple[Shape, ...]) -> None:
        """The inputs by number; their channels come from what the definition calls them."""
        leaves = [IN_CHANNELS, *map(channels_of, self.form.tensors), OUT_CHANNELS]
        names = {parameter.name for parameter in self.form.parameters}
        for ref, shape, leaf in zip(self.form.inputs, inputs, leaves, strict=False):
            is_own = leaf not in names and key(self.arguments.get(leaf)) == int(shape.channels)
            inner = traced(int(shape.channels), Leaf(leaf)) if is_own else int(shape.channels)
            is_network = self.form.kind == "network"
            self._new(ref, shape if is_network else shape.with_channels(inner))

    # --- values ---

    def _new(self, ref: Ref, shape: Shape) -> None:
        refuse_unless(ref not in self.shapes, f"value {ref} is made twice")
        self.shapes[ref] = shape
        self.visible[ref] = None

    def _shape(self, ref: Ref) -> Shape:
        refuse_unless(ref in self.visible, f"value {ref} is not known here")
        return self.shapes[ref]

    def _forget(self, count: int) -> None:
        """All values but the first `count` end here."""
        while len(self.visible) > count:
            self.visible.popitem()

    # --- bodies and steps ---

    def _body(self, number: int, entry: Ref, *, own: bool = False) -> Body:
        """`own`: its modules have names of their own; those of a main are of the body around."""
        if own:
            self.met.append({})
        with at(f".bodies[{number}]"):
            refuse_unless(number in self.unread, "a body has one place, in its own definition")
            refuse_unless(self.nesting <= limits.NESTING_DEPTH, "bodies are nested too deeply")
            self.unread.remove(number)
            self.nesting += 1
            form = self.form.bodies[number]
            refuse_unless(form.input == entry, f"its input is value {entry}")
            steps: list[Step] = []
            for i, step in enumerate(form.steps):
                with at(f".steps[{i}]"):
                    steps.append(self._step(step))
            self.nesting -= 1
            with at(".output"):
                self._shape(form.output)
            body = Body(form.input, form.output, steps, form.numbered)
            is_root = self.form.kind == "network" and number == len(self.form.bodies) - 1
            key_rules.verify(body, is_network=is_root)
        if own:
            self.met.pop()
        return body

    def _step(self, form: Any) -> Step:
        self.definitions.count_step()
        match form:
            case ApplyForm():
                with at(".module"):
                    return self._module(form.module)
            case ResidualForm():
                return self._residual(form)
            case ForkForm():
                return self._fork(form)
            case JoinForm():
                return self._join(form)
        assert isinstance(form, KeepForm)
        self._shape(form.ref)
        return Keep(form.name, form.ref, None)

    def _join(self, form: JoinForm) -> Join:
        self._shape(form.input)
        step = Join(form.input, form.output, self._expression(form, ()), None)
        self._new(form.output, self._joined(step))
        return step

    def _fork(self, form: ForkForm) -> Fork:
        self._shape(form.input)
        refuse_unless(bool(form.branches), "a fork needs at least one branch")
        branches: list[Branch] = []
        for number, item in enumerate(form.branches):
            with at(f".branches[{number}].module"):
                refuse_unless(
                    item.module.input == form.input, "a branch begins where its fork does"
                )
                apply = self._module(item.module, parallel=item.replicated)
                refuse_unless(apply.label is not None, "a branch has a label")
                # Copies in a row are fed each other's results where they are called again.
                in_a_row = apply.repeated and apply.is_again
                is_right = item.replicated == (apply.repeated and not in_a_row)
                refuse_unless(is_right, "only copies can be replicated")
                known = [branch.label for branch in branches]
                refuse_unless(apply.label not in known, "two branches have one label")
                branches.append(Branch(apply.label or "", apply, item.replicated))
        join = self._expression(form, tuple(branches))
        step = Fork(form.input, form.output, tuple(branches), join, None)
        self._new(form.output, self._joined(step))
        return step

    def _expression(self, form: JoinForm | ForkForm, branches: tuple[Branch, ...]) -> Any:
        with at(".join"):
            return join_terms.read(form.join, branches, self.arguments, self.visible.__contains__)

    def _joined(self, step: Join | Fork) -> Shape:
        def differ(met: Agreement, one: Shape, two: Shape) -> None:
            self._agree(met, one, two, residual=False)

        shape = join_shape(step.join, self.shapes, differ)
        assert shape is not None, "a join of numbers only"
        return shape

    def _agree(self, met: Agreement, one: Shape, two: Shape, *, residual: bool) -> None:
        self.shape_errors.disagreement(met, one, two, None, [], residual=residual)
        stop_after_an_error(self.shape_errors.sink)

    def _residual(self, form: ResidualForm) -> Residual:
        self._shape(form.input)
        main = self._body(form.main, form.input)
        skip: Skip = Input(form.skip) if form.skip == form.input else Kept(form.skip)
        if form.shortcut is not None:
            with at(".shortcut"):
                refuse_unless(
                    form.shortcut.input == form.input, "a shortcut begins where main does"
                )
                refuse_unless(not form.shortcut.repeated, "a shortcut is one module")
                before, self.serves, self.main = (self.serves, self.main), True, main.output
                shortcut = self._module(form.shortcut)
                self.serves, self.main = before
                refuse_unless(form.skip == shortcut.output, "what is added is its result")
                skip = around(shortcut)
                if not isinstance(skip, Module):
                    # It computes nothing, as in a text: no value is made.
                    self.visible.pop(shortcut.output, None)
        combine: Literal["add", "replace"] = "add" if form.adds else "replace"
        step = Residual(form.input, form.output, main, skip, combine, None)
        with at(".skip"):
            beside = self._shape(skip.ref)
        if not form.adds:
            self._new(form.output, beside)
            return step
        shape = self._shape(main.output)
        met = agree(shape, beside, broadcast=False)
        if not met.perfect:
            self._agree(met, shape, beside, residual=True)
        self._new(form.output, shape)
        return step

    # --- modules ---

    def _module(self, form: ModuleForm, *, parallel: bool = False) -> Apply:
        self._shape(form.input)
        runs: list[Run] = []
        current, outer = form.input, len(self.visible)
        for number, item in enumerate(form.runs):
            with at(f".runs[{number}]"):
                refuse_unless(item.input == current, f"its input is value {current}")
                runs.append(self._run(item, form.main, parallel))
                # Nothing inside a repetition, nor between its copies, has a name.
                if form.repeated:
                    self._forget(outer)
                if parallel:
                    continue
                current = item.output
                self.visible[current] = None
        count = sum(run.count for run in runs)
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

    def _called_again(self, apply: Apply) -> Apply:
        """A further call of a module, which is equal to the first in all but its values."""
        first = self.met[-1].get(apply.key)
        if first is None:
            raise RefusedError(f"no module before it is called {apply.key!r}")
        made = again(first, apply)
        if made is None:
            raise RefusedError(f"it is another module than {apply.key!r} before it")
        return made

    def _new_results(self, form: ModuleForm, units: Sequence[Unit]) -> None:
        """The results behind the first have values only where a call is made once."""
        if not form.others:
            return
        unit = units[0] if len(units) == 1 and not form.repeated else None
        results = unit.definition.others if isinstance(unit, Instance) else ()
        refuse_unless(len(form.others) == len(results), "other results than its definition has")
        for ref, shape in zip(form.others, self.results, strict=True):
            self._new(ref, shape)

    def _run(self, form: RunForm, main: Ref | None, parallel: bool) -> Run:
        self.definitions.count_step()
        entering = self._shape(form.input)
        match form.unit:
            case OpForm():
                with at(".unit"):
                    op = operators.read(form.unit, self.arguments)
                    resolved = operators.resolved(op, entering, self.shape_errors)
                    self.reads_extents |= resolved is not entering
                    beside = [self._shape(ref) for ref in form.tensors]
                    given = sum(p.type == "tensor" for p in op.parameters() if getattr(op, p.name))
                    refuse_unless(len(beside) == given, "it is given other tensors")
                    result = operators.result(op, resolved, beside, self.shape_errors)
                    self.definitions.inference.spend(result)
                self._new(form.output, result)
                unit: Unit = op
            case InstanceForm():
                with at(".unit"):
                    unit, result = self._instance(form.unit, entering, form.tensors, main)
                self._new(form.output, result)
            case GroupForm():
                refuse_unless(not form.tensors, "a group is given no tensors")
                body = self._body(form.unit.group, form.input, own=True)
                refuse_unless(form.output == body.output, "its output is that of its group")
                unit = Group(body)
        shape = resolved if isinstance(form.unit, OpForm) else entering
        run = Run(unit, form.count, form.input, form.output, shape, (), form.tensors)
        # The first copy may turn a vector whose length depends on the input into one of that size.
        if form.count > 1 and not parallel and self.shapes[form.output] != run.shape:
            raise RefusedError("copies in a row give the shape that they are fed")
        return run

    def _kind(self, shape: Shape) -> object:
        """Of a flat tensor its length counts, which may be told or follow from the input."""
        count = self.shape_errors.feature_count(shape) if shape.flat else None
        return count or plain(shape.channels), shape.rank, shape.flat

    def _instance(
        self, form: InstanceForm, shape: Shape, tensors: tuple[Ref, ...], main: Ref | None
    ) -> tuple[Instance, Shape]:
        number = form.definition
        refuse_unless(number < self.number, "a definition comes after those that it uses")
        target = self.definitions.forms[number]
        refuse_unless(target.kind != "network", "a network is no part of another")
        refuse_unless(target.kind == "block" or self.serves, "a shortcut stands in a residual")
        refuse_unless(len(tensors) == len(target.tensors), "other tensors than its definition has")
        inputs = (shape, *map(self._shape, tensors))
        if _reads_main(target):
            inputs = (*inputs, self._main(main))
        definition = self.definitions.read(number, inputs, self.depth + 1)
        with at(".arguments"):
            arguments = json_values.read_all(form.arguments, self.arguments)
            mine = {name: key(stripped(value)) for name, value in arguments.items()}
            theirs = {name: key(value) for name, value in definition.arguments.items()}
            refuse_unless(mine == theirs, "the arguments are not those of the definition")
        for ref, found in zip(definition.inputs, inputs, strict=True):
            same = self._kind(definition.shapes[ref]) == self._kind(found)
            refuse_unless(same, "the definition is for an input of other channels or rank")
        shapes = self.definitions.inference.shapes(definition, inputs)
        stop_after_an_error(self.shape_errors.sink)
        results = [shapes[ref] for ref in definition.outputs]
        first, *others = (one.with_channels(outside(one.channels, arguments)) for one in results)
        self.results = others
        return Instance(definition, arguments), first

    def _main(self, main: Ref | None) -> Shape:
        if main is None:
            raise RefusedError("the shortcut reads `main`, and none is given")
        return self._shape(main)


def _reads_main(form: DefinitionForm) -> bool:
    return len(form.inputs) > 1 + len(form.tensors)
