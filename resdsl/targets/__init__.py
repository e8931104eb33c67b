"""Torch: the source text of a module, the module itself, its weights, and the check of both."""

from resdsl.targets.assigning import assigned
from resdsl.targets.module import DeviceError, build, checked_device, load
from resdsl.targets.torch_source import Header, emit, is_pristine, made_of
from resdsl.targets.verification import verify

__all__ = [
    "DeviceError",
    "Header",
    "assigned",
    "build",
    "checked_device",
    "emit",
    "is_pristine",
    "load",
    "made_of",
    "verify",
]
