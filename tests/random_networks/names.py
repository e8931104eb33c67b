"""Names that ask for trouble: Python's, torch's, the emitted text's and the language's own."""

from __future__ import annotations

from collections.abc import Collection
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
# Labels with dots: what they lead into, and the modules in that.
CONTAINERS = """
convs bns blocks_ layers_ features_ 0 1 12 self torch nn super list ModuleList ModuleDict container
é a-b member weight conv norm act index X Layers part
""".split()
MEMBERS = "0 1 2 3 10 01 a b conv weight in_ X é b-1 relu self x".split()
# Names of parameters in the library, and of what the emitter names itself: the parameter of a
# constructor for a number, a module or a sum, a variable of `forward`, of a comprehension.
MEETING = """
width k channels in_channels out_channels groups expansion tail drop_rate scale_init cardinality
dilation downsample factor activation i i i index_ b conv1_channels conv_channels norm_channels
conv1_k group skip result partial block_ branch layer copy inner conv_norm_act stage1 layer1
p_channels t_channels maps0 p0
""".split()
# What nn.Module has: no label may be called so, but a parameter.
ATTRIBUTES = """
training type forward modules children apply parameters to half cpu append reset_parameters __name__
""".split()
# Names that steps call: what hides them breaks these.
HIDES = frozenset(
    """
    conv norm act relu maxpool avgpool identity flatten linear subsample scale dropout drop_path sum
    range max concat where divisible len size basic bottleneck projection softmax sigmoid zero_pad
    none
    """.split()
)
UNBINDABLE = frozenset({"in", "out", "main", "here", "index", "count", "progress", "x", "edition"})
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
    """Hands out names: of definitions, labels, and of what is bound in a definition.

    In some texts each is handed out once; in the others they meet: what is bound in a definition is
    called as another definition is, or as what the emitter names itself.
    """

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
        self.meet = random.random() < 0.45
        self.defined: list[str] = []
        # What has been bound in any definition.
        self.bound: list[str] = []
        # No label of a module, anywhere, is called as a container is that labels with dots share.
        self.labels: set[str] = set()
        self.containers: set[str] = set()

    def definition(self, *preferred: str) -> str:
        """A name for a block, shortcut or network."""
        options = [*self.bound, *MEETING]
        taken = {*self.defined, *ATTRIBUTES, "conv_norm_act"} | HIDES | UNBINDABLE
        name = self._chosen([n for n in options if n not in taken], preferred, taken, 0.6)
        self.defined.append(name)
        return name

    def local(self, bound: set[str], *preferred: str) -> str:
        """A name for what is bound where `bound` is; no step there may call what it hides."""
        options = [*self.defined * 2, *MEETING, *ATTRIBUTES]
        taken = bound | HIDES | UNBINDABLE
        name = self._chosen([n for n in options if n not in taken], preferred, taken, 0.4)
        bound.add(name)
        self.bound.append(name)
        return name

    def _chosen(
        self, options: list[str], preferred: tuple[str, ...], taken: Collection[str], p: float
    ) -> str:
        if self.meet and options and self.random.random() < p:
            return self.random.choice(options)
        name = self.fresh(*preferred)
        while name in taken:
            name = self.fresh()
        return name

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

    def label(self, taken: set[str], *, string: bool = True, dots: bool = True) -> str:
        """A label that is free in its body, as it is written."""
        if string and dots and self.random.random() < 0.25:
            for _ in range(5):
                name = f"{self.container(taken)}.{self.random.choice(MEMBERS)}"
                if name not in taken:
                    taken.add(name)
                    return f'"{name}"'
        for _ in range(20):
            if string and self.random.random() < (0.15 if self.nasty else 0.05):
                name = self.random.choice(STRINGS)
                written = f'"{name}"'
            else:
                words = WORDS + PYTHON + EMITTED + LANGUAGE if self.nasty else LANGUAGE
                if self.meet and self.random.random() < 0.3:
                    words = [*self.defined, *self.bound, *MEETING]
                name = self.random.choice(words)
                # What nn.Module has is an error at the label, and not looked for here.
                if name in ATTRIBUTES:
                    continue
                written = name
            if name not in taken and name not in self.containers:
                taken.add(name)
                self.labels.add(name)
                return written
        self.made += 1
        return f"label{self.made}"

    def container(self, taken: set[str], *, new: bool = False) -> str:
        """What a label with dots may begin with; a new one has no members in its body yet."""
        known = [
            name
            for name in dict.fromkeys([*sorted(self.containers) * (not new), *CONTAINERS])
            if name not in self.labels
            and not (new and any(label.startswith(f"{name}.") for label in taken))
        ]
        name = self.random.choice(known or ["more"])
        if self.random.random() < 0.1:
            # Containers in containers; no other label has this beginning.
            self.containers.add(name)
            return f"{name}.deep_"
        self.containers.add(name)
        return name
