"""One network is elaborated: the parts that do it, each made of those before it."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.design.model import Body, Ref
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.elaborate.bodies import Bodies
from resdsl.language.elaborate.definitions import Definitions
from resdsl.language.elaborate.instances import Instances
from resdsl.language.elaborate.joins import Joins
from resdsl.language.elaborate.output_strides import OutputStrides
from resdsl.language.elaborate.sets import Sets
from resdsl.language.elaborate.steps import Steps
from resdsl.language.elaborate.tensor_values import TensorValues
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.evaluate.session import Session
from resdsl.language.evaluate.uses import Uses
from resdsl.language.names.files import Files
from resdsl.language.values.context import Context, Frame
from resdsl.syntax import tree


class Elaborator:
    """Elaborates one network."""

    def __init__(self, files: Files, sink: Sink) -> None:
        self.session = Session(files, sink)
        self.uses = Uses()
        self.expressions = Expressions(self.session, self.uses)
        self.calls = self.expressions.calls
        self.joins = Joins(self.session, self.expressions)
        self.strides = OutputStrides(self.session, self.expressions)
        tensors = TensorValues(self.session, self.expressions, self.joins, self.strides)
        self.calls.argument = tensors.value
        self.definitions = Definitions(self.session, self.uses, self._body, self._results)
        self.instances = Instances(self.session, self.calls, self.definitions)
        steps = Steps(self.session, self.expressions, self.instances, self.strides)
        self.sets = Sets(self.session, self.expressions)
        self.bodies = Bodies(self.session, self.expressions, self.joins, tensors, steps, self.sets)

    def _body(self, steps: Sequence[tree.Step], context: Context) -> Body:
        """The one recursion: a definition's body, in which there are instances of others."""
        return self.bodies.build(steps, context)

    def _results(self, body: Body, frame: Frame) -> dict[str, Ref] | None:
        """What a definition's `output`s name; none where it has none, None after an error."""
        return self.bodies.outputs.of_definition(body, frame)
