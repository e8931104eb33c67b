"""`output_stride 16`: a stride beyond it is not taken, and what is behind it is dilated instead.

A tensor behind such a stride has all the elements that the stride would leave out, so those that
were neighbours lie apart (`Frame.apart`), and windows see them by a dilation
(resdsl.ops.dilating). Strides, paddings and dilations are meant as they are written: `stride` in a
shortcut reads what its main says, and no key and no parameter changes. So torchvision's third stage
has dilation 1 in its first block and 2 in the others, the fourth 2 and 4 (Chen et al. 2017,
"Rethinking Atrous Convolution", section 3.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from resdsl.design.model import Ref
from resdsl.diagnostics import codes
from resdsl.extents import Extent, Shape
from resdsl.language.elaborate.apart import Apart, apart_text
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.evaluate.session import Session
from resdsl.language.messages.shape_errors import maker
from resdsl.language.values.context import Context, Frame
from resdsl.language.values.values import Unknown, show, type_name
from resdsl.ops import Op
from resdsl.ops.dilating import dilated, misplaced
from resdsl.source import Span
from resdsl.syntax import tree


class OutputStrides:
    """Strides that are not taken, and what becomes of the operators behind them."""

    def __init__(self, session: Session, expressions: Expressions) -> None:
        self.session = session
        self.sink = session.sink
        self.expressions = expressions
        # Those that were reached, and those that have changed something.
        self.reached: list[tuple[tree.OutputStride, int]] = []
        self.used: set[int] = set()

    # --- where it is said -------------------------------------------------------------------------

    def step(self, step: tree.OutputStride, context: Context) -> Context:
        """It holds for the steps behind it, to the end of their braces."""
        if not context.network or context.part is not None:
            where = f"in {context.part}" if context.part is not None else "in a block"
            self.sink.error(
                codes.STRUCTURE,
                f"`output_stride` stands in a network and its groups, not {where}",
                step.span,
                "not here",
                help=["write it in the network, before the call: it holds for all behind it"],
            )
            return context
        if context.environment.is_strided_from_outside:
            return context
        most = self.number(step, context)
        if most is None:
            return context
        self.reached.append((step, most))
        return replace(context, environment=context.environment.with_output_stride(most))

    def amending(self, step: tree.OutputStride, context: Context) -> Context:
        """In the braces of an instantiation it replaces what the family says."""
        most = self.number(step, context)
        if most is None:
            return context
        self.reached = [(step, most)]
        return _of_whole(most, context)

    def from_outside(self, most: int, context: Context) -> Context:
        """What a caller asks for replaces all that the text says."""
        self.reached = []
        return _of_whole(most, context)

    def number(self, step: tree.OutputStride, context: Context) -> int | None:
        """The stride that it says; None after an error."""
        value = self.expressions.value(step.value, context)
        if isinstance(value, Unknown):
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self.sink.error(
                codes.TYPE,
                f"an output stride is an int of at least 1, not the {type_name(value)} "
                f"{show(value)}",
                step.value.span,
                "elements of the input for one of the output",
            )
            return None
        context.frame.pin_all(value)
        return int(value)

    def warn_of_idle(self) -> None:
        """Of those that have changed nothing."""
        for step, most in self.reached:
            if most not in self.used:
                self.sink.warning(
                    codes.IDLE_OUTPUT_STRIDE,
                    f"`{step.span.text}` changes nothing: no stride behind it goes beyond {most}",
                    step.span,
                    "all strides are taken",
                    help=["it stands before the steps that it is to hold for"],
                )

    def forget(self, context: Context, known: int) -> None:
        """Behind the braces of an output stride, whose first value is `known`, a dilation is what
        it says."""
        if context.environment.output_stride is None:
            frame = context.frame
            frame.apart = {ref: apart for ref, apart in frame.apart.items() if ref < known}

    # --- operators --------------------------------------------------------------------------------

    def applied(self, op: Op, current: Ref, context: Context, span: Span) -> Op | None:
        """The operator that stands for the one that is written; None after an error."""
        frame = context.frame
        shape = frame.shapes[current]
        assert shape is not None
        apart, is_taken = self._of(op, shape, current, context)
        is_spread = any(n > 1 for n in apart)
        if is_spread or any(n > 1 for n in _steps(op, shape.rank)):
            # Whether a stride is taken hangs on all before it.
            frame.pin_extents()
            for name in ("stride", "k"):
                frame.pin_all(getattr(op, name, None))
        if all(is_taken) and not is_spread:
            return op
        made = dilated(op, shape.rank, apart, is_taken)
        if isinstance(made, Op):
            return made
        self._refuse(op, made, context, span)
        return None

    def behind(
        self,
        op: Op,
        result: Shape,
        current: Ref,
        tensors: Sequence[Ref],
        context: Context,
        span: Span,
    ) -> Apart | None:
        """How far apart the elements of the result of an operator, as it is written, lie; None
        after an error."""
        frame = context.frame
        shape = frame.shapes[current]
        assert shape is not None
        if shape.rank == 0:
            return ()
        apart, is_taken = self._of(op, shape, current, context)
        whole = zip(apart, is_taken, _steps(op, shape.rank), strict=True)
        found = [by if taken else by * n for by, taken, n in whole]
        if op.window is None and all(is_taken):
            why = misplaced(op, shape, result, apart)
            if why is None and tensors:
                why, found = self._like(frame, current, tensors[0], found)
            if why is not None:
                self._refuse(op, why, context, span)
                return None
        if result.rank != shape.rank:
            return ()
        return tuple(
            1 if extent.is_constant else by
            for extent, by in zip(result.extents, found, strict=True)
        )

    def _like(
        self, frame: Frame, current: Ref, like: Ref, apart: list[int]
    ) -> tuple[str | None, list[int]]:
        """Of what gets the extents of another tensor: why it cannot, and how far apart its elements
        lie. One element alone may become as many as there are."""
        shape, own = frame.shapes[like], frame.apart.get(like)
        start = frame.shapes[current]
        assert shape is not None
        assert start is not None
        if all(extent.is_constant for extent in start.extents):
            return None, list(own or (1,) * shape.rank)
        if own is not None or any(n > 1 for n in apart):
            return "the extents of a tensor would be those that it has without the stride", apart
        return None, apart

    def note(self, ref: Ref, apart: Apart | None, context: Context) -> None:
        """The elements of what a step has made lie so far apart."""
        if apart and any(n > 1 for n in apart):
            context.frame.apart[ref] = apart
            most = context.environment.output_stride
            if context.network and most is not None:
                self.used.add(most)

    def _of(self, op: Op, shape: Shape, current: Ref, context: Context) -> tuple[Apart, list[bool]]:
        """How far apart the elements of the input lie, and in which dimensions the stride is
        taken."""
        most = context.environment.output_stride
        apart = context.frame.apart.get(current, (1,) * shape.rank)
        if most is None or shape.rank == 0:
            return apart, [True] * shape.rank
        steps = _steps(op, shape.rank)
        whole = zip(shape.extents, steps, apart, strict=True)
        return apart, [
            step == 1 or _is_taken(extent, step * by, most) for extent, step, by in whole
        ]

    def _refuse(self, op: Op, why: str, context: Context, span: Span) -> None:
        environment = context.environment
        most, k = environment.output_stride, getattr(op, "k", None)
        help = [
            f"end it before this: what stands behind the braces of `{{ output_stride {most} … }}` "
            "is done with the larger map as it is"
        ]
        if environment.is_strided_from_outside:
            help = ["a larger output stride, or none, leaves this step as it is"]
        if isinstance(k, int) and k % 2 == 0:
            help.insert(0, f"an odd window has a middle: `{op.name}({int(k) + 1}, …)`")
        self.sink.error(
            codes.OUTPUT_STRIDE,
            f"an output stride of {most} cannot hold for `{op.name}`",
            span,
            why,
            help=help,
        )

    # --- where tensors meet -----------------------------------------------------------------------

    def meet(self, made: Ref, refs: Iterable[Ref], frame: Frame, span: Span) -> None:
        """What is made of several tensors has elements that lie as far apart as in all of these,
        which is told where it is not the same."""
        if not frame.apart or frame.shapes[made] is None:
            return
        found: Apart = ()
        first: Ref = 0
        for ref in dict.fromkeys(refs):
            shape = frame.shapes[ref]
            if shape is None or all(extent.is_constant for extent in shape.extents):
                continue
            apart = frame.apart.get(ref, (1,) * shape.rank)
            if not found:
                found, first = apart, ref
            elif found != apart:
                one, other = apart_text(found), apart_text(apart)
                labels = [
                    maker(frame, made_by, f"`{{}}` makes elements that lie {by} apart")
                    for made_by, by in ((first, one), (ref, other))
                ]
                self.sink.error(
                    codes.OUTPUT_STRIDE,
                    f"tensors meet whose elements lie {one} and {other} apart",
                    span,
                    "strides on the ways to them are taken, or not",
                    others=[label for label in labels if label is not None],
                    help=["with an output stride the ways to what meets have the same strides"],
                )
                return
        if any(n > 1 for n in found):
            frame.apart[made] = found


def _of_whole(most: int, context: Context) -> Context:
    environment = context.environment.with_output_stride(most, of_whole=True)
    return replace(context, environment=environment)


def _steps(op: Op, rank: int) -> tuple[int, ...]:
    """By how many elements it goes on, per dimension; 1 where it does not go over them."""
    sampling = op.sampling(rank)
    return (1,) * rank if sampling is None else tuple(n for n, _ in sampling)


def _is_taken(extent: Extent, step: int, most: int) -> bool:
    """Whether what is written has an element for no more than so many of the input. Behind one
    stride that is not taken none is."""
    if extent.is_constant:
        return True
    rise, over = extent.growth
    return over * step <= most * rise
