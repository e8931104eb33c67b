"""The lowest versions that pyproject.toml admits, as constraints for pip: `name==version`.

Of the dependencies and of all extras, as `pip install -c` takes them. What these need in turn has
the versions that pip chooses: nobody else's bounds are tested.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
_BOUND = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(>=|==)([0-9][0-9.]*)")


def bounds(text: str) -> Iterator[tuple[str, str]]:
    """Names and versions. What is not one lower bound, or one version, is refused."""
    project = tomllib.loads(text)["project"]
    extras = project.get("optional-dependencies", {}).values()
    for requirement in [*project["dependencies"], *(one for extra in extras for one in extra)]:
        found = _BOUND.fullmatch(requirement.replace(" ", ""))
        if found is None:
            raise SystemExit(f"pyproject.toml: {requirement!r} is not NAME>=VERSION")
        yield found[1], found[3]


def main() -> None:
    lowest: dict[str, str] = {}
    for name, version in bounds(PYPROJECT.read_text(encoding="utf-8")):
        if lowest.setdefault(name, version) != version:
            raise SystemExit(f"pyproject.toml: {name} has two bounds, {lowest[name]} and {version}")
    for name, version in lowest.items():
        print(f"{name}=={version}")


if __name__ == "__main__":
    main()
