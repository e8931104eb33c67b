"""Bad input: each a one-line error with the way out, its exit status, and nothing written."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from .conftest import SMALL, Resdsl

RESCRIPT = """\
@react.component
let make = (~name: string) => {
  <div> {React.string("Hello " ++ name)} </div>
}
"""

# What a SPEC holds, the status, and what the message must say.
UNREADABLE: dict[str, tuple[bytes, int, str]] = {
    "latin-1": (b"network caf\xe9 { }", 2, "is not UTF-8 text (byte 0xe9 in line 1)"),
    "utf-16": ("network a { }".encode("utf-16"), 2, "is UTF-16, not UTF-8"),
    "binary": (b"\x7fELF\x00\x01\x02", 2, "is a binary file, not a spec"),
    "empty": (b"", 2, "defines no"),
    "comments alone": (b"# nothing\n", 2, "defines no"),
    "rescript": (RESCRIPT.encode(), 1, "error[E0101]"),
    "library": (b"block unit { norm act }\n", 2, "defines no network"),
    "several": (b"network a { input 3x8x8 norm }\nnetwork b { input 3x8x8 norm }\n", 2, "--net a"),
}


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize("command", ["compile", "draw", "show"])
def test_spec(resdsl: Resdsl, tmp_path: Path, what: str, command: str) -> None:
    content, status, message = UNREADABLE[what]
    (tmp_path / "spec.res").write_bytes(content)
    found = resdsl(command, "spec.res")
    assert (found.status, found.out) == (status, "")
    assert message in found.err
    assert [path.name for path in tmp_path.iterdir()] == ["spec.res"]


@pytest.mark.parametrize("content", [b"", b"# nothing\n"])
def test_empty_spec_is_no_library(resdsl: Resdsl, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "spec.res").write_bytes(content)
    found = resdsl("check", "spec.res")
    assert found.status == 2
    assert "spec.res: is empty" in found.err


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("smal.res", "smal.res: no such file\n  = help: did you mean `small.res`?\n"),
        ("small", "no network of the zoo has this name\n  = help: did you mean `small.res`?\n"),
        ("small.ress", "small.ress: no such file\n  = help: did you mean `small.res`?\n"),
        ("./smal", "./smal: no such file\n  = help: did you mean `small.res`?\n"),
        ("resnet5O", "no network of the zoo has this name\n  = help: did you mean `resnet50`?"),
        ("nowhere/x.res", "nowhere/x.res: no such file"),
        (".", ".: is a folder, not a file"),
        ("", "an empty name is no spec"),
        ("a\0b", "no file has such a name"),
    ],
)
def test_missing(resdsl: Resdsl, small: Path, spec: str, message: str) -> None:
    found = resdsl("show", spec)
    assert found.status == 2
    assert message in found.err


@pytest.mark.parametrize("spec", ["smal.res", "small", "below/inner", "below/iner.res", "resnet5O"])
def test_what_is_offered_is_there(resdsl: Resdsl, small: Path, spec: str) -> None:
    (small.parent / "below").mkdir()
    (small.parent / "below" / "inner.res").write_bytes(small.read_bytes())
    (offered,) = re.findall(r"did you mean `(.+?)`", resdsl("show", spec).err)
    network = Path(offered).stem.replace("inner", "small")
    assert resdsl("show", offered, "--net", network).status == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(resdsl: Resdsl, small: Path) -> None:
    small.chmod(0)
    found = resdsl("show", "small.res")
    assert found.status == 2
    assert "no permission to read it" in found.err


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (["--set", "clases=10"], 2, "did you mean `classes`?"),
        (["--set", "classes=1.5"], 2, "must be an int, not the float 1.5"),
        (["--set", 'classes="10"'], 2, "must be an int"),
        (["--set", "classes=ten"], 2, "`classes` of `small` must be an int, not `ten`"),
        (["--set", "classes=1 +"], 2, "--set classes"),
        (["--set", "classes"], 2, "is not of the form NAME=VALUE"),
        (["--set", "classes=1", "--set", "classes=2"], 2, "`classes` is set twice"),
        (["--set", "classes=1,2"], 2, "must be an int, not 2 values"),
        (["--set", "classes=1 2"], 2, "expected the end of the value, found `2`"),
        (["--set", "classes=1] let x = [2"], 2, "expected the end of the value, found `]`"),
        (["--set", "classes=(1,2)"], 2, "`[1, 2]` is a list, `1x2` is a size"),
        (["--set", "classes=max(1, (2, 3))"], 2, "there are no tuples here"),
        (["--set", "classes=#"], 2, "expected a value"),
        (["--set", "groups=1,2", "--set", "num_classes=3"], 2, "did you mean `classes`?"),
        (["--set", "in_chans=1"], 2, "`--input 1x32x32`"),
        (["--set", "img_size=64"], 2, "`--input 64`"),
        (["--set", "pretrained=true"], 2, "resdsl brings no weights"),
        (["--set", "classes=0"], 1, "`torch.nn.Identity()`"),
        (["--input", "3"], 2, "is 3 the channels, or an extent?"),
        (["--input", "1"], 2, "say `--input 3x1x1` or `--input 1x32x32`"),
        (["--input", "H"], 2, "of all of them: `--input HxW`"),
        (["--input", "HxWxC"], 2, "channels of an input are never free"),
        (["--input", "3x0x32"], 2, "is not an input size"),
        (["--input", "3x4294967296x32"], 2, "at most 2,147,483,647"),
        (["--input", "8x3x32x32"], 2, "3 spatial dimensions"),
        (["--input", "large"], 2, "is not an input size"),
        (["--net", "smal"], 2, "did you mean `small`?"),
    ],
)
def test_options(
    resdsl: Resdsl, small: Path, options: list[str], status: int, message: str
) -> None:
    found = resdsl("compile", "small.res", *options)
    assert found.status == status
    assert message in found.err
    assert not (small.parent / "small.py").exists()


@pytest.mark.parametrize("command", ["compile", "draw"])
@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("nowhere/a{}", "there is no folder nowhere"),
        ("small.res/a{}", "small.res is a file, not a folder"),
        ("/proc/a{}", "cannot be written"),
        ("a.txt", "a.txt: "),
        ("pipe{}", "is not a regular file"),
    ],
)
def test_output(resdsl: Resdsl, small: Path, command: str, output: str, message: str) -> None:
    suffix = {"compile": ".py", "draw": ".dot"}[command]
    os.mkfifo(small.parent / f"pipe{suffix}")
    before = sorted(small.parent.iterdir())
    found = resdsl(command, "small.res", "-o", output.format(suffix))
    assert (found.status, found.out) == (2, "")
    assert message in found.err
    assert len(found.err.splitlines()) == 1
    assert sorted(small.parent.iterdir()) == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("command", ["compile", "draw"])
def test_read_only_folder(resdsl: Resdsl, small: Path, command: str) -> None:
    folder = small.parent / "fixed"
    folder.mkdir(mode=0o500)
    found = resdsl(
        command, "small.res", "-o", "fixed/a" + {"compile": ".py", "draw": ".dot"}[command]
    )
    assert found.status == 2
    assert "read-only" in found.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chek"], "no such command `chek`; did you mean `check`?"),
        (["check"], "missing argument 'SPEC...'"),
        (["show", "resnet18", "--jsn"], "no such option `--jsn`; did you mean `--json`?"),
        (["show", "resnet18", "--hepl"], "no such option `--hepl`; did you mean `--help`?"),
        (["--verison"], "no such option `--verison`; did you mean `--version`?"),
        (["show", "resnet18", "-q"], "no such option `-q`"),
        (["show", "resnet18", "resnet34"], "unexpected extra argument"),
        (["list", "resnt*"], "no network of the zoo is called `resnt*`"),
        (["new", "conv"], "`conv` cannot name a network"),
        (["new", "my-net"], "write `my_net`"),
        (["new", "nowhere/net"], "there is no folder nowhere"),
    ],
)
def test_usage(resdsl: Resdsl, arguments: list[str], message: str) -> None:
    found = resdsl(*arguments)
    assert (found.status, found.out) == (2, "")
    assert message in found.err.splitlines()[0]


def test_spec_of_a_million_bytes(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "large.res").write_text("# " + "x" * 2**20 + "\n" + SMALL)
    found = resdsl("check", "large.res")
    assert found.status == 1
    assert "is larger than a spec may be" in found.err
