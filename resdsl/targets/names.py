"""Names in the emitted text: spelled as the field spells them, and safe whatever a spec chooses."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

# How the papers write what a file calls `resnext50`; longer names first.
SPELLINGS = {
    "inceptionresnet": "InceptionResNet",
    "preactresnet": "PreActResNet",
    "wideresnet": "WideResNet",
    "mobilenet": "MobileNet",
    "googlenet": "GoogLeNet",
    "densenet": "DenseNet",
    "seresnext": "SEResNeXt",
    "seresnet": "SEResNet",
    "alexnet": "AlexNet",
    "resnext": "ResNeXt",
    "resnet": "ResNet",
    "unet": "UNet",
    "vgg": "VGG",
    "se": "SE",
    "gn": "GN",
    "bn": "BN",
    "cifar": "CIFAR",
}

# What the emitted text uses itself, and Python's own names.
RESERVED = frozenset(
    {"torch", "nn", "F", "Tensor", "OrderedDict", "self", "module", "branch", "x"}
) | frozenset(dir(builtins))

# `ResNet50`'s own name ends in a number that the spec gave; anything else is a word.
# Classes of the emitted text that have no definition.
RESERVED_CLASSES = frozenset({"Tensor", "OrderedDict", "F"})

_PART = re.compile(r"([A-Za-z]+)(\d*)(.*)")


def _spelled(word: str) -> str:
    """One word of a name, capitalised as its field does."""
    matched = _PART.fullmatch(word)
    if matched is None:
        return word
    letters, number, rest = matched.groups()
    known = SPELLINGS.get(letters.lower())
    if known is None:
        known = letters[0].upper() + letters[1:]
    return known + number + rest


def class_name(name: str) -> str:
    """`conv_norm_act` as `ConvNormAct`, `resnext50_32x4d` as `ResNeXt50x32x4d`.

    Two numbers must not run together: between them comes an `x`, as in "Wide ResNet 50x2".
    """
    made = ""
    for word in re.split(r"[^A-Za-z0-9]+", name):
        if word:
            made += "x" + word if made[-1:].isdigit() and word[0].isdigit() else _spelled(word)
    if not made or made[0].isdigit():
        made = f"Net{made}"
    return made


def title(name: str) -> str:
    """`resnext50_32x4d` as `ResNeXt-50 (32x4d)`, `wide_resnet50_2` as `Wide ResNet-50-2`."""
    words = [word for word in name.split("_") if word]
    made: list[str] = []
    rest: list[str] = []
    numbered = False
    for word in words:
        matched = _PART.fullmatch(word)
        if numbered and word.isdigit():
            made[-1] += f"-{word}"
        elif numbered:
            rest.append(word)
        elif matched and matched[2] and not matched[3]:
            made.append(f"{_spelled(matched[1])}-{matched[2]}")
            numbered = True
        else:
            made.append(_spelled(word))
    return " ".join(made) + (f" ({', '.join(rest)})" if rest else "")


def variable(name: str, taken: Iterable[str] = ()) -> str:
    """A lower-case identifier that hides nothing, as near to `name` as can be."""
    made = re.sub(r"\W", "_", name.lower(), flags=re.ASCII)
    if not made.strip("_") or made[0].isdigit():
        made = f"value_{made}".rstrip("_")
    # Two leading underscores would be mangled inside a class.
    made = re.sub("^__+", "_", made)
    taken = set(taken)
    while made in RESERVED or keyword.iskeyword(made) or made in taken:
        made += "_"
    return made


def is_attribute(key: str) -> bool:
    """Whether `self.key` can be written: an identifier that Python leaves as it is."""
    return key.isidentifier() and not keyword.iskeyword(key) and not key.startswith("__")


def attribute(key: str) -> str:
    """The expression for a submodule."""
    return f"self.{key}" if is_attribute(key) else f'getattr(self, "{key}")'
