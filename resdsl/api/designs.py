"""A design, as a person asks it things."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resdsl import limits
from resdsl.design.expansion import Expansion
from resdsl.diagnostics.codes import LIMIT, OVERRIDE, Code
from resdsl.diagnostics.diagnostic import Diagnostic, Sink
from resdsl.diagnostics.exception import SpecError
from resdsl.language.values.input_sizes import InputSize, whole_numbers
from resdsl.language.values.outside_values import told, understood

if TYPE_CHECKING:
    import networkx

    from resdsl.analysis.facts import Facts
    from resdsl.analysis.graph import Level
    from resdsl.analysis.pipelining import Part
    from resdsl.analysis.stages import StageRow
    from resdsl.analysis.valid_sizes import ValidSizes
    from resdsl.api.feature_maps import Feature
    from resdsl.api.opening import Opened
    from resdsl.design.network import Network
    from resdsl.drawing.layout.theme import ThemeName
    from resdsl.drawing.tables.shortcut_path import ShortcutPath
    from resdsl.drawing.tables.size_text import Sizes
    from resdsl.drawing.tables.table import Table
    from resdsl.drawing.views import View
    from resdsl.fusing.networks import Fused


@dataclass(frozen=True, eq=False)
class Design:
    """An elaborated network: what it costs, where it is valid, what it looks like.

    All numbers are of one sample at the `input` size; MACs are multiply-accumulates of convolution
    and linear layers (torch's FlopCounterMode / 2). What a free extent (`input 3 x H x W`) decides
    is None.
    """

    # As in `resdsl.design.model`.
    network: Network = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = field(default=(), repr=False)
    extents: tuple[int | None, ...] | None = field(default=None, repr=False)
    # With other parameters or another input, contracts were not checked.
    skips_contracts: bool = field(default=False, repr=False)
    # What it was given, as `width=0.5` and `input=3x256x256`.
    settings: tuple[str, ...] = field(default=(), repr=False)
    # What became of the network, where it was fused here: a file may have it so already.
    fused: Fused | None = field(default=None, repr=False)
    # The spec's file, which no output may replace; None for a text.
    path: Path | None = field(default=None, repr=False)

    @classmethod
    def of(cls, opened: Opened, diagnostics: Sequence[Diagnostic]) -> Design:
        made = cls(
            opened.network,
            tuple(diagnostics),
            skips_contracts=opened.skips_contracts,
            settings=opened.settings,
            fused=opened.fused,
            path=opened.path,
        )
        if opened.known is not None:
            # As the property would set it.
            made.__dict__["facts"] = opened.known
        return made

    def __repr__(self) -> str:
        size = self.facts.view.text(self.facts.input)
        return f"<resdsl design {self.name}: {size}, {self.params:,} params>"

    @property
    def name(self) -> str:
        return self.network.name

    @property
    def doc(self) -> str:
        """What the `##` lines above the network say."""
        return self.network.doc

    @cached_property
    def facts(self) -> Facts:
        from resdsl.analysis.facts import facts

        return facts(self.network, self.extents)

    @property
    def params(self) -> int:
        """Learnable elements; running statistics are `buffers`."""
        return self.facts.cost.params

    @property
    def params_without_norm(self) -> int:
        return self.facts.cost.params_without_norm

    @property
    def buffers(self) -> int:
        """Elements of running statistics and counters."""
        return self.facts.cost.buffers

    @property
    def macs(self) -> int | None:
        return self.facts.cost.macs

    @property
    def activations(self) -> int | None:
        """Output elements of convolution and linear layers."""
        return self.facts.cost.activations

    @property
    def depth(self) -> int:
        """Convolution and linear layers on the longest path."""
        return self.facts.depth

    @property
    def input(self) -> tuple[int | str, ...]:
        """`(3, 224, 224)`, or `(3, "H", "W")` where extents are free."""
        view = self.facts.view
        extents = zip(view.extents, view.names, strict=True)
        return (
            int(self.network.input.channels),
            *(name if n is None else n for n, name in extents),
        )

    @property
    def output(self) -> tuple[int, ...] | None:
        """`(1000,)`; `(C, H, W)` for a map. Of several the first."""
        return next(iter(self.outputs.values()))

    @property
    def outputs(self) -> dict[str, tuple[int, ...] | None]:
        """The shapes of all outputs by name; a network that names none has one, `output`."""
        found: dict[str, tuple[int, ...] | None] = {}
        for name, shape in self.facts.outputs.items():
            size = self.facts.view.at(shape)
            found[name or "output"] = None if size is None else tuple(int(n) for n in size)
        return found

    @property
    def features(self) -> tuple[Feature, ...]:
        """Name, channels and stride of each output, for what is built on it."""
        from resdsl.api.feature_maps import features_of

        return features_of(self.facts)

    @property
    def stages(self) -> tuple[StageRow, ...]:
        """The rows of the table, the stem's and the head's included."""
        return self.facts.stages.rows

    def graph(self, level: Level = "op") -> networkx.DiGraph:
        """The network as a graph: of its operators, of its `block`s, or of its `stage`s.

        Nodes are module paths with `kind`, `label`, `shape`, `output`, `params` and `macs`. Raises
        SpecError for a network of more than `limits.GRAPH_NODES` operators, and ValueError for an
        unknown level.
        """
        from resdsl.analysis import graph

        if level not in graph.LEVELS:
            raise ValueError(f"no level {level!r}: the levels are {', '.join(graph.LEVELS)}")
        if level == "stage":
            return graph.stage_graph(self.facts, self.stages)
        help = ['`graph(level="stage")` has a node a stage']
        self.refuse_beyond(limits.GRAPH_NODES, "a graph", help)
        return graph.operator_graph(self.facts, blocks=level == "block")

    def partition(self, number: int) -> tuple[Part, ...]:
        """The network in `number` parts, for a pipeline: the first module of each, its MACs and
        parameters. The most costly part has as few MACs as with any other cuts between modules and
        blocks where one tensor goes on.

        Raises ValueError where it cannot be cut into so many, and SpecError for a network of more
        than `limits.GRAPH_NODES` operators.
        """
        from resdsl.analysis.pipelining import parts

        wanted = understood(number)
        if type(wanted) is not int or wanted < 1:
            raise ValueError(f"a number of parts is an int of at least 1, not {told(number)}")
        self.refuse_beyond(limits.GRAPH_NODES, "a pipeline")
        return parts(self.facts, wanted)

    def refuse_beyond(self, most: int, what: str, help: Sequence[str] = ()) -> None:
        """SpecError for a network of more operators than `what` can have."""
        operators = Expansion(copies=True, again=True).definition(self.network.root)
        if operators > most:
            message = f"{self.name} has {operators:,} operators, too many for {what}"
            raise _refused(LIMIT, message, help)

    def before_fusing(self) -> Design:
        """The design that this is the fused form of, or itself."""
        if self.fused is None:
            return self
        return replace(self, network=self.fused.before, fused=None)

    def sizes(self) -> ValidSizes:
        """For which input sizes the network is valid."""
        return self.facts.sizes

    def at(self, *extents: InputSize) -> Design:
        """The same network, weights and all, at another input size: `at(256, 320)`.

        One number stands for every dimension. One argument may hold them all: a list, a tensor's
        `shape[2:]`, `"256x320"`; in front of all extents, the channels may stand.

        Raises SpecError where it does not run at this size, or declares that it is not for it, and
        TypeError for what is no such size.
        """
        names, found = self.network.input.names, _whole_numbers(extents)
        channels = int(self.network.input.channels)
        if found is not None and len(found) == len(names) + 1 and found[0] == channels:
            found = found[1:]
        if found is not None and len(found) == 1:
            found *= len(names)
        if found is None or len(found) != len(names):
            raise TypeError(
                f"at() takes {len(names)} whole numbers ({', '.join(names)}), or the "
                f"{channels} channels before them"
            )
        elements = channels * prod(found)
        if elements > limits.ELEMENTS or max(found, default=0) > limits.LARGEST_SIZE:
            most = f"extents of at most {limits.LARGEST_SIZE:,} and 2**60 elements"
            raise _refused(LIMIT, f"`{self.name}` takes {most}")
        is_meant = all(c.holds(found[c.axis]) for c in self.network.conditions)
        if not is_meant or not self.sizes().allows(found):
            size = " x ".join(str(n) for n in found)
            verb = "does not run at" if is_meant else "is not for"
            message = f"`{self.name}` {verb} {size}: {self.sizes().text()}"
            raise _refused(OVERRIDE, message, self.sizes().apart_at(found))
        return replace(self, extents=found)

    def size_table(self, *sizes: InputSize, batch: int = 1, dtype: str = "fp32") -> Sizes:
        """Outputs, MACs, activations and memory at several input sizes, and what each stage sees.

        `design.size_table(224, (256, 320), batch=32, dtype="bf16")`; memory is that of
        parameters and buffers, and of the outputs of convolution and linear layers. A size is what
        `at` takes in one argument. Raises SpecError where the network does not run at a size,
        ValueError for a batch below 1 or an unknown dtype, TypeError for what is no number.
        """
        from resdsl.analysis.size_table import DTYPES, size_table
        from resdsl.drawing.tables.size_text import Sizes

        if dtype not in tuple(DTYPES):
            raise ValueError(f"no dtype {dtype!r}: they are {', '.join(DTYPES)}")
        samples = understood(batch)
        if type(samples) is not int:
            raise TypeError(f"a batch is a number of samples, not {told(batch)}")
        if samples < 1:
            raise ValueError("a batch has at least one sample")
        if not sizes:
            raise TypeError("size_table() takes one size or more")
        at = [self.at(size) for size in sizes]
        return Sizes(size_table(self.facts, [design.facts for design in at], samples, dtype))

    def shortcut_path(self) -> ShortcutPath:
        """What stands on the way of the signal past the residuals, stage by stage; print it.

        "Identity Mappings in Deep Residual Networks" (He et al. 2016), equations 3 to 8.
        """
        from resdsl.analysis.signal_path import signal_path
        from resdsl.drawing.tables.shortcut_path import ShortcutPath

        return ShortcutPath(signal_path(self.network))

    def table(self) -> Table:
        """The stage table of the paper's Table 1; print it, or ask for `.to_markdown()`."""
        from resdsl.drawing.tables.table import Table

        return Table(self.facts.stages)

    def draw(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        view: View | None = None,
        block: str | Sequence[str] = (),
        beside: Design | Sequence[Design] = (),
        caption: str | Sequence[str] = (),
        width: str | None = None,
        title: bool = True,
        legend: bool | None = None,
        theme: ThemeName = "light",
        force: bool = False,
    ) -> Path:
        """Draws it to `path` (`NAME.svg` here if None) and returns the path.

        `view` is `overview`, `column` (a U-Net's stages below each other, too), `detail` (every
        operator), `block` or `beside`; without it, what is given says which.
        `block` draws blocks by themselves, panels side by side: each a module's path (`layer1.1`)
        or the name of a definition, with `caption` below; `beside`, other designs in the same
        figure, row by row where their maps are as large.
        `width` is that of a column (`84mm`, `3.3in`); `theme` light, dark or print (read in grey).
        Without `title`, nothing says what the figure is of, as in a paper, which has a caption.

        The suffix says the format: `.svg`, `.png`, `.dot`, `.pdf`. Raises ValueError for what is no
        figure (an unknown block; letters below 6 points); OutputError where the
        file cannot be written, or is there and no drawing of resdsl's as it was made, which `force`
        overwrites; MissingRenderer where nothing here makes the picture; SpecError
        where it would have too many boxes (`limits.BOXES`), which a `.dot` may have. Warns where
        lines cross and dot chooses the places.
        """
        import warnings

        from resdsl.drawing.picture_files import draw
        from resdsl.drawing.refusal import FigureError
        from resdsl.drawing.views import Wanted
        from resdsl.outputs import check, refuse_source

        target = Path(f"{self.name}.svg" if path is None else path)
        check(target)
        refuse_source(target, self.path)
        others = beside if isinstance(beside, Sequence) else (beside,)
        if not all(isinstance(other, Design) for other in others):
            raise FigureError("`beside` takes designs: resdsl.design(…) makes one")
        wanted = Wanted(
            view,
            _texts("block", block),
            tuple(other.facts for other in others),
            _texts("caption", caption),
            width,
            title,
            legend,
            theme,
        )

        def note(message: str) -> None:
            warnings.warn(message, stacklevel=4)

        draw(self.facts, target, wanted=wanted, force=force, note=note)
        return target

    def to_json(self) -> str:
        """The design in JSON (`resdsl.design/2`): what `design` and all others take as a SPEC."""
        from resdsl.exchange.writing import written

        return written(self.network).model_dump_json(by_alias=True, indent=1) + "\n"

    def source(self) -> str:
        """The text of the torch module that `compile` writes.

        Raises SpecError where that would be too long (`limits.CALLS`).
        """
        return self._source

    @cached_property
    def _source(self) -> str:
        from resdsl.api.emission import source
        from resdsl.targets.class_plan import TooLongError

        try:
            return source(self.network, self.settings)
        except TooLongError:
            sink = Sink()
            message = (
                f"the module of {self.name} would call its own classes over {limits.CALLS:,} times"
            )
            help = ["a block called by its name is written once, one that is handed on each time"]
            sink.error(LIMIT, message, self.network.span, help=help)
            raise SpecError(sink.diagnostics) from None


def _texts(word: str, given: str | Sequence[str]) -> tuple[str, ...]:
    """Raises FigureError where it is neither; what is no text in a list is told of later."""
    from resdsl.drawing.refusal import FigureError

    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Sequence):
        raise FigureError(f"a {word} is a text, or several in a list; {given!r:.60} is neither")
    return tuple(given)


def _refused(code: Code, message: str, help: Sequence[str] = ()) -> SpecError:
    sink = Sink()
    sink.error(code, message, help=help)
    return SpecError(sink.diagnostics)


def _whole_numbers(arguments: tuple[Any, ...]) -> tuple[int, ...] | None:
    """The numbers that stand in the arguments, or all in one of them; None if others do."""
    known = understood(arguments[0] if len(arguments) == 1 else arguments)
    if isinstance(known, str):
        return whole_numbers(known)
    numbers = known if isinstance(known, list) else [known]
    return tuple(numbers) if all(type(number) is int for number in numbers) else None
