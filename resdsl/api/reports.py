"""Checking a whole spec: every network in it, and the definitions that no network uses."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from resdsl.api.designs import Design
from resdsl.api.opening import elaborated, from_json, given
from resdsl.api.specs import Located, locate
from resdsl.diagnostics.codes import NO_NETWORK, WHICH_NETWORK
from resdsl.diagnostics.diagnostic import Diagnostic, Sink
from resdsl.diagnostics.exception import SpecError
from resdsl.language.spec import NetworkInfo, open_spec
from resdsl.language.values.features import Features, Wanted, wanted
from resdsl.language.values.input_sizes import InputSize
from resdsl.language.values.outside_values import Text, stride_limit

if TYPE_CHECKING:
    from resdsl.api.inventory import ZooNetwork
    from resdsl.weights.report import WeightsReport
    from resdsl.weights.sources import Weights
    from resdsl.weights.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Report:
    """What `check` found. `designs` are the networks without errors, in the order of the text.

    `failed` names the networks with errors, in what they mention included; `families` are those
    that cannot be built as they stand, because a parameter has no value.
    `definitions` counts everything that the spec defines. `weights` says how weights that were
    asked about fit, None where they do not or there were none.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    designs: tuple[Design, ...] = ()
    failed: tuple[str, ...] = ()
    families: tuple[NetworkInfo, ...] = ()
    definitions: int = 0
    weights: WeightsReport | None = None

    @property
    def ok(self) -> bool:
        return not any(found.severity == "error" for found in self.diagnostics)

    def __str__(self) -> str:
        from resdsl.diagnostics.text import render_all, summary

        return "\n\n".join(filter(None, [render_all(self.diagnostics), summary(self.diagnostics)]))


def check(
    spec: str | os.PathLike[str] | ZooNetwork,
    *,
    net: str | None = None,
    input: InputSize | None = None,
    features: Features | None = None,
    output_stride: int | None = None,
    weights: Weights | None = None,
    rename: Mapping[str, str] | None = None,
    drop: str | Iterable[str] | None = None,
    key: str | None = None,
    settings: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> Report:
    """Checks every network of a spec, or the one that is named. Never raises on a bad spec.

    `input`, `features`, `output_stride` and the parameters replace what the spec says, as for
    `design`; TypeError as there.
    With `weights`, a safetensors file or a state dict, also whether they fit the network: by keys
    and shapes, which the file's header has, without torch. `rename`, `drop` and `key` are as for
    `load`.
    """
    if weights is None and (rename or drop or key):
        raise TypeError("rename, drop and key say what to do with `weights`")
    values = given(net, settings, parameters)
    sink = Sink()
    located = locate(spec, sink)
    if located is None:
        return Report(tuple(sink.diagnostics))
    asked = wanted(features), stride_limit(output_stride)
    report = examined(located, net, input, values, *asked)
    if weights is None:
        return report
    from resdsl.weights.wishes import Wishes

    return with_weights(report, weights, Wishes.of(rename, drop, key), values)


def with_weights(
    report: Report, weights: Weights, wishes: Wishes, given: Collection[str]
) -> Report:
    """What is said of weights for the one network of a report is added to it."""
    from resdsl.api.weighing import file_of, planned
    from resdsl.weights.sources import described

    names = [*(one.name for one in report.designs), *report.failed]
    if len(names) > 1:
        sink = Sink()
        sink.error(
            WHICH_NETWORK,
            f"there are {len(names)} networks, and the weights are of one: {', '.join(names[:5])}",
            help=["`--net NAME` names it, in Python `net=`"],
        )
        return replace(report, diagnostics=(*report.diagnostics, *sink.diagnostics))
    if not report.designs:
        return report
    try:
        found = described(file_of(weights), wishes.key)
        told = planned(report.designs[0], found, wishes, given).report
    except SpecError as error:
        return replace(report, diagnostics=(*report.diagnostics, *error.diagnostics))
    return replace(report, weights=told)


def examined(
    located: Located,
    net: str | None = None,
    input: InputSize | Text | None = None,
    settings: Mapping[str, Any] | None = None,
    features: Wanted = (),
    output_stride: int | None = None,
) -> Report:
    """As `check`, of a spec that has been found."""
    found = _Findings()
    if located.is_json:
        opened = from_json(located, found.sink, net, input, settings, features, output_stride)
        if opened is not None:
            found.designs.append(Design.of(opened, found.sink.diagnostics))
        return found.report()
    spec = open_spec(located.source, located.path, found.sink)
    if spec is None:
        return found.report()
    found.definitions = len(spec.module.names)
    if not spec.module.file.items and spec.module.file.is_whole:
        found.sink.error(
            NO_NETWORK,
            f"{spec.source.name}: is empty: it defines nothing",
            help=["`resdsl new NAME` writes a spec to start from"],
        )
    wanted = net or located.network
    if wanted is None:
        given = set(settings or ())
        names = [info.name for info in spec.networks if given.issuperset(info.missing)]
        for info in spec.networks:
            if info.name in names:
                continue
            if spec.is_sound(info.name):
                found.families.append(info)
            else:
                found.failed.append(info.name)
    else:
        names = [wanted]
    for name in names:
        sink = Sink()
        asked: Any = {"features": features, "output_stride": output_stride}
        made = elaborated(spec, name, sink, input, settings, **asked)
        if made is None or sink.errors or not spec.is_sound(name):
            found.failed.append(name)
        else:
            found.designs.append(Design.of(made, sink.diagnostics))
        found.add(sink)
    return found.report()


@dataclass(slots=True)
class _Findings:
    sink: Sink = field(default_factory=Sink)
    designs: list[Design] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    families: list[NetworkInfo] = field(default_factory=list)
    definitions: int = 0

    def add(self, sink: Sink) -> None:
        """A mistake in a block that two networks use is told once."""
        self.sink.take(sink.diagnostics)

    def report(self) -> Report:
        return Report(
            tuple(self.sink.diagnostics),
            tuple(self.designs),
            tuple(self.failed),
            tuple(self.families),
            self.definitions,
        )
