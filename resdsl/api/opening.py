"""From a SPEC to the network that was asked for, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resdsl.analysis.advice import advise
from resdsl.analysis.contracts import verify
from resdsl.analysis.facts import Facts, facts
from resdsl.api.specs import Located
from resdsl.design.network import Network
from resdsl.diagnostics.codes import NO_NETWORK, OVERRIDE
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.elaborate.outputs import with_outputs
from resdsl.language.spec import Spec, Text, open_spec
from resdsl.language.values.features import PYRAMID, STAGES, Wanted
from resdsl.language.values.input_sizes import InputSize, input_size
from resdsl.language.values.outside_values import told
from resdsl.language.values.values import show

if TYPE_CHECKING:
    from resdsl.fusing.networks import Fused


@dataclass(frozen=True, slots=True)
class Opened:
    """A network without errors. With `--set` or `--input` its contracts are of another one."""

    network: Network
    skips_contracts: bool = False
    # What was given, as `width=0.5` and `input=3x256x256`.
    settings: tuple[str, ...] = ()
    # The file that it is of.
    path: Path | None = None
    # What was asked of it while its contracts were verified.
    known: Facts | None = None
    # What became of it, where it was fused here.
    fused: Fused | None = None


def given(
    net: str | None, settings: Mapping[str, Any] | None, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """The parameters of a call in Python: those in `settings`, and those that are keywords.

    Raises TypeError as a call would: for one that is given both ways, for `settings` that are no
    mapping, and for a `net` that is no name.
    """
    if not (net is None or isinstance(net, str)):
        raise TypeError(f"net is the name of a network, not {told(net)}")
    if settings is not None and not hasattr(settings, "items"):
        what = told(settings)
        raise TypeError(f"settings are a mapping of names to values, not {what}")
    for name in settings or ():
        if name in parameters:
            raise TypeError(f"{name!r} is given twice: as a keyword and in settings")
    return {**(settings or {}), **parameters}


def network(
    located: Located,
    sink: Sink,
    net: str | None = None,
    input: InputSize | Text | None = None,
    settings: Mapping[str, Any] | None = None,
    broken: Sink | None = None,
    features: Wanted = (),
    output_stride: int | None = None,
) -> Opened | None:
    """The network `net` of a spec, or the one meant by its name, with its contracts verified.

    Broken contracts are told to `broken`, if it is given, and else to `sink`.
    """
    if located.is_json:
        return from_json(located, sink, net, input, settings, features, output_stride)
    spec = open_spec(located.source, located.path, sink)
    if spec is None:
        return None
    name = net or located.network or spec.default(sink, settings or ())
    if name is None:
        return None
    return elaborated(spec, name, sink, input, settings, broken, features, output_stride)


def elaborated(
    spec: Spec,
    name: str,
    sink: Sink,
    input: InputSize | Text | None = None,
    settings: Mapping[str, Any] | None = None,
    broken: Sink | None = None,
    features: Wanted = (),
    output_stride: int | None = None,
) -> Opened | None:
    """One network of an open spec, with its contracts verified."""
    asked: Any = {"settings": settings, "input": input, "output_stride": output_stride}
    if features == PYRAMID:
        from resdsl.analysis.pyramid import pyramid

        whole = spec.elaborate(name, Sink(), **asked)
        # Mistakes of the network itself are told below.
        chosen = () if whole is None else pyramid(whole.network, sink)
        if chosen is None:
            return None
        features = chosen
    found = spec.elaborate(name, sink, features=features, **asked)
    if found is None:
        return None
    known = facts(found.network)
    verified = verify(found, known, broken or sink)
    advise(found, known.liveness, sink)
    said = _said(found.network, settings or {}, input is not None, features, output_stride)
    return Opened(found.network, verified is None, said, spec.path, known)


def with_frozen_part(opened: Opened, name: str, sink: Sink) -> Opened | None:
    """The network with what a stage, label or kept tensor is made of not trained; None after an
    error."""
    from resdsl.language.elaborate.trained_parts import with_frozen

    made = with_frozen(opened.network, name, sink)
    if made is None:
        return None
    return replace(opened, network=made, settings=(*opened.settings, f"freeze={name}"))


def with_checkpointed_parts(opened: Opened, names: tuple[str, ...], sink: Sink) -> Opened | None:
    """The network with these stages, or all, run again in backward; None after an error."""
    from resdsl.design.checkpointing import stages
    from resdsl.language.elaborate.trained_parts import with_checkpointed

    asked = names
    if names == STAGES:
        names = stages(opened.network.root)
    if not names:
        message = f"{opened.network.name} has no stages whose activations could be computed again"
        sink.error(OVERRIDE, message, help=["labels of blocks and groups make such"])
        return None
    made = with_checkpointed(opened.network, names, sink)
    if made is None:
        return None
    said = f"checkpointing={','.join(asked)}"
    return replace(opened, network=made, settings=(*opened.settings, said))


def with_fused_layers(opened: Opened, sink: Sink) -> Opened | None:
    """The network for eval, in fewer layers; None after an error."""
    from resdsl.fusing.networks import fused
    from resdsl.language.elaborate.trained_parts import FOR_EVAL

    network = opened.network
    if network.frozen or network.checkpointed:
        sink.error(OVERRIDE, FOR_EVAL)
        return None
    made = None if network.fused else fused(network)
    if made is None or made.network is network:
        help = ["it is fused already"] if made is None else made.stays()
        sink.error(OVERRIDE, f"{network.name} has nothing to fuse", help=help)
        return None
    said = (*opened.settings, "fused=True")
    return replace(opened, network=made.network, known=None, settings=said, fused=made)


def with_face(opened: Opened, sink: Sink) -> Opened | None:
    """The network whose module has the methods that timm asks for; None after an error."""
    from resdsl.targets.timm_face import faced

    made = faced(opened.network, sink)
    if made is None:
        return None
    return replace(opened, network=made, settings=(*opened.settings, f"face={made.face}"))


def from_json(
    located: Located,
    sink: Sink,
    net: str | None = None,
    input: InputSize | Text | None = None,
    settings: Mapping[str, Any] | None = None,
    features: Wanted = (),
    output_stride: int | None = None,
) -> Opened | None:
    """The network that a design in JSON is. Its parameters have their values already."""
    from resdsl.exchange.json_reader import read

    name = located.source.name
    if settings:
        is_text = any(isinstance(value, Text) for value in settings.values())
        what = "--set" if is_text else ", ".join(map(str, settings))
        message = f"{name}: is a design, whose parameters are bound: {what} needs its spec"
        sink.error(OVERRIDE, message)
        return None
    if output_stride is not None:
        message = f"{name}: is a design, whose strides are taken: an output stride needs its spec"
        sink.error(OVERRIDE, message)
        return None
    size = None if input is None else input_size(input, sink)
    if input is not None and size is None:
        return None
    made = read(located.source, sink, size)
    if made is None:
        return None
    if net not in (None, made.name):
        sink.error(NO_NETWORK, f"{name}: the network in it is `{made.name}`, not `{net}`")
        return None
    if features:
        from resdsl.analysis.pyramid import pyramid

        names = pyramid(made, sink) if features == PYRAMID else features
        chosen = None if names is None else with_outputs(made, names, sink)
        if chosen is None:
            return None
        made = chosen
    if made.face:
        from resdsl.targets.timm_face import faced

        whole = faced(made, sink)
        if whole is None:
            return None
        made = whole
    said = _said(made, {}, input is not None, features)
    return Opened(made, settings=said, path=located.path)


def _said(
    network: Network,
    settings: Collection[str],
    resized: bool,
    features: Wanted,
    output_stride: int | None = None,
) -> tuple[str, ...]:
    """The parameters, the input and the outputs that were given a network, as they are written."""
    root, size = network.root, network.input
    given = [
        f"{parameter.name}={show(root.arguments[parameter.name])}"
        for parameter in root.parameters
        if parameter.name in settings
    ]
    if resized:
        extents = zip(size.names, size.extents, strict=True)
        dims = [size.channels, *(name if extent is None else extent for name, extent in extents)]
        given.append(f"input={'x'.join(map(str, dims))}")
    if features:
        pairs = (name if name == tap else f"{name}={tap}" for name, tap in features)
        given.append(f"features={','.join(pairs)}")
    if output_stride is not None:
        given.append(f"output_stride={output_stride}")
    return tuple(given)
