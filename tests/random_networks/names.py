"""Names that ask for trouble: Python's, torch's, the emitted text's and the language's own."""

from __future__ import annotations

from random import Random

PYTHON = """
self torch nn Tensor F super print list range sum len id max min abs round int_ str dict tuple zip
map set_ object property staticmethod classmethod enumerate isinstance reversed sorted any all iter
next vars dir open exec getattr setattr hasattr hash repr bytes slice filter divmod complex
Exception NotImplementedError __name__ __a a__ _a_ _ _0 __0 annotations match
case _x
""".split()

EMITTED = """
x1 x2 x_ xs out_ module branch branches OrderedDict Sequential ModuleList Identity Module ReLU
Conv2d Conv1d BatchNorm2d functional DropPath Scale LayerScale Subsample SubsampleSizes PadChannels
Scaled SliceChannels Group Group1 Residual Fork Shortcut Path Body path group residual_ step
features part reset_parameters init init_ weight bias gamma running_mean in_channels
out_channels kernel_size size groups_ channels_ num_features in_features
inplace bias_ eps layers blocks_ stem head body
""".split()

LANGUAGE = """
conv_1 norm_1 act_1 conv_2 shortcut_1 downsample down X main_ here_ input_ stage1 stage2 layer1 fc
width classes k s n c i_ unit mode net net_ Net NET my_unit MyUnit myUnit My_Unit unit2 Unit2 UNIT
conv1 bn1 relu_ a b d e f g h p q r t u v w y z pre post left right one two A B C
""".split()

# Labels alone: these are words of the language, names of operators, or no identifiers.
WORDS = """
set let keep join fork residual expect network block shortcut stage input conv norm act relu conv_
maxpool identity flatten linear subsample scale dropout drop_path projection basic bottleneck sum
range max concat where self print list torch nn Tensor F super index count progress here main out
""".split()
STRINGS = [
    "block1-0",
    "0",
    "1",
    "7",
    "a b",
    "x",
    "conv-1",
    "é",
    "名",
    "it's",
    "back\\slash",
    "{x}",
    "{}",
    "%s",
    "#",
    "$",
    "0a",
    "a,b",
    "(a)",
    "_",
    "self",
    "weight",
    "mro",
    "🙂",
    "\\n",
    "a/b",
    "*",
]
DOCS = [
    "A plain sentence.",
    'It says """quoted""" and \\ and \\n and {braces} and %s.',
    'Ends with a quote"',
    "Ends with a backslash\\",
    "Umlauts äöü, arrows → and ½ in it.",
    "A line that is longer than any line of a program should be, for it goes on and on and on.",
    'He et al. 2015, "Deep Residual Learning".',
    "'''",
    "",
    "# more",
]


class Names:
    """Hands out names, each once."""

    def __init__(self, random: Random) -> None:
        self.random = random
        pool = dict.fromkeys(PYTHON + EMITTED + LANGUAGE)
        plain = [f"{letter}{n}" for n in range(3, 9) for letter in "abcdef"]
        # Half of the texts are about other things than names.
        self.nasty = random.random() < 0.5
        self.pool = list(pool) if self.nasty else plain
        random.shuffle(self.pool)
        self.used: set[str] = set()
        self.made = 0

    def fresh(self, *preferred: str) -> str:
        """A name that nothing else has; often a preferred one, if it is left."""
        if preferred and self.random.random() < 0.6:
            name = self.random.choice(preferred)
            if name not in self.used:
                self.used.add(name)
                return name
        while self.pool:
            name = self.pool.pop()
            if name not in self.used:
                self.used.add(name)
                return name
        self.made += 1
        return f"name{self.made}"

    def label(self, taken: set[str], *, string: bool = True) -> str:
        """A label that is free in its body, as it is written."""
        for _ in range(20):
            if string and self.random.random() < (0.15 if self.nasty else 0.05):
                name = self.random.choice(STRINGS)
                written = f'"{name}"'
            else:
                name = self.random.choice(
                    WORDS + PYTHON + EMITTED + LANGUAGE if self.nasty else LANGUAGE
                )
                written = name
            if name not in taken:
                taken.add(name)
                return written
        self.made += 1
        return f"label{self.made}"
