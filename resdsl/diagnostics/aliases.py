"""What other libraries call the things of this language.

Names from torch, torchvision, timm, Keras and TensorFlow, MXNet, Caffe, ONNX and the papers. They
are written folded: lower case, no underscores, no `1d`, `2d`, `3d` (so `batchnorm` stands for
`BatchNorm2d` and `batch_norm`). A name that is the same but for that needs no entry.
"""

from __future__ import annotations

import re
from functools import cache

# ours: theirs. Where several of ours fit a name of theirs, they are offered in this order.
_TABLE = """
conv: convolution convlayer lazyconv conv3x3 conv1x1 conv7x7 convsame createconv stdconv wsconv
conv_transpose: deconv deconvolution transposedconv transposeconv upconv fractionalconv
depthwise: depthwiseconv depthwiseconvnative dwconv convdw dw depthwiseconvolution
linear: fc dense fullyconnected innerproduct gemm mlp classifier logits lazylinear affine matmul
maxpool: maxpooling pool pooling poolmax
avgpool: averagepool averagepooling meanpool avgpooling pool pooling poolavg avg average
blur_pool: blur blurpooling aapool antialias maxblurpool
attention_pool: attentionpooling contextmodeling globalattentionpool attnpool
channel_conv: ecaconv
channel_mean: meanchannels
global_avgpool: gap globalaveragepooling globalaveragepool globalpool selectadaptivepool
global_avgpool: adaptiveavgpool adaptiveaveragepooling fastadaptiveavgpool globalmeanpool
global_avgpool: adaptivepool reducemean
global_maxpool: gmp globalmaxpooling adaptivemaxpool
adaptive_avgpool: adaptiveaveragepooling adaptivepool
adaptive_maxpool: adaptivemaxpooling

batchnorm: bn batchnormalization syncbatchnorm syncbn frozenbatchnorm frozenbn spatialbn fusedbn
batchnorm: fusedbatchnorm fusedbatchnormv3 batchnormact inplaceabn iabn abn batchnormalisation
norm: normlayer normalization normalisation normalize normlayertype
groupnorm: gn groupnormalization groupnormact groupnorm1
layernorm: ln layernormalization layernormchannelsfirst layernormact
instancenorm: instancenormalization instnorm
local_response_norm: lrn localresponsenormalization crossmaplrn localresponse responsenorm
evonorm: evonorms0 evonorm0 evonormact
global_response_norm: grn globalresponsenormalization globalresponse
filter_response_norm: frn filterresponsenormalization filterresponsenormtlu tlu

act: activation actlayer actfn activationfn activationlayer nonlin nonlinearity
relu: rectifier rectifiedlinear rectifiedlinearunit relulayer
relu6: clippedrelu relun
leaky_relu: lrelu leaky
prelu: parametricrelu
gelu: gelutanh quickgelu gaussianerror
silu: swish swish1 memoryefficientswish swishme swishjit
sigmoid: logistic sigm expit
hardswish: hswish hardswishme hardswishjit
hardsigmoid: hsigmoid hardsigmoidme hardsigmoidjit
log_softmax: logsoftmaxlayer
dropout: drop spatialdropout featuredropout alphadropout
drop_path: droppathrate stochasticdepth dropconnect dropconnectrate survivalprob survival shakedrop

flatten: view reshape ravel squeeze tovector
subsample: downsample stridedslice decimate stridelayer subsampling
pad_channels: padchannel channelpad zeropadchannel channelpadding
pad: zeropad zeropadding constantpad reflectionpad replicationpad
crop: cropping centercrop unpad
unflatten: unsqueeze expanddims tomap
upsample: upsampling interpolate resize up upsamplingnearest upsamplingbilinear
upsample: upscale resizebilinear
slice_channels: slice split chunk narrow slicechannel splitchannels
channel_shuffle: shuffle shufflechannel shufflechannels
pixel_shuffle: depthtospace subpixel
layer_scale: gamma ls layerscaler
layer_shift: shift beta layerbias
scale: mul multiply rescale scaling lambda
identity: noop passthrough nothing empty

k: kernel kernelsize kernelshape ksize ks size filtersize poolsize window windowsize
channels: filters outchannels planes numfilter numfilters nfilters outplanes outfilters nf outchs
channels: outch numoutput width features units outdepth outputchannels c ch dim shape
stride: strides step substride stridesize
dilation: dilations dilationrate dilate atrous rate
groups: group numgroup numgroups numfiltergroup featuregroupcount cardinality
padding: pad pads padtype bordermode paddingmode same
bias: usebias withbias biasterm nobias hasbias biasattr
ceil: ceilmode poolingconvention
eps: epsilon bneps variationepsilon
momentum: bnmomentum decay bnmom
affine: elementwiseaffine usescale center
he_fan_out: kaimingnormal kaiming he henormal msra kaimingnormalfanout hefanout
he_fan_in: kaimingnormal kaiming he henormal kaimingnormalfanin hefanin
xavier: glorot glorotuniform xavieruniform glorotnormal xaviernormal
trunc_normal: truncatednormal truncnormal
normal: gaussian randomnormal
zeros: zero
he_uniform: kaiminguniform
torch: default kaiminguniform pytorch
init: initializer kernelinitializer weightinitializer weightinit weightfiller initmode
bias_init: biasinitializer biasfiller
zero_init_residual: zeroinitlast zeroinit zerogamma zeroinitlastgamma lastgamma zeroinitlastbn
scale_init: gammainit gammainitializer zeroinitresidual zeroinitlast zerogamma initvalues
scale_init: lsinitvalue layerscaleinit scaleinitializer
init: initvalue initvalues lsinitvalue
p: prob probability rate droprate dropprob dropoutrate dropoutratio drop ratio keepprob droppathrate
slope: negativeslope alpha leak
multiplier: depthmultiplier channelmultiplier mult
features: outfeatures units numhidden numoutput outputdim outdim nodes channels classes
size: outputsize targetsize outsize
scale: scalefactor upscalefactor blocksize factor
factor: scale value weight
mode: interpolation method align
to: channels outchannels

basic: basicblock buildingblock basicbuildingblock residualblock resblock resnetblock
bottleneck: bottleneckblock residualbottleneck residualblock resblock resnetblock bneck
conv_norm_act: convbnrelu convbnact convnormactivation convbn convnorm cbr convbnlayer convmodule
inverted_residual: mbconv invertedresidualblock mbconvblock invertedbottleneck
separable: separableconv dsconv depthwiseseparable depthwiseseparableconv sepconv xceptionconv
squeeze_excite: se selayer semodule seblock squeezeexcitation squeezeandexcitation
squeeze_excite: squeezeandexcite seunit attention squeeze
width: planes filters channels outchannels numfilter numfilters innerchannels midchannels midchs
expansion: expand expandratio expansionfactor expansionratio mult bottleneckratio bottlemult t
cardinality: groups numgroup numgroups group c
base_width: widthpergroup bottleneckwidth groupwidth groupsize basewidthpergroup d
stride_at: strideplace strideposition stridein1x1 stridefirst
tail: attnlayer attention attn selayer se
drop_rate: droppathrate droppath dropprob stochasticdepth stochasticdepthprob survivalprob p
shortcut: skip downsample skipconnection shortcuttype residualconnection skiptype shortcutmode
shortcut: projection identitymapping convshortcut
classes: numclasses nclasses nclass nbclasses numclass outputclasses numlabels ncls outfeatures
reduction: rdratio seratio squeezefactor reductionratio seratioreduction r
layers: depths blocks numblocks numlayers repetitions repeats nblocks stages depth
projection: shortcut shortcutconv optionb convshortcut downsample projectionshortcut downsampleconv
zero_pad: optiona padshortcut zeropadding zeropadshortcut paddingshortcut lambdalayer
projection_always: optionc
avg_projection: avgdown downsampleavg avgdownsample
conv_projection: downsampleconv
none: plain noshortcut noskip noresidual

concat: cat concatenate concatenation merge stack hstack filterconcat
sum: add addn eltwiseadd elementwiseadd reducesum
mean: average avg reducemean
max: maximum eltwisemax maxout
min: minimum
where: ifelse iff cond select ternary
divisible: makedivisible roundfilters roundchannels roundwidth divisibleby
len: length size
floor: trunc
range: xrange arange linspace
rank: ndim dims ndims spatialdims
int: integer long
float: number double real
bool: boolean
string: str text
size: tuple shape kernel
list: array tuple
one_of: enum choice choices literal
op: operator layer module callable
network: model net resnetmodel graph
block: def function func fn fun proc module class
stage: layer group section
residual: skip resblock add
fork: branch branches parallel split
join: merge combine add
keep: save store tap route
let: var const val def assign int auto local mut
set: override default
expect: assert require check ensure
via: with shortcut skip

params: parameters numparams nparams weights parametercount paramcount
params_without_norm: paramswithoutbn paramsnobn
macs: flops madds gmacs multadds multiplyadds maccs gflops mac flop
activations: acts nacts numactivations
depth: layers numlayers nlayers
output: outputshape outshape outputsize
receptive_field: rf fov fieldofview receptivefieldsize
total_stride: outputstride featstride effectivestride downsamplefactor
min_input: mininputsize minsize mininputshape
progress: blockprogress
index: idx blockindex
count: nblocks numblocks
"""


# No part of a number: `resnet152d` has two digits more.
_DIMENSIONS = re.compile(r"(?<![0-9])[123]d")


def fold(name: str) -> str:
    """`name` as the table writes it: `BatchNorm2d` and `batch_norm` become `batchnorm`."""
    folded = name.lower().replace("_", "").replace("-", "")
    return _DIMENSIONS.sub("", folded) or folded


@cache
def ours() -> dict[str, tuple[str, ...]]:
    """For each folded foreign name, what it may be called here."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _TABLE.split("\n"):
        name, _, aliases = line.partition(": ")
        for alias in aliases.split():
            found[alias] = (*found.get(alias, ()), name)
    return found
