"""The names of other libraries, a table for each kind of network."""

from resdsl.weights.dialects.detection import DETECTION
from resdsl.weights.dialects.table import Dialect
from resdsl.weights.dialects.timm import TIMM
from resdsl.weights.dialects.torchvision import TORCHVISION

DIALECTS: tuple[Dialect, ...] = (*TIMM, *TORCHVISION, *DETECTION)

__all__ = ["DIALECTS", "Dialect"]
