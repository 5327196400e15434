# SPDX-License-Identifier: Apache-2.0
"""The `.tflite` models that are measured: single layers, written over the flatbuffer schema alone."""
