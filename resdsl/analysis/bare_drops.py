"""A warning of stochastic depth that nothing goes around: it loses samples, not a branch of them.

Huang et al. 2016 leave out the mains of residuals, beside which the identity goes on. A value lies
behind all that each way from the input to it passes: these are its dominators, and where one is a
`drop_path`, a sample that it zeroes is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from resdsl.analysis.advisor import Advisor, Place
from resdsl.design import walk
from resdsl.design.join_expressions import uses
from resdsl.design.model import Apply, Body, Definition, Fork, Group, Instance, Join, Residual, Run
from resdsl.diagnostics import codes
from resdsl.ops import Op
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class _Site:
    """A call in a definition that may zero whole samples, by the keys from the definition."""

    path: str
    apply: Apply
    run: Run


@dataclass(frozen=True, slots=True)
class _Passed:
    """What every way to a value passes last, and what it is behind; `depth` counts these."""

    before: _Passed | None = None
    site: _Site | None = None
    depth: int = 0


_START = _Passed()


def warn_of_bare_drops(advisor: Advisor) -> None:
    """Tells of each `drop_path` that all of an output lies behind, where its rate is above 0."""
    root = advisor.network.root
    sites: dict[int, list[_Site]] = {}
    for definition in advisor.liveness.definitions:
        if _has_site(definition.body, sites):
            outputs = definition.outputs if definition is root else (definition.output,)
            sites[id(definition)] = _Ways(sites).sites(definition, outputs)
    if sites.get(id(root)):
        _tell_all(advisor, root, sites, "", set())


class _Ways:
    """The calls that may zero samples, on the way to the values of a definition."""

    def __init__(self, known: dict[int, list[_Site]]) -> None:
        self.known = known
        self.at: dict[int, _Passed] = {}

    def sites(self, definition: Definition, outputs: Iterable[int]) -> list[_Site]:
        for ref in definition.inputs:
            self.at[ref] = _Passed(_START, None, 1)
        self._body(definition.body, "")
        found: dict[int, _Site] = {}
        for ref in outputs:
            passed: _Passed | None = self.at.get(ref)
            behind: list[_Site] = []
            while passed is not None:
                behind += [passed.site] if passed.site is not None else []
                passed = passed.before
            found.update({id(site): site for site in reversed(behind)})
        return list(found.values())

    def _body(self, body: Body, path: str) -> None:
        for step in body.steps:
            if isinstance(step, Residual):
                self._body(step.main, path)
            forked = step.branches if isinstance(step, Fork) else ()
            beside = [branch.apply for branch in forked if branch.replicated]
            for apply in walk.modules(step):
                self._apply(apply, path, side_by_side=apply in beside)
            match step:
                case Residual():
                    around = [step.skip.ref] + ([step.main.output] if step.adds else [])
                    self.at[step.output] = self._meet(around)
                case Fork() | Join():
                    self.at[step.output] = self._meet(uses(step.join))

    def _apply(self, apply: Apply, path: str, *, side_by_side: bool) -> None:
        """What copies in a row pass; of those side by side the others go on."""
        number = 0
        for run in apply.runs:
            name = path + apply.key + (f".{number}" if apply.repeated else "")
            number += run.count
            passed = self._meet(apply.fed(run))
            match run.unit:
                case Group(body):
                    self.at[body.input] = passed
                    self._body(body, f"{name}.")
                    passed = self.at[body.output]
                case unit:
                    site = _Site(name, apply, run) if _zeroes(unit, self.known) else None
                    passed = _Passed(passed, site, passed.depth + 1)
            self.at[run.output] = self._meet(apply.fed(run)) if side_by_side else passed
        if not apply.runs:
            self.at[apply.output] = self._meet([apply.input])
        for ref in apply.others:
            self.at[ref] = self._meet([apply.input])

    def _meet(self, refs: Iterable[int]) -> _Passed:
        """What every way to all of some values passes."""
        met: _Passed | None = None
        for ref in refs:
            one: _Passed | None = self.at.get(ref, _START)
            met = one if met is None else met
            while met is not one:
                assert met is not None
                assert one is not None
                if met.depth >= one.depth:
                    met = met.before
                else:
                    one = one.before
        return _START if met is None else met


def _has_site(body: Body, sites: dict[int, list[_Site]]) -> bool:
    """Whether something in a body, or in its groups, may zero whole samples."""
    for apply in body.modules():
        for run in apply.runs:
            unit = run.unit
            if _has_site(unit.body, sites) if isinstance(unit, Group) else _zeroes(unit, sites):
                return True
    return False


def _zeroes(unit: Op | Instance, sites: dict[int, list[_Site]]) -> bool:
    """Whether it may zero whole samples, or has a site that does."""
    if isinstance(unit, Op):
        return unit.samples_zeroed > 0
    return bool(sites.get(id(unit.definition)))


def _tell_all(
    advisor: Advisor,
    definition: Definition,
    sites: dict[int, list[_Site]],
    path: str,
    seen: set[int],
) -> None:
    if id(definition) in seen:
        return
    seen.add(id(definition))
    for site in sites[id(definition)]:
        inside = _inside(site, sites)
        if inside is None or _is_of_library(inside):
            _tell(advisor, definition, site, path, sites)
        else:
            assert isinstance(site.run.unit, Instance)
            _tell_all(advisor, site.run.unit.definition, sites, f"{path}{site.path}.", seen)


def _inside(site: _Site, sites: dict[int, list[_Site]]) -> _Site | None:
    """The first of the sites in the definition that a site calls."""
    unit = site.run.unit
    return sites[id(unit.definition)][0] if isinstance(unit, Instance) else None


def _is_of_library(site: _Site) -> bool:
    return site.apply.span is not None and site.apply.span.source.library


def _below(site: _Site, sites: dict[int, list[_Site]]) -> Iterator[_Site]:
    found: _Site | None = site
    while found is not None:
        yield found
        found = _inside(found, sites)


def _tell(
    advisor: Advisor, definition: Definition, site: _Site, path: str, sites: dict[int, list[_Site]]
) -> None:
    word = site.apply.word
    *_, last = _below(site, sites)
    whose = "this `drop_path`" if last is site else f"the `drop_path` of this `{word}`"
    assert isinstance(last.run.unit, Op)
    advisor.tell(
        codes.BARE_DROP,
        f"nothing goes around {whose}: in training it zeroes whole samples, not a branch beside "
        "their shortcut",
        Place(definition, site.apply.span, site.run),
        f"`{path}{site.path}` zeroes {last.run.unit.samples_zeroed:.3g} of the samples",
        of=("tail", "drop_rate"),
        at_set=(
            "this `set` gives a `drop_path` to blocks that nothing goes around, where it zeroes "
            "whole samples in training",
            "gives it",
        ),
        help=[
            "its place is the end of the main of a residual; leave it out where that has no "
            "shortcut",
        ],
    )
