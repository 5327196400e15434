# SPDX-License-Identifier: Apache-2.0
"""What is inside a `.tflite` file: operators, tensors, winner rates, multiply-accumulates."""

from tfsparse.inspection.description import ModelDescription, describe_model
from tfsparse.inspection.macs import Macs, count_macs, operator_macs

__all__ = ["Macs", "ModelDescription", "count_macs", "describe_model", "operator_macs"]
