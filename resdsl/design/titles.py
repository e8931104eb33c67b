"""The field's spelling of a network's name: `resnet50` is ResNet-50."""

from __future__ import annotations

import re

# Words as the papers write them; a name of several of these is cut into the longest.
_WORDS = {
    "alexnet": "AlexNet",
    "bn": "BN",
    "cifar": "CIFAR",
    "convnext": "ConvNeXt",
    "convnextv2": "ConvNeXtV2",
    "cspresnext": "CSP-ResNeXt",
    "densenet": "DenseNet",
    "densenetblur": "DenseNet-Blur",
    "dla": "DLA",
    "dpn": "DPN",
    "ecaresnet": "ECA-ResNet",
    "ecaresnext": "ECA-ResNeXt",
    "efficientnet": "EfficientNet",
    "convmixer": "ConvMixer",
    "cspdarknet": "CSP-Darknet",
    "cspresnet": "CSP-ResNet",
    "darknet": "Darknet",
    "ese": "ESE",
    "ghostnet": "GhostNet",
    "ghostnetv2": "GhostNetV2",
    "googlenet": "GoogLeNet",
    "fixup": "Fixup",
    "gn": "GN",
    "hgnet": "HGNet",
    "hgnetv2": "HGNetV2",
    "highway": "Highway",
    "hrnet": "HRNet",
    "inception": "Inception",
    "lenet": "LeNet",
    "mobilenet": "MobileNet",
    "mixnet": "MixNet",
    "mobilenetv3": "MobileNetV3",
    "efficientnetv2": "EfficientNetV2",
    "mnasnet": "MNASNet",
    "mobileone": "MobileOne",
    "mnist": "MNIST",
    "mbconv": "MBConv",
    "mtcnn": "MTCNN",
    "nfnet": "NFNet",
    "gcresnet": "GC-ResNet",
    "gcresnext": "GC-ResNeXt",
    "nasnet": "NASNet",
    "nasnetalarge": "NASNet-A-Large",
    "nin": "NIN",
    "plain": "Plain",
    "pnasnet": "PNASNet",
    "pnasnet5large": "PNASNet-5-Large",
    "preact": "Pre-Act",
    "preresnet": "Pre-ResNet",
    "legacy": "Legacy",
    "regnet": "RegNet",
    "regnetx": "RegNetX",
    "regnety": "RegNetY",
    "regnetz": "RegNetZ",
    "repvgg": "RepVGG",
    "res2net": "Res2Net",
    "res2next": "Res2NeXt",
    "resnest": "ResNeSt",
    "resnet": "ResNet",
    "resnetaa": "ResNet-AA",
    "resnetblur": "ResNet-Blur",
    "resnetrs": "ResNet-RS",
    "resnetv2": "ResNetV2",
    "resnext": "ResNeXt",
    "se": "SE",
    "senet": "SENet",
    "shufflenet": "ShuffleNet",
    "seresnet": "SE-ResNet",
    "seresnetaa": "SE-ResNet-AA",
    "seresnextaa": "SE-ResNeXt-AA",
    "tensorflow": "TensorFlow",
    "seresnext": "SE-ResNeXt",
    "sknet": "SKNet",
    "skresnet": "SK-ResNet",
    "skresnext": "SK-ResNeXt",
    "squeezenet": "SqueezeNet",
    "unet": "U-Net",
    "vgg": "VGG",
    "vovnet": "VoVNet",
    "wide": "Wide",
    "wrn": "WRN",
    "xception": "Xception",
    "fasternet": "FasterNet",
    "fbnetc": "FBNet-C",
    "fbnetv3": "FBNetV3",
    "hardcorenas": "HardCoRe-NAS",
    "lcnet": "PP-LCNet",
    "mobilenetv4": "MobileNetV4",
    "repghostnet": "RepGhostNet",
    "rexnet": "ReXNet",
    "rexnetr": "ReXNet-R",
    "selecsls": "SelecSLS",
    "starnet": "StarNet",
    "tinynet": "TinyNet",
    "tresnet": "TResNet",
}

# What follows the name and its depth, where it is not simply put in brackets.
_VARIANTS = {
    "bit": "BiT",
    "evos": "EvoNorm-S0",
    "frn": "filter response norm",
    "option_a": "option A",
    "option_b": "option B",
    "option_c": "option C",
    "cifar": "CIFAR",
    "bn": "batch norm",
    "fpn": "FPN",
    "mlp": "hidden layer",
    "gn": "group norm",
}

