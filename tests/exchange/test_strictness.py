"""A design in JSON is held to the rules of a text; what passes them is a network that runs."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

import resdsl
from resdsl.exchange.forms import DesignForm
from tests.exchange.test_round_trip import RICH
from tests.zoo.families import every

FLAGGED = """
block unit(width: int, gated: bool) {
    residual { conv(3, width) norm if gated { layer_scale } } via projection
}
network flagged(gated: bool = false, deep: bool = true, width: int = 4) {
    input 3 x 8 x 8
    if deep { conv(3, width) norm relu }
    keep stem conv(3, width) unit(width, gated) x 2
    output stem, last: here
}
"""

SMALL = """
block unit(width: int) {
    residual { conv(3, width) norm relu conv(3, width) norm } via projection relu
}
network net(classes: int = 4) {
    input 3 x 16 x 16
    stem: { conv(3, 4) norm }
    stage one: unit(8) x 3
    keep a
    stage two /2: conv(3, 16)
    fork { left: conv(1, 8)  right: { conv(3, 8) } x 2 } join concat(left, sum(right))
    flatten linear(classes)
}
"""


def content(text: str = SMALL) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_written(text))
    return found


@cache
def _written(text: str) -> str:
    return resdsl.design(text).to_json()


def refused(changed: Any) -> list[str]:
    text = changed if isinstance(changed, str) else json.dumps(changed, indent=1)
    report = resdsl.check(f"{text}\n")
    assert not report.ok, "it was accepted"
    return [found.message for found in report.diagnostics]


def module(form: dict[str, Any], key: str) -> dict[str, Any]:
    """A module by its key, wherever it stands."""
    stack: list[Any] = [form]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if item.get("key") == key:
                return item
            stack += item.values()
        elif isinstance(item, list):
            stack += item
    raise KeyError(key)


def root(form: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = form["definitions"][-1]
    return found


def _rename(form: dict[str, Any], key: str, name: str) -> None:
    module(form, key).update(key=name, label=name)


def _held(form: dict[str, Any], key: str) -> None:
    module(form, key).update(held=True)


Change = Callable[[dict[str, Any]], object]
CHANGES: list[tuple[str, Change, str]] = [
    ("another version", lambda f: f.update(schema="resdsl.design/3"), "schema"),
    ("an unknown field", lambda f: root(f).update(colour="red"), "not permitted"),
    ("a missing field", lambda f: root(f).pop("doc"), "required"),
    ("a number as text", lambda f: f["network"]["input"].update(channels="3"), "valid integer"),
    ("true for a number", lambda f: f["network"]["input"].update(channels=True), "valid integer"),
    ("no channels", lambda f: f["network"]["input"].update(channels=0), "greater than or equal"),
    ("a huge extent", lambda f: f["network"]["input"].update(extents=[16, 2**70]), "less than"),
    ("other channels", lambda f: f["network"]["input"].update(channels=4), "4 channels come in"),
    ("no axes", lambda f: f["network"]["input"].update(names=["H"]), "a name for each extent"),
    ("Python in a name", lambda f: root(f).update(name="a\nimport os"), "match pattern"),
    ("Python in a file name", lambda f: f["network"].update(source='x"""\nimport os'), "printable"),
    ("escapes in a doc", lambda f: f["network"].update(doc="\x1b[2J"), "printable"),
    ("escapes in a name", lambda f: _name_of_a_use(f, "a\x1b[2J"), "printable"),
    ("a key torch has", lambda f: _rename(f, "stem", "forward"), "attribute of torch's"),
    ("a key with an empty part", lambda f: _rename(f, "stem", "a..b"), "between two names"),
    ("a key in a module", lambda f: _rename(f, "stem", "one.0"), "the key of a container"),
    ("a held block", lambda f: _held(f, "one"), "neither repeated nor a stage"),
    ("a held convolution", lambda f: _held(f, "stem"), "one learned tensor"),
    ("a key twice", lambda f: _rename(f, "stem", "one"), "two modules have one key"),
    ("a key of its own", lambda f: module(f, "stem").update(key="top"), "neither the label"),
    ("an unknown operator", lambda f: _op(f, op="eval"), "no operator `eval`"),
    ("an unknown argument", lambda f: _argument(f, system="rm"), "no parameter system"),
    ("a stride of 0", lambda f: _argument(f, stride=0), "at least 1"),
    ("a float for an int", lambda f: _argument(f, groups=2.0), "must be an int"),
    ("groups that do not fit", lambda f: _argument(f, groups=3), "divide"),
    ("a wrong origin", lambda f: _argument(f, channels={"value": 5, "origin": "classes"}), "is 5"),
    ("an unknown origin", lambda f: _argument(f, k={"value": 3, "origin": "up"}), "is called `up`"),
    (
        "a division by zero",
        lambda f: _argument(
            f, k={"value": 3, "origin": {"op": "//", "left": "classes", "right": 0}}
        ),
        "has no value",
    ),
    (
        "a tower of powers",
        lambda f: _argument(
            f, k={"value": 3, "origin": {"op": "**", "left": "classes", "right": 10**9}}
        ),
        "has no value",
    ),
    ("a sum that does not fit", lambda f: _argument(f, "conv_1", channels=9), "shapes that differ"),
    ("a value from later on", lambda f: module(f, "one").update(input=90), "not known here"),
    ("a value made twice", lambda f: _again(f), "made twice"),
    ("a body used twice", lambda f: _group(f, 0), "has one place"),
    ("a definition in itself", lambda f: _definition(f, len(f["definitions"]) - 1), "comes after"),
    ("a definition of nothing", lambda f: f["definitions"].insert(0, _spare(f)), ""),
    ("too many copies", lambda f: module(f, "one")["runs"][0].update(count=10**8), "less than"),
    ("a count of nothing", lambda f: _counted(f, -1, "depth"), "no number is called"),
    ("a count that differs", lambda f: _counted(f, -1, "classes"), "has the value 4"),
    ("a count of a float", lambda f: _counted(f, -1, 1.5), "has the value 1.5"),
    ("a count of a list", lambda f: _counted(f, -1, {"element": "classes", "place": 0}), "no list"),
    (
        "a count of the first copy",
        lambda f: _counted(f, 0, {"op": "-", "left": "classes", "right": 3}),
        "give the shape that they are fed",
    ),
    (
        "a count of branches",
        lambda f: _counted(f, -1, {"op": "-", "left": "classes", "right": 2}, "right"),
        "the last copies of a row alone",
    ),
    ("copies of one", lambda f: module(f, "one").update(repeated=False), "only a repetition"),
    ("copies that shrink", lambda f: _shrinking(f), "give the shape that they are fed"),
    ("what is free", lambda f: f["network"].update(free_parameters=["width"]), "numbers of"),
    ("a repeated shortcut", lambda f: _twice(f), "one module"),
    ("one copy of several", lambda f: _one_copy(f), "not known here"),
    ("other arguments", lambda f: root(f)["arguments"].update(more=1), "the arguments are"),
    ("an argument that differs", lambda f: _passed(f), "not those of the definition"),
]


