"""Every limit in one place. What goes beyond one is reported with code E0701."""

from __future__ import annotations

# --- text -----------------------------------------------------------------------------------------

# Bytes of a file. The longest spec of the zoo has 10 kB.
FILE_BYTES = 1 << 20

# Bytes of a design in JSON. ResNet-152's has 100 kB.
DESIGN_BYTES = 1 << 26

# Characters of a name. It becomes part of state-dict keys, of Python text and of drawings.
NAME_LENGTH = 64

# Characters of a number. Within ±2**63 an exact decimal needs 19 digits before the point.
NUMBER_LENGTH = 64

# Braces inside braces, or `else if` after `else if`. Whatever walks over bodies may recurse.
NESTING_DEPTH = 60

# Brackets, signs, calls and fields inside each other in one expression. What walks over
# expressions may recurse, but not along a chain of operators of one rank.
EXPRESSION_DEPTH = 100

# Operands in one chain of operators of one rank, as `a + b - c`, which nests to the left in the
# tree: walk along `Binary.left` in a loop.
EXPRESSION_TERMS = 10_000

# Mistakes of a run that are told with help, and mistakes that are shown as text. All are counted,
# and `check --json` has all.
TOLD = 200

# Names that an unknown one is compared with.
CANDIDATES = 2_000

# --- weights --------------------------------------------------------------------------------------

# Bytes of the header of a safetensors file. That of 1,202 layers has 900 kB.
WEIGHTS_HEADER_BYTES = 1 << 24

# Files that an index of weights names.
SHARDS = 1_000

# Operators of a network that weights are compared with, tensor by tensor.
WEIGHED = 200_000

# Characters of a key, and dimensions of a tensor.
KEY_LENGTH = 1_024
WEIGHT_RANK = 8

# Dicts inside each other in a checkpoint.
CHECKPOINT_DEPTH = 4

# --- elaboration ----------------------------------------------------------------------------------

# Elaborated definitions of one network. ResNet-152 has 16.
DEFINITIONS = 20_000

# Of these, such as began inside another of the same block. A tree whose halves differ at each of
# ten levels has a thousand, and a check of it takes a second.
RECURSIVE_DEFINITIONS = 2_000

# Conditions on the extents of one network's input. U-Net has two.
CONDITIONS = 64

# Defaults that `set`s give at one place: each `set` copies those before it.
SETTINGS = 1_000

# Steps elaborated for one network; a repetition whose copies are alike counts as one.
STEPS = 200_000

# Elements of a list that count as a step, each time that the list is the value of an expression.
ELEMENTS_A_STEP = 32

# Tensors of a list that count as a step, each time that a list of them is made.
TENSORS_A_STEP = 4

# Values of expressions that count as a step: of each operand, argument, default and condition.
VALUES_A_STEP = 16

# Effort of following the shapes of a network: 32 for an operator, and what it takes to compare the
# extents of its result, one for each value of a period (resdsl.extents) and step that makes it.
EFFORT = 1 << 23

# Operators of a module that is built: a million blocks of nine.
MODULES = 20_000_000

# Operators of a graph that is written out.
GRAPH_NODES = 200_000

# Boxes of a picture: layers, blocks, sums and rows of the table. Renderers place some of these in a
# time that grows with the square and more: graphviz-pure takes 2 s for 1,600, and 21 s for 3,200.
BOXES = 2_000

# Boxes of a figure of blocks or of all operators that is written as DOT: copies of a branch are
# drawn three times, and inside of each other three times as often for each level.
PLACED = 100_000

# Rows that the lines of a figure reach over, all together, where dot chooses the places: it puts
# something into each. It takes 1 to 6 s for 4,000, and half a minute for 5,500.
DOT_LINES = 4_000

# Copies of a unit.
REPETITIONS = 10_000_000

# Copies that cannot share one elaboration: their arguments or shapes differ from copy to copy.
UNROLLED = 10_000

# Copies of a branch: they stand side by side in one join.
REPLICAS = 4_096

# Operations inside each other in a join: `a + b + c` has two. What walks over one recurses.
JOIN_DEPTH = 100

# Calls of its own classes and functions in an emitted module: where a block is handed to another as
# a value, the text has a call for each time that it stands in the network.
CALLS = 100_000

# Bodies inside each other in a design, through definitions: what walks over one recurses, as torch
# does over modules, and Python allows 1,000 calls in a row, the caller's own included.
DEPTH = 64

# Truth values of a network that its module keeps as arguments: each more doubles what is elaborated
# for that.
FLAGS = 3

# Definitions inside each other while elaborating, and files importing each other in a row.
INSTANCE_DEPTH = 64
IMPORT_DEPTH = 32

# Elements of a list or range; of a block with arguments that are such again, all arguments.
LIST_LENGTH = 10_000

# Lists and blocks with arguments inside each other, in one value. What walks over values may
# recurse.
VALUE_DEPTH = 100

# Numbers have 64 bits, as torch's sizes do.
LARGEST = 2**63 - 1

# Arguments of operators and extents of an input: what torch's kernels count with has 32 bits.
LARGEST_SIZE = 2**31 - 1

# Elements of a weight, or of a tensor of one sample: torch counts bytes with 64 bits.
ELEMENTS = 2**60

# Channels and windows up to these make no weight that has so many.
WIDE = 1 << 20
WINDOW = 1 << 6
