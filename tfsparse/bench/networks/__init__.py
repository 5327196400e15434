# SPDX-License-Identifier: Apache-2.0
"""Well-known networks with random weights, dense and over their winners, without any training framework.

`architectures` says what each network is made of, once. A class with the methods of `layers.Layers` gives that a
meaning: `Graph` writes the `.tflite` model, `Calibration` finds the weights, `Costs` counts.
"""
