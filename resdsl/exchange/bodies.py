"""Bodies of a JSON design and their steps, in the order in which they compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from resdsl import limits
from resdsl.design.dataflow import around
from resdsl.design.inference import join_shape
from resdsl.design.model import (
    Body,
    Branch,
    Definition,
    Fork,
    Input,
    Join,
    Keep,
    Kept,
    Module,
    Ref,
    Residual,
    Skip,
    Step,
)
from resdsl.exchange import join_terms, key_rules
from resdsl.exchange.forms import ApplyForm, ForkForm, JoinForm, KeepForm, ResidualForm
from resdsl.exchange.known_values import Values
from resdsl.exchange.modules import Modules
from resdsl.exchange.reading import Reading
from resdsl.exchange.refusal import at, refuse_unless, stop_after_an_error
from resdsl.extents import Shape
from resdsl.extents.agreement import Agreement, agree


class Bodies:
    """The bodies of one definition. `definition` reads another."""

    def __init__(
        self,
        reading: Reading,
        number: int,
        arguments: Mapping[str, Any],
        values: Values,
        definition: Callable[[int, tuple[Shape, ...]], Definition],
    ) -> None:
        self.reading = reading
        self.form = reading.forms[number]
        self.arguments = arguments
        self.values = values
        self.modules = Modules(reading, number, arguments, values, definition, self.body)
        self.unread = set(range(len(self.form.bodies)))
        self.nesting = 0

    def whole(self) -> Body:
        """The definition's own body, which is its last; every other has a place in it."""
        body = self.body(len(self.form.bodies) - 1, self.form.inputs[0])
        refuse_unless(not self.unread, f"nothing uses bodies {sorted(self.unread)}")
        return body

    def body(self, number: int, entry: Ref) -> Body:
        """Body `number`, where value `entry` is what it is fed."""
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
                self.values.shape(form.output)
            body = Body(form.input, form.output, steps, form.numbered)
            is_root = self.form.kind == "network" and number == len(self.form.bodies) - 1
            key_rules.verify(body, is_network=is_root)
        return body

    def _step(self, form: Any) -> Step:
        self.reading.count_step()
        match form:
            case ApplyForm():
                with at(".module"):
                    return self.modules.module(form.module)
            case ResidualForm():
                return self._residual(form)
            case ForkForm():
                return self._fork(form)
            case JoinForm():
                return self._join(form)
        assert isinstance(form, KeepForm)
        self.values.shape(form.ref)
        return Keep(form.name, form.ref, None)

    def _join(self, form: JoinForm) -> Join:
        self.values.shape(form.input)
        step = Join(form.input, form.output, self._expression(form, ()), None)
        self.values.make(form.output, self._joined(step))
        return step

    def _fork(self, form: ForkForm) -> Fork:
        self.values.shape(form.input)
        refuse_unless(bool(form.branches), "a fork needs at least one branch")
        branches: list[Branch] = []
        for number, item in enumerate(form.branches):
            with at(f".branches[{number}].module"):
                refuse_unless(
                    item.module.input == form.input, "a branch begins where its fork does"
                )
                apply = self.modules.module(item.module, parallel=item.replicated)
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
        self.values.make(form.output, self._joined(step))
        return step

    def _expression(self, form: JoinForm | ForkForm, branches: tuple[Branch, ...]) -> Any:
        with at(".join"):
            is_visible = self.values.visible.__contains__
            return join_terms.read(form.join, branches, self.arguments, is_visible)

    def _joined(self, step: Join | Fork) -> Shape:
        def differ(met: Agreement, one: Shape, two: Shape) -> None:
            self._disagree(met, one, two, residual=False)

        shape = join_shape(step.join, self.values.shapes, differ)
        assert shape is not None, "a join of numbers only"
        return shape

    def _disagree(self, met: Agreement, one: Shape, two: Shape, *, residual: bool) -> None:
        self.reading.shape_errors.disagreement(met, one, two, None, [], residual=residual)
        stop_after_an_error(self.reading.shape_errors.sink)

    def _residual(self, form: ResidualForm) -> Residual:
        self.values.shape(form.input)
        main = self.body(form.main, form.input)
        skip: Skip = Input(form.skip) if form.skip == form.input else Kept(form.skip)
        if form.shortcut is not None:
            with at(".shortcut"):
                refuse_unless(
                    form.shortcut.input == form.input, "a shortcut begins where main does"
                )
                refuse_unless(not form.shortcut.repeated, "a shortcut is one module")
                shortcut = self.modules.shortcut(form.shortcut, main.output)
                refuse_unless(form.skip == shortcut.output, "what is added is its result")
                skip = around(shortcut)
                if not isinstance(skip, Module):
                    # It computes nothing, as in a text: no value is made.
                    self.values.visible.pop(shortcut.output, None)
        combine: Literal["add", "replace"] = "add" if form.adds else "replace"
        step = Residual(form.input, form.output, main, skip, combine, None)
        with at(".skip"):
            beside = self.values.shape(skip.ref)
        if not form.adds:
            self.values.make(form.output, beside)
            return step
        shape = self.values.shape(main.output)
        met = agree(shape, beside, broadcast=False)
        if not met.perfect:
            self._disagree(met, shape, beside, residual=True)
        self.values.make(form.output, shape)
        return step
