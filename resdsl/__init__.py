"""Residual networks as the papers' tables write them: checked, costed, drawn, compiled to torch.

    import resdsl

    report = resdsl.check("resnet50.res")               # never raises on a bad spec
    design = resdsl.design("resnet50.res", classes=10)  # raises resdsl.SpecError
    print(design.table())
    model = resdsl.load("resnet50.res")                 # a torch.nn.Module
    resdsl.compile("resnet50.res", "resnet50.py")       # its text

A spec is given as a text (with a newline or a brace), a path, or the name of a network of the zoo.
Everything is loaded when it is first used: `import resdsl` itself imports no other package.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from resdsl.api.building import compile, load
    from resdsl.api.carried import RestoreError
    from resdsl.api.designing import design
    from resdsl.api.designs import Design
    from resdsl.api.explaining import UnknownNameError, explain
    from resdsl.api.exporting import export
    from resdsl.api.inventory import networks
    from resdsl.api.one_file import save
    from resdsl.api.reports import Report, check
    from resdsl.api.save_error import SaveError
    from resdsl.api.timm_models import register_timm
    from resdsl.diagnostics.diagnostic import Diagnostic
    from resdsl.diagnostics.exception import SpecError, SpecWarning
    from resdsl.drawing.render import DrawingError, MissingRenderer
    from resdsl.exporting.refusal import ExportError, MissingExporter
    from resdsl.exporting.report import ExportReport
    from resdsl.outputs import OutputError
    from resdsl.targets.equal_forms import FormError, to_form
    from resdsl.targets.module import DeviceError
    from resdsl.weights.refusal import WeightsError
    from resdsl.weights.report import WeightsReport

__version__ = "0.1.0"

__all__ = [
    "Design",
    "DeviceError",
    "Diagnostic",
    "DrawingError",
    "ExportError",
    "ExportReport",
    "FormError",
    "MissingExporter",
    "MissingRenderer",
    "OutputError",
    "Report",
    "RestoreError",
    "SaveError",
    "SpecError",
    "SpecWarning",
    "UnknownNameError",
    "WeightsError",
    "WeightsReport",
    "check",
    "compile",
    "design",
    "explain",
    "export",
    "load",
    "networks",
    "register_timm",
    "save",
    "to_form",
]

_HOMES = {
    "Design": "resdsl.api.designs",
    "DeviceError": "resdsl.targets.module",
    "Diagnostic": "resdsl.diagnostics.diagnostic",
    "DrawingError": "resdsl.drawing.render",
    "ExportError": "resdsl.exporting.refusal",
    "ExportReport": "resdsl.exporting.report",
    "FormError": "resdsl.targets.equal_forms",
    "MissingExporter": "resdsl.exporting.refusal",
    "MissingRenderer": "resdsl.drawing.render",
    "OutputError": "resdsl.outputs",
    "Report": "resdsl.api.reports",
    "RestoreError": "resdsl.api.carried",
    "SaveError": "resdsl.api.save_error",
    "SpecError": "resdsl.diagnostics.exception",
    "SpecWarning": "resdsl.diagnostics.exception",
    "UnknownNameError": "resdsl.api.explaining",
    "WeightsError": "resdsl.weights.refusal",
    "WeightsReport": "resdsl.weights.report",
    "check": "resdsl.api.reports",
    "compile": "resdsl.api.building",
    "design": "resdsl.api.designing",
    "explain": "resdsl.api.explaining",
    "export": "resdsl.api.exporting",
    "load": "resdsl.api.building",
    "networks": "resdsl.api.inventory",
    "register_timm": "resdsl.api.timm_models",
    "save": "resdsl.api.one_file",
    "to_form": "resdsl.targets.equal_forms",
}


class _Package(ModuleType):
    """This package. `resdsl.design` is the function, though there is a folder of that name.

    Importing a folder binds its name in the package around it, which would hide the function from
    then on. A property cannot be hidden; `from resdsl.design.model import …` needs no such binding.
    """

    @property
    def design(self) -> Any:
        return __getattr__("design")

    @design.setter
    def design(self, folder: ModuleType) -> None:
        """The import system binds the folder here."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'resdsl' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


sys.modules[__name__].__class__ = _Package
