"""Slices of channels: how their bounds are spelled, and which numbers a class holds for them."""

from __future__ import annotations

import subprocess
import sys

import pytest

import resdsl
from resdsl.targets.slicing import sliced


@pytest.mark.parametrize(
    ("template", "texts", "spelled"),
    [
        ("[:, {start}:{stop}]", {"start": "8", "stop": "16"}, "[:, 8:16]"),
        ("[:, {start}:{stop}]", {"start": "0", "stop": "8"}, "[:, :8]"),
        ("[:, {start}:{stop}]", {"start": "0", "stop": "self.w"}, "[:, : self.w]"),
        ("[:, {start}:{stop}]", {"start": "self.w", "stop": "2 * self.w"},
         "[:, self.w : 2 * self.w]"),
        ("[:, {start}:]", {"start": "8"}, "[:, 8:]"),
        ("[:, {start}:]", {"start": "self.w"}, "[:, self.w :]"),
        ("[:, {start}:]", {"start": "0"}, "[:, :]"),
        ("[:, :, ::{s}, ::{s}]", {"s": "2"}, "[:, :, ::2, ::2]"),
        ("[:, :, ::{s}, ::{s}]", {"s": "self.stride"}, "[:, :, :: self.stride, :: self.stride]"),
        ("[:, :, 1:-1, :-2]", {}, "[:, :, 1:-1, :-2]"),
        ("[:, :, None, None]", {}, "[:, :, None, None]"),
    ],
)  # fmt: skip
def test_spelling(template: str, texts: dict[str, str], spelled: str) -> None:
    assert sliced(template, texts) == spelled
    source = f"x = y{spelled}\n"
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    run = subprocess.run(command, input=source, capture_output=True, text=True, check=True)
    assert run.stdout == source


def block(steps: str, parameters: str = "w: int", uses: str = "b(4) b(8)") -> resdsl.Design:
    return resdsl.design(
        f"block b({parameters}) {{ c: conv(1, 16) act keep a {steps} }}"
        f" network net {{ input 3 x 8 x 8 {uses} }}"
    )


def held(design: resdsl.Design) -> list[str]:
    """What the constructors set to numbers."""
    lines = map(str.strip, design.source().splitlines())
    return [line for line in lines if line.startswith("self.") and "(" not in line]


@pytest.mark.parametrize(
    ("steps", "settings", "said"),
    [
        # One number for three slices.
        ("slice_channels(0, w) keep b join a slice_channels(w, 2 * w) join concat(b, here)",
         ["self.w = w"], ["[:, : self.w]", "[:, self.w : 2 * self.w]"]),
        # A `let` that is a variable of the constructor.
        ("let n = w // 2 d: conv(1, n + 12) keep a slice_channels(n, 2 * n) keep b join a "
         "slice_channels(2 * n) join concat(b, here)",
         ["self.n = n"], ["[:, self.n : 2 * self.n]", "[:, 2 * self.n :]"]),
        # One formula reads as many names as it is numbers: its value is held, under its own name.
        ("slice_channels(w // 2)", ["self.start = w // 2"], ["[:, self.start :]"]),
        ("slice_channels(0, w)", ["self.stop = w"], ["[:, : self.stop]"]),
        # A module has the name.
        ("w: conv(1, 16) keep a slice_channels(0, w) keep b join a slice_channels(w, 2 * w) "
         "join concat(b, here)",
         ["self.w_ = w"], ["[:, : self.w_]", "[:, self.w_ : 2 * self.w_]"]),
        # Steps of a slice are bounds like any.
        ("slice_channels(0, w) keep b join a slice_channels(w, 2 * w) join concat(b, here) "
         "subsample(w // 2)",
         ["self.w = w"], ["[:, self.w : 2 * self.w]", ":: self.w // 2"]),
    ],
)  # fmt: skip
def test_what_is_held(steps: str, settings: list[str], said: list[str]) -> None:
    design = block(steps)
    assert held(design) == settings
    assert all(text in design.source() for text in said)


def test_numbers_of_no_formula_are_the_caller_s() -> None:
    design = block(
        "slice_channels(0, len(k)) keep b join a slice_channels(len(k)) join concat(b, here)",
        "k: list[int]",
        "b([1, 2]) b([1, 2, 3])",
    )
    assert held(design) == ["self.slice_channels_stop = slice_channels_stop"]
    bounds = ("[:, : self.slice_channels_stop]", "[:, self.slice_channels_stop :]")
    assert all(bound in design.source() for bound in bounds)
