"""Networks by `timm.create_model`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from resdsl.api import zoo
from resdsl.api.building import load
from resdsl.api.designing import design

if TYPE_CHECKING:
    import torch

PREFIX = "resdsl_"
# What `timm.create_model` gives all models, and means nothing without weights to fetch.
_OF_WEIGHTS = ("pretrained_cfg", "pretrained_cfg_overlay", "cache_dir")
# What timm's programs give all models, where it asks for nothing.
_IDLE: dict[str, tuple[object, ...]] = {
    "drop_rate": (0,),
    "drop_path_rate": (0,),
    "drop_block_rate": (0,),
    "global_pool": ("avg",),
    "scriptable": (False,),
    "features_only": (False,),
}


def register_timm(*specs: str | os.PathLike[str]) -> list[str]:
    """Makes networks known to timm as `resdsl_NAME`, and returns these names.

    All of the zoo, or the networks of these specs. `timm.create_model("resdsl_resnet50",
    num_classes=10)` is then `load("resnet50", classes=10, face="timm")`: `num_classes` and
    `in_chans` are timm's words, `device` and `dtype` are as for `load`, and others are parameters
    of the network. `checkpoint_path` takes files with the network's own keys. A name that is
    registered already means the later spec. What timm's programs give all models is taken where it
    asks for nothing: `drop_rate=0.0`, and `global_pool="avg"`, by which most networks pool. Raises
    ImportError without timm, SpecError for a spec with mistakes.
    """
    from timm.models import is_model, register_model

    known = {PREFIX + design(spec).name: spec for spec in specs}
    chosen = known or {PREFIX + name: name for name in zoo.entries()}
    for name, spec in chosen.items():
        _SPECS[name] = spec
        if not is_model(name):
            register_model(_entry(name))
    return list(chosen)


# By timm's name: what was registered last.
_SPECS: dict[str, str | os.PathLike[str]] = {}


def _entry(name: str) -> Callable[..., torch.nn.Module]:
    def create(
        pretrained: bool = False,
        *,
        num_classes: int | None = None,
        in_chans: int | None = None,
        **given: Any,
    ) -> torch.nn.Module:
        if pretrained:
            raise ValueError(f"{name} has no weights to fetch: give checkpoint_path")
        if given.get("features_only"):
            raise ValueError(
                f'{name} is not cut by timm: `resdsl.load(…, features="pyramid")` gives a dict of '
                "its features"
            )
        made = design(_SPECS[name])
        own = {parameter.name for parameter in made.network.root.parameters}
        given = {
            key: value
            for key, value in given.items()
            if key not in _OF_WEIGHTS and (key in own or value not in _IDLE.get(key, ()))
        }
        if num_classes:
            given["classes"] = num_classes
        model = load(_SPECS[name], face="timm", in_channels=in_chans, **given)
        if num_classes == 0:
            model.reset_classifier(0)  # type: ignore[operator]
        return model

    create.__name__ = create.__qualname__ = name
    return create
