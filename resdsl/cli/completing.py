"""What could stand at the cursor of a command line: the answers to a shell's Tab key.

The scripts of `resdsl completion` run the same program with `_RESDSL_COMPLETE` set to the shell's
name. An answer is a line each: `file` or `word`, the value, and what a shell may show beside it,
set off by tabs. Whatever goes wrong, nothing is said: the prompt belongs to the person.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem, ShellComplete

from resdsl.cli.group import cli

if TYPE_CHECKING:
    from resdsl.language.spec import NetworkInfo, Spec

VARIABLE = "_RESDSL_COMPLETE"

_SPECS = (".res", ".json")
_MOST = 1000  # of a folder's files


def answer(shell: str, arguments: Sequence[str]) -> None:
    """Prints the completions. bash gives its line by COMP_LINE and COMP_POINT, others the words."""
    out, sys.stderr = sys.stdout, open(os.devnull, "w")  # noqa: SIM115, PTH123 (to the very end)
    with suppress(Exception):
        words = _line(os.environ) if shell == "bash" else list(arguments)
        if shell == "fish" and words:
            words[-1] = _unquoted(words[-1])
        *before, incomplete = words or [""]
        for item in completions(before, incomplete):
            cut = _replaced(incomplete, os.environ) if shell == "bash" else 0
            kind = "file" if item.type == "file" else "word"
            out.write(f"{kind}\t{item.value[cut:]}\t{item.help or ''}\n")
        out.flush()


def completions(before: list[str], incomplete: str) -> Iterator[CompletionItem[str]]:
    """What `incomplete` could become, behind the words `before`; each value is the whole word."""
    # `--net=re`: Click looks at what is behind the sign.
    prefix = incomplete[: incomplete.find("=") + 1] if incomplete.startswith("--") else ""
    found = ShellComplete(cli, {"obj": tuple(before)}, "resdsl", VARIABLE).get_completions(
        list(before), incomplete
    )
    for item in found:
        if "\n" not in item.value and "\t" not in item.value:
            help = " ".join((item.help or "").split())
            yield CompletionItem(prefix + item.value, item.type, help)


def _line(environment: Mapping[str, str]) -> list[str]:
    """The words behind the program's name, the last one up to the cursor."""
    line = environment["COMP_LINE"].encode()[: int(environment["COMP_POINT"])]
    text = line.decode(errors="ignore")
    from click.shell_completion import split_arg_string

    # A sign at the end shows whether the last word has begun.
    words = split_arg_string(text + "\0")
    if words and words[-1].endswith("\0"):
        words[-1] = words[-1][:-1]
    return words[1:]


def _unquoted(word: str) -> str:
    from click.shell_completion import split_arg_string

    return "".join(split_arg_string(word)[:1])


def _replaced(incomplete: str, environment: Mapping[str, str]) -> int:
    """bash puts an answer in the place of what is behind the last sign that ends a word for it."""
    breaks = [sign for sign in "=:" if sign in environment.get("COMP_WORDBREAKS", "=:")]
    return max((incomplete.rfind(sign) + 1 for sign in breaks), default=0)


# --- what arguments and options can be ------------------------------------------------------------