def _op(form: dict[str, Any], **change: Any) -> None:
    stem = root(form)["bodies"][0]["steps"][0]["module"]
    stem["runs"][0]["unit"].update(change)


def _counted(form: dict[str, Any], place: int, source: Any, key: str = "one") -> None:
    run = module(form, key)["runs"][place]
    run["count"] = {"value": run["count"], "origin": source}


def _argument(form: dict[str, Any], key: str = "", **change: Any) -> None:
    found = module(form, key) if key else root(form)["bodies"][0]["steps"][0]["module"]
    found["runs"][0]["unit"]["arguments"].update(change)


def _again(form: dict[str, Any]) -> None:
    linear = module(form, "linear")
    linear["output"] = linear["runs"][0]["output"] = linear["input"]


def _group(form: dict[str, Any], number: int) -> None:
    module(form, "right")["runs"][0]["unit"] = {"group": number}


def _definition(form: dict[str, Any], number: int) -> None:
    module(form, "one")["runs"][-1]["unit"]["definition"] = number


def _spare(form: dict[str, Any]) -> dict[str, Any]:
    spare: dict[str, Any] = json.loads(json.dumps(form["definitions"][0]))
    return spare


def _shrinking(form: dict[str, Any]) -> None:
    two = module(form, "two")
    two.update(repeated=True)
    two["runs"][0].update(count=2)


def _twice(form: dict[str, Any]) -> None:
    unit = next(found for found in form["definitions"] if found["name"] == "unit")
    unit["bodies"][-1]["steps"][0]["shortcut"].update(repeated=True)


def _name_of_a_use(form: dict[str, Any], name: str) -> None:
    (fork,) = (step for step in root(form)["bodies"][-1]["steps"] if step["step"] == "fork")
    fork["join"][0]["name"] = name


def _one_copy(form: dict[str, Any]) -> None:
    (fork,) = (step for step in root(form)["bodies"][-1]["steps"] if step["step"] == "fork")
    fork["join"][0]["use"] = fork["join"][1]["refs"][0][0]