# Families that are told apart by more than a depth, by whole names of theirs.
_FAMILIES = {
    r"efficientnet_(b\d)": "EfficientNet-{}",
    r"efficientnet_(b\d)_timm": "EfficientNet-{} (timm)",
    r"efficientnet_lite(\d)": "EfficientNet-Lite{}",
    r"efficientnet_e([sml])": "EfficientNet-EdgeTPU-{}",
    r"efficientnet_v2_([sml])": "EfficientNetV2-{}",
    r"efficientnetv2_(x?[sml])": "EfficientNetV2-{}",
    r"efficientnetv2_rw_([tsm])": "EfficientNetV2-{} (timm)",
    r"tf_efficientnet_(b\d)": "EfficientNet-{} (TensorFlow)",
    r"tf_efficientnet_lite(\d)": "EfficientNet-Lite{} (TensorFlow)",
    r"tf_efficientnet_e([sml])": "EfficientNet-EdgeTPU-{} (TensorFlow)",
    r"tf_efficientnetv2_(x?[sml]|b\d)": "EfficientNetV2-{} (TensorFlow)",
    r"fasternet_(t\d|[sml])": "FasterNet-{}",
    r"fbnetv3_([bdg])": "FBNetV3-{}",
    r"hardcorenas_([a-f])": "HardCoRe-NAS {}",
    r"hgnetv2_(b\d)": "HGNetV2-{}",
    r"inception_next": "InceptionNeXt",
    r"inception_next_(\w)\w*": "InceptionNeXt-{}",
    r"starnet_(s\d+)": "StarNet-{}",
    r"tinynet_([a-e])": "TinyNet-{}",
    r"tresnet_(m|l|xl)": "TResNet-{}",
    r"mixnet_(x?[sml])": "MixNet-{}",
    r"tf_mixnet_([sml])": "MixNet-{} (TensorFlow)",
    r"mobilenetv3_large_(\d)(\d+)": "MobileNetV3-Large {}.{} (timm)",
    r"mobilenetv3_small_(\d)(\d+)": "MobileNetV3-Small {}.{} (timm)",
    r"tf_mobilenetv3_large_(\d)(\d+)": "MobileNetV3-Large {}.{} (TensorFlow)",
    r"tf_mobilenetv3_small_(\d)(\d+)": "MobileNetV3-Small {}.{} (TensorFlow)",
    r"tf_mobilenetv3_large_minimal_100": "MobileNetV3-Large minimalistic (TensorFlow)",
    r"tf_mobilenetv3_small_minimal_100": "MobileNetV3-Small minimalistic (TensorFlow)",
    r"mnasnet(\d)_(\d+)": "MNASNet-{}.{}",
    r"mobileone_(s\d)": "MobileOne-{}",
    r"nfnet_([fl]\d)": "NFNet-{}",
    r"eca_nfnet_([fl]\d)": "ECA-NFNet-{}",
    r"dm_nfnet_(f\d)": "NFNet-{} (DeepMind)",
    r"nf_regnet_(b\d)": "NF-RegNet-{}",
    r"nf_resnet(\d+)": "NF-ResNet-{}",
    r"nf_(se|eca)resnet(\d+)": "NF-{}-ResNet-{}",
    r"regnetz_([a-z]\d+)": "RegNetZ-{}",
    r"repvgg_([abd]\d)": "RepVGG-{}",
    r"squeezenet(\d)_(\d)": "SqueezeNet {}.{}",
    r"regnet_([xy])_(\d+)([mg]f)": "RegNet{}-{}{}",
    r"regnet_([xy])_(\d+)_(\d+)(gf)": "RegNet{}-{}.{}{}",
    r"shufflenet_v2_x(\d)_(\d)": "ShuffleNetV2 {}.{}×",
}

# A digit of its own has Res2Net alone.
_PART = re.compile(r"((?:[A-Za-z]|2(?=ne))+)(?:(\d+)([a-z]?))?")


def title(name: str) -> str:
    """`ResNet-50`, `ResNeXt-50 (32x4d)`, `Wide ResNet-50-2`; unknown names stay as they are."""
    for pattern, spelling in _FAMILIES.items():
        if found := re.fullmatch(pattern, name):
            return spelling.format(*map(str.upper, found.groups()))
    words = name.split("_")
    head: list[str] = []
    while words:
        spelled = _spelled(words[0])
        if spelled is None:
            break
        head.append(spelled)
        words.pop(0)
        if spelled[-1].isdigit() or spelled[-2:-1].isdigit():
            break
    if not head or not any(_known(word) for word in name.split("_")[: len(head)]):
        return name
    text = _hyphenated(head)
    while words and (depth := re.fullmatch(r"(\d+)([a-z]?)", words[0])):
        text += f"-{depth[1]}" + (f"-{depth[2].upper()}" if depth[2] else "")
        words.pop(0)
    if words and re.fullmatch(r"v\d", words[0]) and not text[-1].isdigit():
        # MobileNetV2 is its own name; ResNet-50 (v1) a variant.
        version = words.pop(0)
        text += f"-{version}" if text.startswith("Inception") else version.upper()
    if not words:
        return text
    if len(words) > 1 and words[-1] in ("a", "b", "c") and words[-2] != "option":
        # ResNeXt's equal forms.
        return f"{text} ({' '.join(words[:-1])}, form {words[-1]})"
    rest = "_".join(words)
    return f"{text} ({_VARIANTS.get(rest) or ' '.join(_VARIANTS.get(w, w) for w in words)})"


def _known(word: str) -> bool:
    if word.lower() in _WORDS:
        return True
    match = _PART.fullmatch(word)
    return match is not None and match[1].lower() in _WORDS


def _spelled(word: str) -> str | None:
    """`resnet50` → `ResNet-50`, `resnet50d` → `ResNet-50-D`."""
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    match = _PART.fullmatch(word)
    if match is None or match[1].lower() not in _WORDS:
        return None
    text = _WORDS[match[1].lower()]
    if match[2]:
        text += f"-{match[2]}"
    return f"{text}-{match[3].upper()}" if match[3] else text


def _hyphenated(words: list[str]) -> str:
    """`SE` and `Inception` are prefixes: SE-ResNet-50; `Wide` is a word: Wide ResNet-50."""
    text = words[0]
    for word in words[1:]:
        text += f"-{word}" if text in ("SE", "ESE", "GN", "Pre-Act", "Inception") else f" {word}"
    return text


def class_name(name: str) -> str:
    """The name of a network's Python class, in CapWords: `ResNet50`, `ResNeXt50x32x4d`."""
    text = ""
    # Labels and file names may hold any character; a class name is an identifier.
    for word in re.split(r"[^0-9A-Za-z]+", name):
        if not word:
            continue
        spelled = (_spelled(word) or "").replace("-", "") or word[0].upper() + word[1:]
        text += f"x{spelled}" if text and text[-1].isdigit() and spelled[0].isdigit() else spelled
    return text if text and not text[0].isdigit() else f"Network{text}"
