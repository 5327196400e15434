# SPDX-License-Identifier: Apache-2.0
"""What the interpreters take for granted about builtin operators: numbers of inputs and outputs, and options."""

from __future__ import annotations

from functools import cache

from ai_edge_litert import schema_py_generated as schema

_NO_INPUT = "VAR_HANDLE HASHTABLE CALL_ONCE WHILE IF CALL STABLEHLO_COMPOSITE"
_TWO_INPUTS = """
    ADD SUB MUL DIV FLOOR_DIV FLOOR_MOD MAXIMUM MINIMUM POW SQUARED_DIFFERENCE ATAN2 BITWISE_XOR RIGHT_SHIFT
    EQUAL NOT_EQUAL LESS LESS_EQUAL GREATER GREATER_EQUAL LOGICAL_AND LOGICAL_OR
    MEAN SUM REDUCE_MAX REDUCE_MIN REDUCE_PROD REDUCE_ANY REDUCE_ALL ARG_MAX ARG_MIN CUMSUM TOPK_V2
    GATHER GATHER_ND EMBEDDING_LOOKUP PAD MIRROR_PAD TRANSPOSE TILE EXPAND_DIMS FILL BROADCAST_TO REVERSE_V2
    REVERSE_SEQUENCE SPLIT RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR PRELU MATRIX_SET_DIAG
    CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED BATCH_MATMUL CONV_3D ASSIGN_VARIABLE
"""
_THREE_INPUTS = """
    SELECT SELECT_V2 SLICE PADV2 SPACE_TO_BATCH_ND BATCH_TO_SPACE_ND TRANSPOSE_CONV CONV_3D_TRANSPOSE SPLIT_V
    RANGE SCATTER_ND DYNAMIC_UPDATE_SLICE UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_MIN UNSORTED_SEGMENT_PROD
    UNSORTED_SEGMENT_SUM
"""
_FOUR_INPUTS = "STRIDED_SLICE ONE_HOT SPARSE_TO_DENSE"
_LEAST_INPUTS = {
    name: count
    for count, names in ((0, _NO_INPUT), (2, _TWO_INPUTS), (3, _THREE_INPUTS), (4, _FOUR_INPUTS))
    for name in names.split()
}
_NO_OUTPUT = {"ASSIGN_VARIABLE", "CALL_ONCE", "HASHTABLE_IMPORT", "WHILE", "IF", "CALL", "STABLEHLO_COMPOSITE"}

_BIAS = {"CONV_2D": 2, "DEPTHWISE_CONV_2D": 2, "CONV_3D": 2, "FULLY_CONNECTED": 2, "TRANSPOSE_CONV": 3}
"""Operators with a bias that may be left out → its position."""

_ALL_OPTIONAL = ("LSTM", "RNN", "SVDF", "STABLEHLO", "WHILE", "IF", "CALL")

_OPTIONS_OF = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "L2_POOL_2D": "Pool2DOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "CONV_3D_TRANSPOSE": "Conv3DOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "LOCAL_RESPONSE_NORMALIZATION": "LocalResponseNormalizationOptions",
    **dict.fromkeys(
        ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "REDUCE_ANY", "REDUCE_ALL"), "ReducerOptions"
    ),
}
"""Operators whose options are not called like themselves."""

_NEEDS_OPTIONS = {
    *("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_3D", "CONV_3D_TRANSPOSE", "TRANSPOSE_CONV", "FULLY_CONNECTED"),
    *("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D", "CONCATENATION", "SOFTMAX", "PACK", "UNPACK", "SPLIT", "SPLIT_V"),
    *("SPACE_TO_DEPTH", "DEPTH_TO_SPACE", "LOCAL_RESPONSE_NORMALIZATION", "MIRROR_PAD", "WHILE", "IF", "CALL_ONCE"),
}

AT_LEAST_ONE = {
    "Conv2DOptions": ("strideW", "strideH", "dilationWFactor", "dilationHFactor"),
    "DepthwiseConv2DOptions": ("strideW", "strideH", "dilationWFactor", "dilationHFactor"),
    "Conv3DOptions": ("strideD", "strideW", "strideH", "dilationDFactor", "dilationWFactor", "dilationHFactor"),
    "TransposeConvOptions": ("strideW", "strideH"),
    "Pool2DOptions": ("strideW", "strideH", "filterWidth", "filterHeight"),
    "SpaceToDepthOptions": ("blockSize",),
    "DepthToSpaceOptions": ("blockSize",),
    "SplitOptions": ("numSplits",),
    "SplitVOptions": ("numSplits",),
    "PackOptions": ("valuesCount",),
}
"""Options by which the interpreters divide, or loop."""

ENUMS = {"padding": schema.Padding, "fusedActivationFunction": schema.ActivationFunctionType}
"""Options that are one of a few values."""


def least_inputs(name: str) -> int:
    """How many inputs an operator reads without asking whether they are there."""
    return _LEAST_INPUTS.get(name, 1)


def least_outputs(name: str) -> int:
    """How many outputs an operator writes without asking whether they are there."""
    return 0 if name in _NO_OUTPUT else 2 if name == "TOPK_V2" else 1


def first_optional_input(name: str, inputs: int) -> int:
    """The first input that may be left out, marked by the index -1."""
    if any(part in name for part in _ALL_OPTIONAL):
        return 0
    return _BIAS.get(name, inputs)


def needs_options(name: str) -> bool:
    """Whether the operator cannot do with the defaults that stand in for missing options."""
    return name in _NEEDS_OPTIONS


@cache
def options_name(name: str) -> str | None:
    """What the table of an operator's options is called in the schema; `None` if it has none."""
    if name in _OPTIONS_OF:
        return _OPTIONS_OF[name]
    wanted = name.replace("_", "").lower() + "options"
    tables = [*vars(schema.BuiltinOptions), *vars(schema.BuiltinOptions2)]
    return next((table for table in tables if table.lower() == wanted), None)
