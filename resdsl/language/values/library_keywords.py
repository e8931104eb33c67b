"""Keywords that other libraries' networks take, and what stands for them here.

Of torchvision, timm and Keras. Those that are parameters by another name (`num_classes` is
`classes`) are in the table of aliases (resdsl.diagnostics.aliases).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resdsl.diagnostics.aliases import fold
from resdsl.language.values.outside_values import understood
from resdsl.syntax import tree

# Folded, as resdsl.diagnostics.aliases has its names.
_CHANNELS = frozenset(
    "inchans inchannels inputchannels numchannels numinputchannels nchannels channels inplanes "
    "inputdim indim imgchannels colorchannels inc inch".split()
)
_SIZES = frozenset(
    "imgsize imagesize inputsize inputshape imageshape imgshape inputresolution resolution "
    "inputtensor input size cropsize".split()
)
_CLASSES = frozenset("classes numclasses nclasses nclass numclass numlabels outfeatures".split())

_SAID = {
    "pretrained weights checkpoint checkpointpath pretrainedcfg pretrainedpath ckpt statedict "
    "weightspath": "resdsl brings no weights: `load(…, weights=FILE)` takes torchvision's and "
    "timm's, and `resdsl check SPEC --weights FILE` says whether they fit",
    "device dtype seed": "`resdsl.load` takes it",
    "batch batchsize": "a network is of one sample; its module takes batches of any number",
    "featuresonly outindices returnnodes returnlayers": '`features="pyramid"`, or names of stages: '
    '`features=["layer2", "layer4"]`, `--features layer2,layer4`',
    "includetop": '`features="layer4"`, `--features layer4` leave out what is behind that stage',
    "globalpool poolingtype pooling": "the text says it: `global_avgpool`, `global_maxpool`",
    "normlayer norm": "the text says it: `set norm = groupnorm`",
    "actlayer activation act": "the text says it: `set act = silu`",
    "droprate dropout": "the text says it: `dropout(0.2)` before the head",
    "droppathrate droppath stochasticdepthprob stochasticdepth": "the text says it: "
    "`bottleneck(64, drop_rate=0.1 * progress)` in the stages, or `basic`",
    "zeroinitresidual zeroinitlast": "the text says it: `set bottleneck(zero_init_residual=true)` "
    "before the stages, or `basic`",
    "groups cardinality widthpergroup basewidth": "the text says it: "
    "`set bottleneck(cardinality=32, base_width=4)` before the stages",
    "outputstride replacestridewithdilation": "`output_stride=16`, `--output-stride 16`: strides "
    "beyond it are not taken, for dilations",
    "block layers depths stemtype stemwidth blockargs": "the text says it: `resdsl new NAME` "
    "copies a network of the zoo, to be changed",
}


def hint(
    keyword: str, value: Any, is_text: bool, declared: tree.Input | None, own: Sequence[str]
) -> str | None:
    """What to write instead of a keyword that is no parameter; None for one that nobody takes.

    `value` is what it was given, `is_text` whether on the command line; `declared` is the input of
    the network, `own` are the names of its parameters.
    """
    folded = fold(keyword)
    number = _whole(value)
    if folded in _CHANNELS and declared is not None:
        dims = [_shown(dim) for dim in declared.dims]
        sizes = _as_input([str(number or 1), *dims[1:]], is_text)
        return f"the channels are the first of the input: {sizes}"
    if folded in _SIZES and declared is not None:
        return f"the size is that of the input: {_as_input([str(number or 256)], is_text)}"
    if folded in _CLASSES and not own:
        return (
            "its number of classes stands in its text; `network name(classes: int = 10)` with "
            "`linear(classes)` makes it a parameter"
        )
    for keywords, text in _SAID.items():
        if folded in keywords.split():
            return text
    return None


def _whole(value: Any) -> int | None:
    """A positive number as it was given, if it is one."""
    known = understood(value)
    if isinstance(known, str) and known.isascii() and known.isdigit() and len(known) < 10:
        known = int(known)
    return known if type(known) is int and 0 < known < 10**9 else None


def _as_input(dims: list[str], is_text: bool) -> str:
    if is_text:
        return f"`--input {'x'.join(dims)}`"
    if all(dim.isdigit() for dim in dims):
        return f"`input={dims[0] if len(dims) == 1 else '(' + ', '.join(dims) + ')'}`"
    return f'`input="{"x".join(dims)}"`'


def _shown(dim: tree.Dim) -> str:
    """A dimension; a parameter's number is not known here."""
    return str(dim.value) if isinstance(dim.value, int) else dim.value.id
