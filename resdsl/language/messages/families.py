"""What to say of `network v = resnet50 { … }` where nothing is called so: how it is imported."""

from __future__ import annotations

import re

from resdsl.data import folder
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.language.messages.surroundings import Reason, Sought
from resdsl.paths import is_file
from resdsl.syntax import tree


def family(sought: Sought) -> Reason | None:
    """A network of a file beside this one, of the zoo, or of this file."""
    item, name = sought.around.item, sought.name.id
    if not isinstance(item, tree.Network) or item.family is None or sought.call is not item.family:
        return None
    module = sought.around.module
    imported = f'`from "{name}.res" import {name}`'
    networks = {one.name for one in module.networks()} - {item.name.id} | set(module.imports)
    is_guess = False
    if not module.library and is_file(module.base / f"{name}.res"):
        help = f"it is imported: {imported}"
    elif _is_of_zoo(name):
        help = f"`resdsl new {name}` writes a copy of the zoo's network beside it, then {imported}"
    elif near := did_you_mean(name, networks):
        help, is_guess = near, True
    else:
        help = 'a network of another file is imported: `from "FILE.res" import NAME`'
    message = f"nothing here is called `{name}`"
    return Reason(message, "unknown network", help, is_guess=is_guess)


def _is_of_zoo(name: str) -> bool:
    """Whether one of its files defines a network of that name. They are searched, not parsed."""
    pattern = re.compile(rf"^network[ \t]+{re.escape(name)}\b", re.MULTILINE)
    paths = sorted(folder("specs").glob("*.res"))
    return any(pattern.search(path.read_text(encoding="utf-8")) for path in paths)
