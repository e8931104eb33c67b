"""What the parameters that several operators have mean, as `resdsl explain` says it."""

from __future__ import annotations

WINDOW = "The window: how many elements it takes in each dimension."
CHANNELS = "The channels that come out. What comes in is known."
STRIDE = "The step of the window: a stride of s divides the extents by s."
DILATION = "The distance of the elements that the window takes; they lie side by side at 1."
AROUND = "Put around the map, on both sides."
PADDING = (
    f'{AROUND} `"auto"` is `dilation * (k - 1) // 2` where windows overlap (`stride < k`), else 0: '
    'odd windows keep the extents at stride 1. `"same"` is TensorFlow\'s: what an extent needs. '
    "`resdsl explain padding` says more."
)
GROUPS = (
    "How many groups the channels are in, each with weights of its own for its channels alone "
    "(cardinality); it divides the channels that come in and go out."
)
BIAS = "Whether a learned number is added to each channel or feature that comes out."
INIT = (
    'How the weights start: `"he_fan_out"` and `"he_fan_in"` are He et al. 2015 (torch\'s '
    '`kaiming_normal_`), `"he_uniform"` is the latter as a uniform distribution, `"xavier"` is '
    'uniform, `"normal"` and `"trunc_normal"` have a standard deviation of 0.01, `"torch"` is '
    "torch's own."
)
BIAS_INIT = 'How a bias starts, if there is one: a number, or `"torch"`, which is torch\'s own.'
EPS = "Added to the variance before its root is taken."
AFFINE = "Whether a learned scale and shift follow, one each per channel."
SCALE_INIT = "How that scale starts, if there is one. The shift starts at 0."
WEIGHTS = (
    'Its filters: the weights as they are, or `"standardized"`, each to a mean of 0 and a variance '
    'of 1 (Qiao et al. 2019), or `"scaled"`: standardized, divided by the root of how many weights '
    "a filter has, and times a learned gain (Brock et al. 2021)."
)
GAMMA = "What scaled filters are multiplied by, too: the gain of the activation before them."
GAIN_INIT = "What the learned gain of scaled filters starts at: at 0 they give nothing at first."
WEIGHTS_EPS = "Added to the variance of a filter that is standardized."
