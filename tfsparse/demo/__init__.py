# SPDX-License-Identifier: Apache-2.0
"""The whole way from `fit` to a faster `.tflite`, as a script to read and copy."""

from tfsparse.demo.flow import DemoResult, DemoSettings, run_demo

__all__ = ["DemoResult", "DemoSettings", "run_demo"]
