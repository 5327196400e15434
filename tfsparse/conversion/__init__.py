# SPDX-License-Identifier: Apache-2.0
"""From a Keras model to a `.tflite` file in which the winners alone are computed."""
