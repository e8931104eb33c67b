"""Facts about a design: shapes, cost, valid sizes, receptive fields, and the rows of its table."""

from resdsl.analysis.cost import Cost
from resdsl.analysis.facts import Facts, facts
from resdsl.analysis.reach import Reach
from resdsl.analysis.sizes import ValidSizes
from resdsl.analysis.stages import StageRow, StageTable

__all__ = ["Cost", "Facts", "Reach", "StageRow", "StageTable", "ValidSizes", "facts"]
