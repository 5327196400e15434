# SPDX-License-Identifier: Apache-2.0
"""What is inside a `.tflite` file: operators, tensors, winner rates, multiply-accumulates."""

from tfsparse.inspection.description import ModelDescription, describe_model
from tfsparse.inspection.kernels import ChosenKernel, KernelReport, MatrixKernel, describe_kernels
from tfsparse.inspection.macs import Macs, count_macs, operator_macs

__all__ = [
    "ChosenKernel",
    "KernelReport",
    "Macs",
    "MatrixKernel",
    "ModelDescription",
    "count_macs",
    "describe_kernels",
    "describe_model",
    "operator_macs",
]
