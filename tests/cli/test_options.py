"""Options that say the form of what is printed, on every click that pyproject.toml admits."""

from __future__ import annotations

from collections import Counter

import click
import pytest

from resdsl.cli.group import COMMANDS, cli

from .conftest import Resdsl

# How the output of each form begins.
STARTS = {"json": "{\n", "markdown": "| stage |", "latex": "% needs", "html": "<table>"}


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_options_share_no_parameter(name: str | None) -> None:
    """What the one that is not given does to the other's value differs from click to click."""
    context = click.Context(cli)
    command = cli if name is None else cli.get_command(context, name)
    assert command is not None
    names = [parameter.name for parameter in command.params if parameter.expose_value]
    assert [one for one, count in Counter(names).items() if count > 1] == []
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if isinstance(one.flag_value, str)] == []


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        ([], "lenet5: ok, "),
        (["--json"], "{\n"),
        (["--format", "text"], "lenet5: ok, "),
        (["--format", "json"], "{\n"),
        (["--format", "github"], ""),
        (["--json", "--format", "text"], "lenet5: ok, "),
        (["--format", "text", "--json"], "{\n"),
    ],
)
def test_check(resdsl: Resdsl, arguments: list[str], start: str) -> None:
    """The last that is given counts."""
    found = resdsl("check", *arguments, "lenet5")
    assert (found.status, found.err) == (0, "")
    assert found.out.startswith(start) if start else found.out == ""


@pytest.mark.parametrize("last", STARTS)
@pytest.mark.parametrize("first", STARTS)
def test_show(resdsl: Resdsl, first: str, last: str) -> None:
    """The last that is given counts."""
    found = resdsl("show", f"--{first}", "lenet5", f"--{last}")
    assert (found.status, found.err) == (0, "")
    assert found.out.startswith(STARTS[last])


@pytest.mark.parametrize("arguments", [["--at", "32"], ["--paths"]])
def test_show_what_has_one_form(resdsl: Resdsl, arguments: list[str]) -> None:
    assert resdsl("show", "lenet5", *arguments).status == 0


@pytest.mark.parametrize("command", ["check", "show", "draw", "compile"])
def test_a_value_that_takes_too_much(
    resdsl: Resdsl, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resdsl.limits.STEPS", 50)
    found = resdsl(command, "resnet50", "--set", "classes=" + " + ".join(["1"] * 900))
    assert (found.status, found.out.replace("resnet50: has errors\n", "")) == (2, "")
    assert found.err.startswith("error[E0701]: ")
