"""Everything that analysis knows of one network at one input size, computed when asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from resdsl.analysis.cost import Cost, Costs
from resdsl.analysis.depth import Depths
from resdsl.analysis.shapes import ShapeTable, View, root_shapes, view
from resdsl.design.liveness import Liveness
from resdsl.design.model import Ref
from resdsl.design.network import Network
from resdsl.extents import Shape

# Imported where they are asked for: a cold `check` needs none of them for most networks, and its
# time is imports.
if TYPE_CHECKING:
    from resdsl.analysis.elements import Elements
    from resdsl.analysis.reach import Reaches
    from resdsl.analysis.sections import Section
    from resdsl.analysis.stages import OutputRow, StageTable
    from resdsl.analysis.valid_sizes import ValidSizes


class Facts:
    """Facts about `network`, with numbers at `view`'s input size."""

    def __init__(self, network: Network, view: View) -> None:
        self.network = network
        self.view = view
        self.table = ShapeTable()
        self.liveness = Liveness(network.root)
        self.costs = Costs(self.table, view, self.liveness)

    @cached_property
    def shapes(self) -> list[Shape]:
        """By Ref, the shapes of the network's own values."""
        return self.table.shapes(self.network.root, root_shapes(self.network))

    @property
    def input(self) -> Shape:
        return self.shapes[self.network.root.input]

    @property
    def output(self) -> Shape:
        """The first of them."""
        return self.shapes[self.network.root.output]

    @property
    def outputs(self) -> dict[str, Shape]:
        """By the name that it was asked for; the last tensor, if none was, has none."""
        names = self.network.outputs or ("",)
        refs = self.network.root.outputs
        return {name: self.shapes[ref] for name, ref in zip(names, refs, strict=True)}

    def output_text(self, at: View) -> str:
        """The shape of the output; of several each with its name."""
        if len(self.outputs) == 1:
            return at.text(self.output)
        return ", ".join(f"{name}: {at.text(shape)}" for name, shape in self.outputs.items())

    @cached_property
    def cost(self) -> Cost:
        return self.costs.body(self.network.root.body, self.shapes)

    @cached_property
    def depths(self) -> dict[Ref, int]:
        """By Ref, the weighted layers on the longest path to each of the network's own values."""
        return Depths().values(self.network.root, (0,))

    @property
    def depth(self) -> int:
        """Of the longest path to any output."""
        return max(self.depths[ref] for ref in self.network.root.outputs)

    @cached_property
    def reach(self) -> dict[Ref, Reaches]:
        """By Ref, receptive field and total stride of the network's own values, per dimension."""
        from resdsl.analysis.reach import Fields
        from resdsl.analysis.reach import start as reach_start

        inputs = (reach_start(len(self.network.input.names)),)
        return Fields().values(self.network.root, inputs)

    @cached_property
    def sizes(self) -> ValidSizes:
        from resdsl.analysis.valid_sizes import valid_sizes

        return valid_sizes(self.network)

    @cached_property
    def elements(self) -> Elements:
        """What lines up the network; where its values are made is known with the sections."""
        from resdsl.analysis.elements import Elements

        return Elements(self.network, self.table, self.costs)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Stem, stages and head, with the elements that a drawing shows of them."""
        from resdsl.analysis.sections import sections

        return sections(self.elements, self.network.root.body, self.shapes)

    @cached_property
    def stages(self) -> StageTable:
        """The network's table."""
        from resdsl.analysis.stages import StageTable, stage_row

        rows = tuple(stage_row(part, self.view, self.cost) for part in self.sections)
        outputs = self._output_rows() if len(self.network.outputs) > 1 else ()
        return StageTable(
            self.network.name,
            self.view.text(self.input),
            self.output_text(self.view),
            rows,
            self.cost,
            self.depth,
            outputs,
        )

    def _output_rows(self) -> tuple[OutputRow, ...]:
        from resdsl.analysis.sections import section_of
        from resdsl.analysis.stages import output_row

        sections, places = self.sections, self.elements.places.at
        found = []
        for name, ref in zip(self.network.outputs, self.network.root.outputs, strict=True):
            place = places[ref]
            at = section_of(sections, place.number)
            found.append(
                output_row(
                    name,
                    self.view,
                    self.shapes[ref],
                    None if at is None else sections[at],
                    is_inside=place.is_inside,
                    depth=self.depths[ref],
                )
            )
        return tuple(found)


def facts(network: Network, extents: tuple[int | None, ...] | None = None) -> Facts:
    """Facts at the network's declared input size, or at `extents` (one per dimension)."""
    return Facts(network, view(network, extents))