def _passed(form: dict[str, Any]) -> None:
    module(form, "one")["runs"][-1]["unit"]["arguments"]["width"] = 16


@pytest.mark.parametrize(("change", "says"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_refused(change: Change, says: str) -> None:
    form = content()
    change(form)
    messages = refused(form)
    assert any(re.search(re.escape(says), message) for message in messages), messages


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        ([(0, 2, 0), (0, 4, 1)], "no size is meant"),
        ([(0, 1 << 16, 1), (0, (1 << 16) + 1, 2)], "no size is meant"),
        ([(0, 2, 2)], "no size meets a condition"),
        ([(1, 2, 0)], "a condition is on an axis"),
        ([(0, 1, 0)] * 65, "more than 64 conditions"),
    ],
)
def test_conditions_of_an_input(conditions: list[tuple[int, int, int]], says: str) -> None:
    form = content("network net {\ninput 3 x H expect H % 2 == 0 conv(3, 4)\n}\n")
    (known,) = form["network"]["input"]["conditions"]
    form["network"]["input"]["conditions"] = [
        {**known, "axis": axis, "modulus": modulus, "residue": residue}
        for axis, modulus, residue in conditions
    ]
    (message,) = refused(form)
    assert says in message


def test_sizes_that_take_too_long_to_follow() -> None:
    """At one element all copies are alike; in the map beside it each gives another extent."""
    form = content(
        "block b { maxpool(2, ceil=true) x 30 }\n"
        "network net { input 3 x H keep a global_avgpool b keep c join a b join c + here }\n"
    )
    form["definitions"][0]["bodies"][0]["steps"][0]["module"]["runs"][0]["count"] = 10_000_000
    (message,) = refused(form)
    assert "rescale them again and again" in message


def test_what_is_no_design() -> None:
    assert "is no JSON" in refused('{\n"schema": ')[0]
    assert "deep" in refused('{"a": ' + "[" * 100_000 + "\n")[0]
    assert "twice" in refused('{"schema": 1,\n"schema": 2}')[0]
    assert refused('{"schema": "resdsl.design/1", "network": NaN,\n "definitions": []}')


def test_the_schema_can_be_given_to_others() -> None:
    schema = DesignForm.model_json_schema()
    assert schema["properties"]["schema"]["enum"] == ["resdsl.design/2", "resdsl.design/1"]


# --- whatever is accepted runs --------------------------------------------------------------------


def places(item: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = item.items() if isinstance(item, dict) else enumerate(item)
    for key, inner in pairs:
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))
        else:
            yield (*path, key)


def changed(form: dict[str, Any], source: random.Random) -> dict[str, Any]:
    """One to three small changes, each of which a program with a mistake could make."""
    for _ in range(source.choice([1, 1, 1, 2, 3])):
        path = source.choice([p for p in places(form) if p])
        holder: Any = form
        for key in path[:-1]:
            holder = holder[key]
        value = holder[path[-1]]
        holder[path[-1]] = _other(value, source, form)
        if isinstance(holder, list) and source.random() < 0.1:
            del holder[path[-1]]
    return form


def _other(value: Any, source: random.Random, form: dict[str, Any]) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return source.choice([value + 1, value - 1, 0, 1, 2, value * 2, -1, 2**63])
        case float():
            return source.choice([0.0, -value, 1.0, 2])
        case str():
            strings = [p[-1] for p in places(form) if p and isinstance(p[-1], str)]
            return source.choice(["", "x", "0", "norm", "conv", "forward", value + "_1", *strings])
        case None:
            return source.choice([0, 1, "x"])
        case list() if value:
            return source.choice([value[::-1], value[:-1], [*value, value[0]], []])
        case dict() if value:
            gone = source.choice(list(value))
            return {key: item for key, item in value.items() if key != gone}
        case _:
            return source.choice([None, 1, "x"])


@pytest.mark.parametrize("first", every(3, range(0, 1200, 100)))
def test_whatever_is_accepted_runs(first: int) -> None:
    from resdsl.targets import verify

    accepted = 0
    for seed in range(first, first + 100):
        source = random.Random(seed)
        form = changed(content(source.choice([SMALL, RICH, FLAGGED])), source)
        text = json.dumps(form, indent=1)
        report = resdsl.check(text)
        assert report.ok == bool(report.designs)
        for design in report.designs:
            accepted += 1
            assert resdsl.design(design.to_json()).source() == design.source()
            verify(design.network, design.source())
    assert accepted