def specs(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Networks of the zoo, and files and folders."""
    return [*_words(_zoo(), incomplete), *_files(incomplete, _SPECS)]


def outputs(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    return list(_files(incomplete, ("",)))


def weights(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    return list(_files(incomplete, (".safetensors",)))


def networks(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    return list(_words(_zoo(), incomplete))


def explained(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from resdsl.api.explaining import names
    from resdsl.diagnostics import explanations

    codes = explanations.titles()
    return [*_words(names(), incomplete), *_words(codes, incomplete.upper() or "-")]


def nets(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The networks of the spec that is there already."""
    return list(_words((info.name for info in _infos(context)), incomplete))


def settings(
    context: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """The parameters of the network, as `classes=`; then values, where there is a choice."""
    name, equals, value = incomplete.partition("=")
    found = [parameter for info in _meant(context) for parameter in info.parameters]
    if not equals:
        items = {f"{parameter.name}=": f"{parameter.type} {parameter.doc}" for parameter in found}
        return [
            CompletionItem(text, help=help) for text, help in items.items() if text.startswith(name)
        ]
    types = [parameter.type for parameter in found if parameter.name == name]
    choices = [choice for type in types for choice in _choices(type, context)]
    return [CompletionItem(f"{name}={choice}") for choice in choices if choice.startswith(value)]


def blocks(
    context: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Paths and names of the blocks of the network that is there already."""
    from resdsl.api.designing import design
    from resdsl.drawing.figures.block_paths import known_blocks

    line = _on_the_line(context)
    return list(_words(known_blocks(design(line["spec"]).facts, _MOST), incomplete))


def features(
    context: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """The last of several names, of stages, labels and kept tensors."""
    from resdsl.api.designing import design
    from resdsl.design.taps import taps

    line = _on_the_line(context)
    names = taps(design(line["spec"]).network.root.body)
    before = incomplete[: incomplete.rfind(",") + 1]
    words = [before + name for name in names] + ([] if before else ["pyramid"])
    return list(_words(words, incomplete))


def _choices(type: str, context: click.Context) -> Sequence[str]:
    import re

    if type in ("op", "block", "shortcut"):
        return _callees(type, context)
    return ["true", "false"] if type == "bool" else re.findall(r'"(.*?)"', type)


def _words(known: Iterable[str], incomplete: str) -> Iterator[CompletionItem[str]]:
    return (CompletionItem(word) for word in known if word.startswith(incomplete))


def _zoo() -> Iterable[str]:
    from resdsl.api import zoo

    return zoo.entries()


def _files(incomplete: str, suffixes: tuple[str, ...]) -> Iterator[CompletionItem[str]]:
    """Files with one of the suffixes, and folders with a sign at their ends, in one folder."""
    folder, sign, begun = incomplete.rpartition("/")
    path = Path(folder + sign).expanduser() if sign else Path()
    if not path.is_dir():
        return
    inside = sorted(entry for entry, _ in zip(path.iterdir(), range(_MOST), strict=False))
    for entry in inside:
        name = entry.name
        if not name.startswith(begun) or (name.startswith(".") and not begun):
            continue
        if entry.is_dir():
            yield CompletionItem(f"{folder}{sign}{name}/", type="file")
        elif name.endswith(suffixes):
            yield CompletionItem(f"{folder}{sign}{name}", type="file")


def _on_the_line(context: click.Context) -> dict[str, Any]:
    """What the command has been given. Click knows nothing of it where a value is missing yet."""
    words: tuple[str, ...] = context.find_root().obj
    mine = list(words[words.index(str(context.info_name)) + 1 :])
    if mine and mine[-1].startswith("-"):
        mine.pop()
    command = context.command
    with command.make_context(context.info_name, mine, resilient_parsing=True) as whole:
        return whole.params


def _callees(type: str, context: click.Context) -> list[str]:
    """What a spec knows that fits: blocks and shortcuts, and for an `op` operators."""
    from resdsl.language.names.symbols import Symbol
    from resdsl.ops import REGISTRY

    spec = _spec(context)
    if spec is None:
        return []
    known = (spec.files.resolve(spec.module, name) for name in spec.files.visible(spec.module))
    symbols = [one[1] for one in known if one is not None]
    kinds = ("shortcut",) if type == "shortcut" else ("block",)
    names = [one.name for one in symbols if isinstance(one, Symbol) and one.kind in kinds]
    return sorted({*names, *(REGISTRY if type == "op" else ())})


def _infos(context: click.Context) -> tuple[NetworkInfo, ...]:
    """The networks of the spec on the line."""
    spec = _spec(context)
    return () if spec is None else tuple(spec.networks)


def _spec(context: click.Context) -> Spec | None:
    from resdsl.api.specs import locate
    from resdsl.diagnostics.diagnostic import Sink
    from resdsl.language.spec import open_spec

    line = _on_the_line(context)
    given = line.get("spec") or next(iter(line.get("specs") or ()), None)
    sink = Sink()
    located = locate(given, sink) if given else None
    if located is None or located.is_json:
        return None
    return open_spec(located.source, located.path, sink)


def _meant(context: click.Context) -> tuple[NetworkInfo, ...]:
    """The one network that `--net` or the SPEC names, else all."""
    infos = _infos(context)
    line = _on_the_line(context)
    given = line.get("net") or line.get("spec")
    return tuple(info for info in infos if info.name == given) or infos
