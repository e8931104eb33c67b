"""Colours of figures: what each look is filled, outlined and written with.

`print` is read in grey: fills differ in lightness, outlines are black.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from resdsl.records import dataclass

ThemeName: TypeAlias = Literal["light", "dark", "print"]


@dataclass(frozen=True, slots=True)
class Look:
    fill: str
    line: str
    ink: str


@dataclass(frozen=True, slots=True)
class Theme:
    ground: str
    text: str
    secondary: str
    # Lines on the spine.
    line: str
    hair: str
    looks: dict[str, Look]
    # Those of stages, in turn.
    stages: tuple[Look, ...]

    def look(self, name: str) -> Look:
        """`stage0`, `stage1`, … in turn (`row0`, …: with the text's own ink); else by name."""
        if name.startswith("stage"):
            return self.stages[int(name[5:]) % len(self.stages)]
        if name.startswith("row"):
            stage = self.stages[int(name[3:]) % len(self.stages)]
            return Look(stage.fill, stage.line, self.text)
        return self.looks[name]

    def ink(self, name: str) -> str:
        """The colour of a text or line: that of a look, or one of the theme's own."""
        own = {"text": self.text, "secondary": self.secondary, "line": self.line, "hair": self.hair}
        return own[name] if name in own else self.look(name).ink


_TEXT, _SOFT, _LINE, _HAIR = "#1f2933", "#64748b", "#475569", "#cbd5e1"

_LIGHT = Theme(
    "white",
    _TEXT,
    _SOFT,
    _LINE,
    _HAIR,
    {
        "weight": Look("#e1ecf8", "#2b6cb0", _TEXT),
        "norm": Look("#f4f6f8", "#94a3b8", "#475569"),
        "activation": Look("#fdf3e3", "#d19a3a", "#7a5310"),
        "pool": Look("#e3f2e1", "#2e7d4f", _TEXT),
        "gate": Look("#ece7f6", "#6a51a3", "#4b3a7a"),
        "other": Look("#ffffff", "#94a3b8", _TEXT),
        "neutral": Look("#f8fafc", "#94a3b8", _TEXT),
        "bar": Look("#eef2f7", _LINE, _TEXT),
        "frame": Look("#fbfcfd", "#94a3b8", _SOFT),
        "map": Look("#dbe8f7", "#2b6cb0", _TEXT),
        "copy": Look("#ffffff", "#2b6cb0", _TEXT),
        "down": Look("#fde8e4", "#c0513b", "#c0513b"),
        "up": Look("#e3f2e1", "#2e7d4f", "#2e7d4f"),
        "keep": Look("#eef2f7", "#94a3b8", "#94a3b8"),
        "apply": Look("#e1ecf8", "#2b6cb0", "#2b6cb0"),
        "pointwise": Look("#ece7f6", "#6a51a3", "#6a51a3"),
    },
    tuple(
        Look(fill, ink, ink)
        for fill, ink in (
            ("#ece7f6", "#6a51a3"),
            ("#e3f2e1", "#2e7d4f"),
            ("#fde8e4", "#c0513b"),
            ("#e1ecf8", "#2b6cb0"),
            ("#fbf0d9", "#8f6100"),
            ("#def1f2", "#0e7480"),
        )
    ),
)

_PALE, _DIM = "#e5e9f0", "#9aa7b8"

_DARK = Theme(
    "#12171d",
    _PALE,
    _DIM,
    "#aab6c5",
    "#3b4653",
    {
        "weight": Look("#1c3350", "#6aa5e3", _PALE),
        "norm": Look("#232a33", "#6b7888", "#b9c4d1"),
        "activation": Look("#3a2d14", "#d9a441", "#f1d7a2"),
        "pool": Look("#193524", "#5fb582", _PALE),
        "gate": Look("#2b2344", "#a08be0", "#d5cbf5"),
        "other": Look("#171d25", "#6b7888", _PALE),
        "neutral": Look("#1a212a", "#6b7888", _PALE),
        "bar": Look("#222b36", "#aab6c5", _PALE),
        "frame": Look("#161c23", "#6b7888", _DIM),
        "map": Look("#1c3350", "#6aa5e3", _PALE),
        "copy": Look("#12171d", "#6aa5e3", _PALE),
        "down": Look("#41211a", "#e58a76", "#e58a76"),
        "up": Look("#193524", "#6cc492", "#6cc492"),
        "keep": Look("#222b36", "#8b98a9", "#8b98a9"),
        "apply": Look("#1c3350", "#6aa5e3", "#6aa5e3"),
        "pointwise": Look("#2b2344", "#a08be0", "#a08be0"),
    },
    tuple(
        Look(fill, ink, ink)
        for fill, ink in (
            ("#2b2344", "#b3a1ea"),
            ("#193524", "#6cc492"),
            ("#41211a", "#e58a76"),
            ("#1c3350", "#7fb2ea"),
            ("#382c13", "#e0b565"),
            ("#12343a", "#67c4d0"),
        )
    ),
)

_BLACK, _GREY = "#000000", "#444444"

_PRINT = Theme(
    "white",
    _BLACK,
    _GREY,
    _BLACK,
    "#bbbbbb",
    {
        "weight": Look("#d9d9d9", _BLACK, _BLACK),
        "norm": Look("#ffffff", "#777777", _GREY),
        "activation": Look("#f2f2f2", _BLACK, _BLACK),
        "pool": Look("#ffffff", _BLACK, _BLACK),
        "gate": Look("#bfbfbf", _BLACK, _BLACK),
        "other": Look("#ffffff", _GREY, _BLACK),
        "neutral": Look("#ffffff", _GREY, _BLACK),
        "bar": Look("#eeeeee", _BLACK, _BLACK),
        "frame": Look("#fafafa", "#777777", _GREY),
        "map": Look("#d9d9d9", _BLACK, _BLACK),
        "copy": Look("#ffffff", _BLACK, _BLACK),
        "down": Look("#ffffff", _BLACK, _BLACK),
        "up": Look("#ffffff", "#777777", "#777777"),
        "keep": Look("#ffffff", "#999999", "#999999"),
        "apply": Look("#ffffff", _BLACK, _BLACK),
        "pointwise": Look("#ffffff", _GREY, _GREY),
    },
    tuple(Look(fill, _BLACK, _BLACK) for fill in ("#f2f2f2", "#e2e2e2", "#d2d2d2", "#c2c2c2")),
)

THEMES: dict[str, Theme] = {"light": _LIGHT, "dark": _DARK, "print": _PRINT}
