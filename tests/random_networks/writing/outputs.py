"""`output`, in a network, its groups, its `if`s and `for`s, and in the braces of an instance."""

from __future__ import annotations

import re

from tests.random_networks.names import STRINGS
from tests.random_networks.shapes import Shape
from tests.random_networks.texts import Text, text
from tests.random_networks.writing.calls import SOFT
from tests.random_networks.writing.places import Made, Place, Writer

_LABEL = re.compile(r'(?:stage )?("[^"]+"|\w+)(?: /[^:]*)?: ')
_TURN = re.compile(r'("[^"]+"|\w+)\[\w+\](?=: )')
_KEEP = re.compile(r"keep (\w+)")


def output(w: Writer, place: Place, shape: Shape) -> Made | None:
    """One to three outputs, the same network going on."""
    if not place.gives:
        return None
    items = [item for _ in range(w.pick([1, 1, 1, 2, 3])) if (item := _item(w, place, shape))]
    return ([text("output " + ", ".join(items))], shape) if items else None


def sometimes(w: Writer, place: Place, shape: Shape) -> list[Text]:
    """At the end of a group, an `if` or a `for`, where nothing else would often write one."""
    made = output(w, place, shape) if place.gives and w.chance(0.3) else None
    return [] if made is None else made[0]


def of_turns(w: Writer, place: Place, made: list[Text]) -> list[Text]:
    """`output "convs."[i]` behind what is labelled so, in each turn of a `for` of the network."""
    labels = [found[0] for step in made if (found := _TURN.match(str(step.parts[0])))]
    if not place.gives or place.depth > 1 or not labels or w.chance(0.5):
        return []
    label = w.pick(labels)
    return [text(f"output {label}")]


def last(w: Writer, place: Place) -> list[Text]:
    """What a network with outputs gives in the end; without it, it is cut behind the last."""
    if not place.gives or w.chance(0.25):
        return []
    return [text(f"output {_name(w, place)}: here")]


def note(w: Writer, place: Place, made: list[Text]) -> None:
    """The names that steps of the network itself have for `output`s behind them."""
    for step in made:
        first = step.parts[0]
        if not isinstance(first, str):
            continue
        if (kept := _KEEP.fullmatch(first)) is not None:
            w.taps[kept[1]] = kept[1]
        if (label := _LABEL.match(first)) is None or first.startswith(("param", "if ", "for ")):
            continue
        name = label[1]
        w.taps[name.strip('"')] = name
        # Braces alone, once: of a repetition and a residual nothing inside has a name.
        is_group = len(step.parts) == 2 and first[label.end() :] == ""
        group = step.parts[1] if is_group else ()
        for inner in group if isinstance(group, list) else ():
            begin = inner.parts[0]
            found = _LABEL.match(begin) if isinstance(begin, str) else None
            if found is not None and found[1].isidentifier():
                w.taps[f"{name.strip(chr(34))}.{found[1]}"] = f"{name}.{found[1]}"


def amending(w: Writer) -> list[Text]:
    """Outputs instead of the family's, of which it is given some, and some of its taps."""
    known = {**w.taps, **{name: written for name, written in w.outputs.items() if written}}
    names = w.random.sample(sorted(known), min(len(known), w.pick([1, 1, 2, 3])))
    items = []
    for number, name in enumerate(names):
        renamed = w.chance(0.3) and "." not in name
        items.append(f"o{number}_: {_value(known[name])}" if renamed else known[name])
    if len(items) > 1 and w.chance(0.3):
        return [text(f"output {item}") for item in items]
    return [text("output " + ", ".join(items))] if items else []


def _item(w: Writer, place: Place, shape: Shape) -> str | None:
    kept = [
        name
        for name in (*place.kept, *place.lets)
        if name not in w.outputs and name not in place.labels and name not in w.names.labels
    ]
    kind = w.random.random()
    if kept and kind < 0.3 and not place.suffix:
        name = w.pick(kept)
        if w.chance(0.3):
            return f"{_name(w, place)}: {name}"
        w.outputs[name] = name
        return name
    taps = [
        name
        for name, written in w.taps.items()
        if name not in w.outputs and name not in place.bound and written not in place.kept
    ]
    if taps and kind < 0.7 and place.depth == 0:
        name = w.pick(taps)
        written = w.taps[name]
        if w.chance(0.3) and '".' not in written:
            return f"{_name(w, place)}: {_value(written)}"
        w.outputs[name] = written
        return written
    values = ["here", "here", "2 * here", "1 - here", "max(here, 0)", "concat(here, here)", "in"]
    values += [f"here + {name}" for name, known in place.tensors.items() if known == shape]
    return f"{_name(w, place)}: {w.pick(values)}"


def _value(written: str) -> str:
    """A label as an expression, where words that begin steps are none."""
    return f'"{written}"' if written in SOFT else written


def _name(w: Writer, place: Place) -> str:
    """A name that no other output has, and no step of the network."""
    strings = [s for s in STRINGS if s not in w.outputs and s not in w.names.labels]
    if w.chance(0.15) and strings and not place.suffix:
        name = w.pick(strings)
        w.outputs[name] = f'"{name}"' if place.depth == 0 else ""
        return f'"{name}"'
    w.count += 1
    name = w.pick([f"out_{w.count}", f"y{w.count}_", f"head_{w.count}"])
    if place.suffix:
        return f"{name}_[{place.suffix}]"
    w.outputs[name] = name if place.depth == 0 else ""
    return name
