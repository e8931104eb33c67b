"""Every code that a diagnostic can carry, with its title.

E01xx text and syntax, E02xx names, E03xx values and calls, E04xx structure, E05xx shapes,
E06xx contracts, E07xx limits, E08xx files and the command line, W1xxx warnings, X9000 our bugs.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    id: str
    title: str


SYNTAX = Code("E0101", "the text does not follow the grammar")
ENCODING = Code("E0102", "the file is not a UTF-8 text")
EDITION = Code("E0103", "the file is of another edition")
NUMBER = Code("E0104", "a number is out of range or not exact")
RESERVED = Code("E0105", "the name is reserved")

UNKNOWN_NAME = Code("E0201", "nothing has this name")
DUPLICATE_NAME = Code("E0202", "two things share a name")
IMPORT = Code("E0203", "an import cannot be resolved")
RECURSION = Code("E0204", "a definition contains itself")
LABEL = Code("E0205", "a label cannot be used as a module name")
SHADOWED = Code("E0206", "a local name hides an operator")

TYPE = Code("E0301", "a value has the wrong type")
ARGUMENT = Code("E0302", "the arguments do not fit the parameters")
VALUE = Code("E0303", "a value is not allowed here")
ARITHMETIC = Code("E0304", "an expression has no value")

STRUCTURE = Code("E0401", "a step is not allowed here")
INPUT = Code("E0402", "a network has exactly one input, before its steps")
SHORTCUT = Code("E0403", "a shortcut is used outside a residual")
STRIDE = Code("E0404", "the stride of main cannot be read")
TENSOR = Code("E0405", "a tensor is used as a value, or a value as a tensor")
OUTPUT_STRIDE = Code("E0406", "an output stride cannot hold for a step")

MISMATCH = Code("E0501", "shapes that must agree do not")
TOO_SMALL = Code("E0502", "the map is too small for the window")
RANK = Code("E0503", "the operator does not take this kind of tensor")
CHANNELS = Code("E0504", "the channels do not fit the operator")
UNSIZED = Code("E0505", "a number of features depends on a free extent")

CONTRACT = Code("E0601", "a contract does not hold")
NOT_A_CONTRACT = Code("E0602", "an expect cannot be decided")

LIMIT = Code("E0701", "a limit is exceeded")

NO_NETWORK = Code("E0801", "no network to work on")
WHICH_NETWORK = Code("E0802", "several networks, none named")
OVERRIDE = Code("E0803", "an override does not fit the network")
UNREADABLE = Code("E0804", "a file cannot be read")
BAD_DESIGN = Code("E0805", "a JSON design breaks a rule of the language")
UNFIT_WEIGHTS = Code("E0806", "weights do not fit the network")
UNREADABLE_WEIGHTS = Code("E0807", "weights cannot be read")

UNUSED_SET = Code("W1001", "a set that nothing uses")
SOME_SIZES = Code("W1002", "branches agree at some sizes only")
USELESS_BIAS = Code("W1003", "a bias directly before a batch norm")
ONLY_GROWS = Code("W1004", "the main of a residual is never negative")
NOTHING_LEARNED = Code("W1005", "the main of a residual has no weights")
RAW_PROJECTION = Code("W1006", "a projection beside a pre-activated main that is not")
UNUSED_IMPORT = Code("W1007", "an import that nothing uses")
WORD_AS_LABEL = Code("W1008", "a word of the language is a label")
ONE_VALUE = Code("W1009", "a norm that sees one value")
IN_PADDING = Code("W1010", "a window that lies in the padding alone")
UNREAD = Code("W1011", "a name that nothing reads")
UNSEEN = Code("W1012", "elements of the input that enter no window")
UNREAD_STEP = Code("W1013", "a step whose result nothing reads")
UNCHANGED = Code("W1014", "a set or an argument that changes nothing")
EVEN_WINDOW = Code("W1015", "an even window that makes a map smaller")
ORDER = Code("W1016", "numbers in the order of another library")
WIDE_POOL = Code("W1017", "a pool as wide as its map that leaves a map")
NO_TENSOR = Code("W1018", "a start of a tensor that is not there")
COUNT_OF_LAST = Code("W1019", "a count of the last of several steps")
STRIDE_OF_ALL = Code("W1020", "a stride that every copy has")
CUT = Code("W1021", "a step that no output is made of")
FEWER_DIMENSIONS = Code("W1022", "an input of one dimension less than is declared")
IDLE_OUTPUT_STRIDE = Code("W1024", "an output stride that changes nothing")
BARE_DROP = Code("W1023", "stochastic depth that nothing goes around")

INTERNAL = Code("X9000", "a bug in resdsl")
