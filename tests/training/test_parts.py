"""Options, schedules, batches and views, each alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch


def parsed(line: str) -> Any:
    from training.options import parsed

    return parsed(line.split())


def test_presets() -> None:
    mnist = parsed("--preset mnist-tutorial --data d")
    assert (mnist.spec, mnist.pad, mnist.flip, mnist.batch_size) == ("mnist_resnet", 4, True, 32)
    assert (mnist.optimiser, mnist.rate, mnist.schedule) == ("adam", 0.001, "constant")
    assert mnist.log_every == 100
    digits = parsed("--preset digits --epochs 3")
    assert (digits.epochs, digits.flip, digits.folds) == (3, False, "all")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n=3", 3),
        ("depths=3,4,6,3", [3, 4, 6, 3]),
        ("width=0.5", 0.5),
        ("wide=true", True),
        ("unit=basic", "basic"),
        ("unit=bottleneck(cardinality=32)", "bottleneck(cardinality=32)"),
        ("order='original'", "original"),
        ("kernel=3x5", "3x5"),
    ],
)
def test_settings(text: str, value: object) -> None:
    (found,) = parsed(f"s --data d --set {text}").settings.values()
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--data digits", "SPEC is missing"),
        ("s", "--data is missing"),
        ("s --data d --set n", "is not of the form NAME=VALUE"),
        ("s --data d --set n=1 --set n=2", "set twice"),
        ("s --data d --epochs 0", "--epochs: '0' is no whole number from 1 to 1000000"),
        ("s --data d --epochs 1e3", "--epochs: '1e3' is no whole number from 1"),
        ("s --data d --batch-size 0", "--batch-size: '0' is no whole number from 1"),
        ("s --data d --pad 100000", "--pad: '100000' is no whole number from 0 to 1024"),
        ("s --data d --seed -1", "--seed: '-1' is no whole number from 0"),
        ("s --data d --workers " + 5000 * "9", "--workers: '999"),
        ("s --data d --rate -1", "--rate: '-1' is no number from 0 to 1000"),
        ("s --data d --rate nan", "--rate: 'nan' is no number from 0 to 1000"),
        ("s --data d --rate inf", "--rate: 'inf' is no number from 0 to 1000"),
        ("s --data d --smoothing 1.5", "--smoothing: '1.5' is no number from 0 to 1"),
        ("s --data d --milestones 0.5 2", "--milestones: '2' is no number from 0 to 1"),
        ("s --data d --epochs 4 --warmup 5", "--warmup: 5 epochs are more than the 4 of --epochs"),
        ("s --data d --epoch 3", "unrecognized arguments"),
    ],
)
def test_wrong_options(line: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(line)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_schedules() -> None:
    from training.schedule import factor

    assert [factor("constant", step, 8, warmup=4) for step in range(6)] == [
        0.25,
        0.5,
        0.75,
        1,
        1,
        1,
    ]
    steps = [factor("steps", step, 8) for step in range(8)]
    assert steps == pytest.approx([1] * 4 + [0.1] * 2 + [0.01] * 2)
    cosine = [factor("cosine", step, 12, warmup=2) for step in range(2, 13)]
    assert cosine[0] == 1 and cosine[5] == pytest.approx(0.5) and cosine[-1] == pytest.approx(0)
    assert cosine == sorted(cosine, reverse=True)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_processes_share_what_one_sees(count: int) -> None:
    """Each batch is cut among them, the images with the same randomness; the weights are such that
    the mean over processes is the mean over images. The last batch has one image."""
    from training.batches import Batches
    from training.processes import Processes

    def batches(rank: int, count: int) -> Any:
        found = Batches(9, 4, 7, Processes(rank, count, torch.device("cpu")))
        found.epoch = 3
        return found

    whole = list(batches(0, 1))
    assert sorted(draw.index for batch in whole for draw in batch) == list(range(9))
    shares = [list(batches(rank, count)) for rank in range(count)]
    for number, batch in enumerate(whole):
        weights = [batches(rank, count).weight(number) for rank in range(count)]
        assert sum(weights) == pytest.approx(count)
        seen = [share[number] for share, weight in zip(shares, weights, strict=True) if weight]
        assert sorted(draw for share in seen for draw in share) == sorted(batch)
        for share, weight in zip(shares, weights, strict=True):
            assert weight in (0, pytest.approx(len(share[number]) * count / len(batch)))
    later = batches(0, 1)
    later.done = 2
    assert list(later) == whole[2:]
    later.epoch, later.done = 4, 0
    assert list(later) != whole


def test_views() -> None:
    from training.data import Labelled
    from training.views import Draw, Views

    image = torch.arange(1, 17, dtype=torch.uint8).reshape(1, 1, 4, 4)
    examples = Labelled(image, torch.tensor([5]))
    middle, label = Views(examples, (6, 6), pad=2)[Draw(0, 0)]
    assert label == 5
    assert torch.equal(middle[:, 1:5, 1:5], image[0]) and middle.sum() == image.sum()
    assert torch.equal(Views(examples, (2, 2))[Draw(0, 0)][0], image[0, :, 1:3, 1:3])

    crops = Views(examples, (4, 4), pad=1, flips=True, is_random=True)
    seen = {tuple(crops[Draw(0, seed)][0].flatten().tolist()) for seed in range(300)}
    assert len(seen) == 9 * 2
    assert torch.equal(crops[Draw(0, 8)][0], crops[Draw(0, 8)][0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"spec": "cifar_resnet20"}, "`--input 1x8x8`"),
        ({"spec": "cifar_resnet20", "input": "1x32x32"}, "images of 1x8x8"),
        ({"spec": "resnet18", "input": "1x8x8"}, "--set classes=10"),
        ({"spec": "audio_resnet"}, "images of one size"),
    ],
)
def test_network_and_data_that_do_not_fit(
    digits: None, options: dict[str, Any], message: str
) -> None:
    import resdsl
    from training import fit
    from training.data import opened
    from training.failure import TrainingError

    design = resdsl.design(options.pop("spec"), **options)
    with pytest.raises(TrainingError) as caught:
        fit.check(design, opened("digits", (1, 8, 8), 1), pad=4)
    assert message in str(caught.value)


def test_crops_without_anything(digits: None) -> None:
    import resdsl
    from training import fit
    from training.data import opened
    from training.failure import TrainingError

    design = resdsl.design("cifar_resnet20", input="1x8x8")
    fit.check(design, opened("digits", (1, 8, 8), 1), pad=7)
    with pytest.raises(TrainingError, match="--pad 8: cifar_resnet20 sees 8x8"):
        fit.check(design, opened("digits", (1, 8, 8), 1), pad=8)


def test_files_are_whole_or_not_there(tmp_path: Path) -> None:
    from training.files import new_folder, replacing

    (tmp_path / "a").write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a") as draft:
        draft.write_text("half")
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "b") as folder:
        (folder / "one").touch()
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"
