# SPDX-License-Identifier: Apache-2.0
"""Runs `.tflite` models on this machine: the native library, the interpreter packages, and one class over both."""
