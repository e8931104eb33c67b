"""Labels of steps: plain, in quotation marks, in a loop with the turn behind them."""

from __future__ import annotations

from tests.random_networks.texts import Text, text
from tests.random_networks.writing.places import Place, Writer


def label(w: Writer, place: Place) -> str:
    """`name: `, or nothing."""
    if not place.labelled:
        return ""
    if place.suffix:
        if w.chance(0.3):
            # `"convs."[i]`: no label elsewhere in the body leads there.
            begin = f"{w.names.container(place.labels, new=True)}.{w.pick(['', '', 'b', 'b-'])}"
            place.labels |= {begin, *(f"{begin}{n}" for n in range(5))}
            return f'"{begin}"[{place.suffix}]{_second(w)}: '
        name = w.names.label(place.labels, string=False) + "_"
        while name in place.labels:
            name += "_"
        place.labels.add(name)
        return f"{name}[{place.suffix}]{_second(w)}: "
    return w.names.label(place.labels) + ": "


def _second(w: Writer) -> str:
    """Another index."""
    return w.pick(["[0]", "[2]"]) if w.chance(0.15) else ""


def labelled(w: Writer, place: Place, call: str, p: float = 0.35) -> Text:
    return text((label(w, place) if w.chance(p) else "") + call)


def with_label(w: Writer, place: Place, written: list[Text]) -> list[Text]:
    """A label for a call that has none."""
    if len(written) == 1 and len(written[0].parts) == 1:
        call = written[0].parts[0]
        if isinstance(call, str) and w.chance(0.25) and is_call(call):
            return [text(label(w, place) + call)]
    return written


def is_call(unit: str) -> bool:
    word = unit.split("(")[0]
    taken = word in ("keep", "join", "let", "set", "residual", "fork") or " x " in unit
    return word.isidentifier() and not taken
