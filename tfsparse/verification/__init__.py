# SPDX-License-Identifier: Apache-2.0
"""Compares a Keras model with the `.tflite` file that was made of it."""
