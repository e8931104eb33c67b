"""The field's spelling of names."""

from __future__ import annotations

import keyword

import pytest

from resdsl.design.titles import class_name, title


@pytest.mark.parametrize(
    ("name", "spelled", "called"),
    [
        ("resnet50", "ResNet-50", "ResNet50"),
        ("resnet50_v1", "ResNet-50 (v1)", "ResNet50V1"),
        ("resnet50d", "ResNet-50-D", "ResNet50D"),
        ("resnext50_32x4d", "ResNeXt-50 (32x4d)", "ResNeXt50x32x4d"),
        ("wide_resnet50_2", "Wide ResNet-50-2", "WideResNet50x2"),
        ("plain34", "Plain-34", "Plain34"),
        ("resnext50_32x4d_a", "ResNeXt-50 (32x4d, form a)", "ResNeXt50x32x4dA"),
        ("resnetv2_50", "ResNetV2-50", "ResNetV2x50"),
        ("inception_resnet_v2", "Inception-ResNet-v2", "InceptionResNetV2"),
        ("inception_v3", "Inception-v3", "InceptionV3"),
        ("efficientnet_b0", "EfficientNet-B0", "EfficientNetB0"),
        ("efficientnet_v2_s", "EfficientNetV2-S", "EfficientNetV2S"),
        ("regnet_x_400mf", "RegNetX-400MF", "RegNetX400mf"),
        ("regnet_y_1_6gf", "RegNetY-1.6GF", "RegNetY1x6gf"),
        ("mnasnet0_75", "MNASNet-0.75", "MNASNet0x75"),
        ("shufflenet_v2_x1_5", "ShuffleNetV2 1.5×", "ShuffleNetV2X1x5"),
        ("resnet34_option_a", "ResNet-34 (option A)", "ResNet34OptionA"),
        ("cifar_resnet20", "CIFAR ResNet-20", "CIFARResNet20"),
        ("se_resnet50", "SE-ResNet-50", "SEResNet50"),
        ("mobilenet_v2", "MobileNetV2", "MobileNetV2"),
        ("vgg16", "VGG-16", "VGG16"),
        ("my_net", "my_net", "MyNet"),
        ("n", "n", "N"),
        ("_3", "_3", "Network3"),
    ],
)
def test_names(name: str, spelled: str, called: str) -> None:
    assert title(name) == spelled
    assert class_name(name) == called
    assert called.isidentifier() and not keyword.iskeyword(called)
