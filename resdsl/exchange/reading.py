"""One reading of a JSON design: what the readers of all its definitions share."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl import limits
from resdsl.design.inference import Inference
from resdsl.diagnostics.codes import LIMIT
from resdsl.exchange.forms import DefinitionForm
from resdsl.exchange.refusal import RefusedError
from resdsl.language.messages.shape_errors import ShapeErrors


class Reading:
    """The definitions of a file, as they stand there, and what is counted over all of them."""

    def __init__(self, forms: Sequence[DefinitionForm], shape_errors: ShapeErrors) -> None:
        self.forms = forms
        self.shape_errors = shape_errors
        self.inference = Inference(shape_errors, limits.EFFORT)
        self.steps = 0

    def count_step(self) -> None:
        self.steps += 1
        if self.steps > limits.STEPS:
            raise RefusedError(f"the network has more than {limits.STEPS:,} steps", LIMIT)
