"""Drawings as files: never half-written, and the DOT text at least."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from resdsl import limits
from resdsl.analysis.facts import Facts
from resdsl.design.network import Network
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Diagnostic
from resdsl.diagnostics.exception import SpecError
from resdsl.drawing.layout.fitting import points
from resdsl.drawing.layout.picture import Unplaced
from resdsl.drawing.refusal import FigureError
from resdsl.drawing.render import INSTALL, MissingRenderer, find_renderer, render
from resdsl.drawing.stamp import is_pristine, stamped
from resdsl.drawing.views import Wanted, picture
from resdsl.outputs import refuse_to_lose, write

FORMATS = ("dot", "svg", "png", "pdf")


def draw(
    known: Facts,
    path: str | os.PathLike[str] | None = None,
    format: str | None = None,
    wanted: Wanted | None = None,
    *,
    force: bool = False,
    note: Callable[[str], None] = lambda _: None,
) -> bytes:
    """A picture of a network: its bytes, also written to `path` if there is one.

    `format` is `dot`, `svg`, `png` or `pdf`; without it, the path's suffix says (no path: `svg`).
    `note` hears what its reader should know. Raises ValueError for an unknown format; FigureError
    for what is no figure; MissingRenderer where no renderer is found
    or the one found makes no PDF, after writing what can be made (the DOT text; the SVG instead of
    a PDF); SpecError for a picture of more than `limits.BOXES` boxes, or in which
    dot would have to place lines that reach over more than `limits.DOT_LINES` rows, before it is
    rendered;
    RendererError; OutputError where the file cannot be written, or is there and no drawing of ours
    as we made it: `force` overwrites that.
    """
    asked = wanted or Wanted()
    target = None if path is None else Path(path)
    chosen = format or ("svg" if target is None else format_of(target))
    if chosen not in FORMATS:
        raise ValueError(f"{chosen} is not a format of drawings: {', '.join(FORMATS)}")
    if target is not None:
        keep_others(target, chosen, force=force)
    made = picture(known, asked)
    if chosen != "dot" and made.boxes > limits.BOXES:
        raise SpecError([_too_many(known.network, made.boxes)])
    if chosen != "dot" and isinstance(made, Unplaced) and made.reach > limits.DOT_LINES:
        raise SpecError([_too_tangled(known.network, made)])
    dot = made.dot(asked.theme, None if asked.width is None else points(asked.width))
    for one in made.notes:
        note(one)
    content = dot.encode() if chosen == "dot" else _picture(dot, chosen, target, force=force)
    content = stamped(content, chosen)
    if target is not None:
        keep_others(target, chosen, force=force)
        write(target, content)
    return content


def format_of(path: Path) -> str:
    """What the suffix of a file says. Raises FigureError."""
    suffix = path.suffix[1:].lower()
    if suffix not in FORMATS:
        endings = ", ".join(f".{name}" for name in FORMATS)
        raise FigureError(f"{path}: the suffix says the format; it is one of {endings}")
    return suffix


def _too_many(network: Network, boxes: int) -> Diagnostic:
    name = network.name
    return Diagnostic(
        codes.LIMIT,
        "error",
        f"a picture of {name} has {boxes:,} boxes, and at most {limits.BOXES:,} are rendered",
        help=(
            f"`-o {name}.dot` writes it as DOT, for a renderer of your own; "
            "`resdsl show` prints the table, "
            "and `draw --block` what is inside of a block",
            "what repeats, written as one unit `x n`, is one box",
        ),
    )


def _too_tangled(network: Network, made: Unplaced) -> Diagnostic:
    name = network.name
    return Diagnostic(
        codes.LIMIT,
        "error",
        f"{made.why}: its lines reach over {made.reach:,} rows in all, and dot is given at most "
        f"{limits.DOT_LINES:,}",
        help=(
            "`--block` draws a block of it by itself; the overview tells kept tensors by names",
            f"`-o {name}.dot` writes it as DOT, for a renderer of your own",
        ),
    )


def keep_others(path: Path, format: str, *, force: bool) -> None:
    """OutputError where somebody else's file would be lost."""
    refuse_to_lose(path, lambda content: is_pristine(content, format), force=force)


def _picture(dot: str, format: str, target: Path | None, *, force: bool) -> bytes:
    try:
        renderer = find_renderer()
        reason = f"nothing here renders DOT; {INSTALL}"
    except MissingRenderer as error:
        renderer, reason = None, str(error)
    if renderer is None:
        raise MissingRenderer(*_instead(reason, target, {".dot": dot.encode()}, force=force))
    if format == "pdf" and not renderer.makes_pdf:
        reason = (
            "graphviz-pure makes no PDF; install Graphviz for it "
            "(Debian: apt install graphviz; macOS: brew install graphviz)"
        )
        others = {".dot": dot.encode()}
        if target is not None:
            others[".svg"] = render(dot, "svg", renderer)
        raise MissingRenderer(*_instead(reason, target, others, force=force))
    return render(dot, format, renderer)


def _instead(
    reason: str, target: Path | None, contents: dict[str, bytes], *, force: bool
) -> tuple[str, tuple[Path, ...]]:
    """Writes what there is beside the file that was asked for, and says so."""
    if target is None:
        return reason, ()
    written = tuple(target.with_suffix(suffix) for suffix in contents)
    for other in written:
        keep_others(other, other.suffix[1:], force=force)
    for other, content in zip(written, contents.values(), strict=True):
        write(other, stamped(content, other.suffix[1:]))
    return f"{reason}; wrote {' and '.join(str(other) for other in written)}", written
