"""timm's names, where they are not ours (timm 1.0; `resnet*`, `vgg*`, `mobilenetv2_*`, `regnet*`,
`repvgg_*`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from resdsl.weights.dialects.table import dialect, stages


def _mobile(keys: Iterable[str]) -> dict[str, str]:
    """`blocks.2.1` is one of `features`, which are not in stages: the stem is 0."""
    keys = list(keys)
    places = {tuple(key.split(".")[1:3]) for key in keys if key.startswith("blocks.")}
    ordered = sorted(places, key=lambda place: [int(n) if n.isdigit() else -1 for n in place])
    number = {place: i for i, place in enumerate(ordered, 1)}
    last = len(ordered) + 1
    found: dict[str, str] = {}
    for key in keys:
        parts = key.split(".")
        match parts[0]:
            case "conv_stem":
                found[key] = f"features.0.0.{parts[-1]}"
            case "bn1":
                found[key] = f"features.0.1.{parts[-1]}"
            case "conv_head":
                found[key] = f"features.{last}.0.{parts[-1]}"
            case "bn2":
                found[key] = f"features.{last}.1.{parts[-1]}"
            case "classifier":
                found[key] = f"classifier.1.{parts[-1]}"
            case "blocks" if len(parts) > 4:
                place = number[parts[1], parts[2]]
                names = _SEPARABLE if parts[1] == "0" else _INVERTED
                inside = names.get(parts[3], parts[3])
                found[key] = f"features.{place}.conv.{inside}.{parts[-1]}"
    return found


def _from_zero(found: re.Match[str]) -> str:
    """`s1.b1` is `layer1.0`."""
    return f"layer{found[1]}.{int(found[2]) - 1}."


_SEPARABLE = {"conv_dw": "0.0", "bn1": "0.1", "conv_pw": "1", "bn2": "2"}
_INVERTED = {
    "conv_pw": "0.0", "bn1": "0.1", "conv_dw": "1.0", "bn2": "1.1", "conv_pwl": "2", "bn3": "3",
}  # fmt: skip

TIMM = (
    dialect(
        "timm",
        "`se` is `tail`",
        ".se.",
        "seresnet seresnext resnetaa resnetrs ecaresnet",
        [(r"\.se\.", ".tail.")],
    ),
    dialect(
        "timm",
        "`se` is `squeeze_excite`",
        ".se.",
        "senet154",
        [(r"\.se\.", ".squeeze_excite.")],
    ),
    dialect(
        "timm legacy",
        "`se_module` is `tail`",
        ".se_module.",
        "legacy_seresnet",
        [(r"\.se_module\.", ".tail.")],
    ),
    dialect(
        "timm legacy",
        "`se_module` is `tail.se_module`",
        ".se_module.",
        "legacy_seresnet",
        [(r"\.se_module\.", ".tail.se_module.")],
    ),
    dialect(
        "timm legacy",
        "`se_module` is `squeeze_excite`",
        ".se_module.",
        "senet154",
        [(r"\.se_module\.", ".squeeze_excite.")],
    ),
    dialect(
        "timm",
        "`stages.0` is `layer1`, `conv1_1x1.bn` is `bn1`",
        ".shortcut.conv.",
        "resnet_ts",
        [
            (r"^stem\.(conv\d)\.conv\.", r"\1.0."),
            (r"^stem\.(conv\d)\.bn\.", r"\1.1."),
            *stages(),
            (r"\.conv(\d)_(?:\dx\d|kxk)\.conv\.", r".conv\1."),
            (r"\.conv(\d)_(?:\dx\d|kxk)\.bn\.", r".bn\1."),
            (r"\.shortcut\.conv\.", ".downsample.0."),
            (r"\.shortcut\.bn\.", ".downsample.1."),
            (r"\.attn\.", ".attention."),
            (r"^final_conv\.conv\.", "final_conv.0."),
            (r"^final_conv\.bn\.", "final_conv.1."),
            (r"^head\.fc\.", "fc."),
        ],
    ),
    dialect(
        "timm",
        "`stages.0` is `layer1`, `conv_kxk.bn` is `conv_kxk.1`",
        ".conv_kxk.bn.",
        "repvgg",
        [
            *stages(),
            (r"(^|\.)(conv_\w+)\.conv\.", r"\1\2.0."),
            (r"(^|\.)(conv_\w+)\.bn\.", r"\1\2.1."),
            (r"^head\.fc\.", "fc."),
        ],
    ),
    dialect(
        "timm",
        "`s1.b1` is `layer1.0`, `conv1.bn` is `bn1`",
        ".s1.b1.",
        "regnet",
        [
            (r"^stem\.conv\.", "stem.0."),
            (r"^stem\.bn\.", "stem.1."),
            (r"^s(\d)\.b(\d+)\.", _from_zero),
            (r"\.conv(\d)\.conv\.", r".conv\1."),
            (r"\.conv(\d)\.bn\.", r".bn\1."),
            (r"\.downsample\.conv\.", ".downsample.0."),
            (r"\.downsample\.bn\.", ".downsample.1."),
            (r"^head\.fc\.", "fc."),
        ],
    ),
    dialect(
        "timm",
        "`pre_logits.fc1` is `classifier.0`, a convolution",
        ".pre_logits.fc1.",
        "vgg",
        [
            (r"^pre_logits\.fc1\.", "classifier.0."),
            (r"^pre_logits\.fc2\.", "classifier.3."),
            (r"^head\.fc\.", "classifier.6."),
        ],
        reshapes=True,
    ),
    dialect(
        "timm",
        "`blocks.1.0.conv_pw` is `features.2.conv.0.0`",
        ".conv_pwl.",
        "mobilenet_v2",
        [],
        numbered=_mobile,
    ),
)
