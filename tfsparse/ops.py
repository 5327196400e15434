# SPDX-License-Identifier: Apache-2.0
"""The custom operators that tfsparse puts into a `.tflite` file: names, versions, options.

This is the one place in Python that spells them; `tflite_ops/tflite/op_options.h` is the one place in C++, and a test
compares the two. Options travel as a FlexBuffer map in `customOptions`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, get_args

OP_VERSION = 1
"""Version of every operator here; a library that knows only an older one refuses the model."""

OPTIONS_FORMAT = 1
"""Value of the key `format` in every option map."""

WTA_MARKER = "TfSparseWta"
"""The marker that stands for a winners-take-all mask between export and the passes; never in a finished file."""


@dataclass(frozen=True)
class SelectWinners:
    """`x [N, ..., C]` → `winners int32 [N, k]`: the k highest scores, ascending indices, then -1 for zero scores."""

    NAME: ClassVar[str] = "TfSparseSelectWinners"
    layer: str
    winners: int
    winner_rate: float
    score: str
    unit: str


@dataclass(frozen=True)
class MaskWinners:
    """`x [N, ..., C]`, `winners [N, k]` → `x` with the losers set to zero."""

    NAME: ClassVar[str] = "TfSparseMaskWinners"
    layer: str
    unit: str


@dataclass(frozen=True)
class WinnerConv2D:
    """`x [N, H, W, C]`, `winners [N, k]` or none, `filter OHWI`, `bias [O]` or none → convolution over the winners.

    A second output, if there is one, is `scores [N, O]`: the highest magnitude of each output channel.

    Without winners every channel counts, and with `skip_zeros` the zeros of `x` are skipped, wherever they are, where
    that is faster. `kernel` is `"auto"`, or `"direct"` to keep the library from transforming the convolution into
    another one with fewer multiplications.
    """

    NAME: ClassVar[str] = "TfSparseWinnerConv2D"
    layer: str
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    padding: str
    activation: str
    kernel: str = "auto"
    skip_zeros: bool = False


@dataclass(frozen=True)
class WinnerFullyConnected:
    """`x`, `winners [N, k]` or none, `weights [O, I]`, `bias [O]` or none → product over the winners' columns alone.

    `I = taps * channels`; winner `w` stands for the columns `t * channels + w`. Without winners every column counts,
    and with `skip_zeros` the zeros of `x` are skipped, wherever they are, where that is faster.
    """

    NAME: ClassVar[str] = "TfSparseWinnerFullyConnected"
    layer: str
    channels: int
    activation: str
    keep_num_dims: bool
    skip_zeros: bool = False


@dataclass(frozen=True)
class WinnerDepthwiseConv2D:
    """`x [N, H, W, C]`, `winners [N, k]`, `filter [1, KH, KW, C]`, `bias [C]` or none → depthwise convolution.

    A loser gives the activation of its bias at every pixel.
    """

    NAME: ClassVar[str] = "TfSparseWinnerDepthwiseConv2D"
    layer: str
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    padding: str
    activation: str


@dataclass(frozen=True)
class WinnerSeparableConv2D:
    """A `WinnerDepthwiseConv2D` and the pointwise convolution behind it.

    `x [N, H, W, C]`, `winners [N, k]`, `depthwise filter [1, KH, KW, C]`, `filter [O, 1, 1, C]`, `depthwise bias [C]`
    or none, `bias [O]` or none → `[N, OH, OW, O]`. `activation` belongs to the pointwise convolution. A second output,
    if there is one, is `scores [N, O]`, as with `WinnerConv2D`.
    """

    NAME: ClassVar[str] = "TfSparseWinnerSeparableConv2D"
    layer: str
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    padding: str
    depthwise_activation: str
    activation: str


@dataclass(frozen=True)
class Probe:
    """Tensors of any type, `clock int64 [1]` or none → the same tensors, and `clock` unless it is the last probe.

    Not a winner operator: `tfsparse.bench.probes` puts probes between the layers of a dense model. A probe times the
    `operator` of `layer` that ran since the probe before; the clock passes the time on. The layer is `""` where what
    ran is none.
    """

    NAME: ClassVar[str] = "TfSparseProbe"
    layer: str
    operator: str


WinnerOp = (
    SelectWinners
    | MaskWinners
    | WinnerConv2D
    | WinnerFullyConnected
    | WinnerDepthwiseConv2D
    | WinnerSeparableConv2D
    | Probe
)
WINNER_OPS: dict[str, type[WinnerOp]] = {op.NAME: op for op in get_args(WinnerOp)}
"""Every operator of a finished file by its custom code."""


def option_keys(op: type[WinnerOp]) -> tuple[str, ...]:
    """The keys of an operator's option map, sorted, as a FlexBuffer stores them.

    Example:

    >>> option_keys(MaskWinners)
    ('format', 'layer', 'unit')
    """
    return tuple(sorted(["format", *(field.name for field in fields(op))]))
