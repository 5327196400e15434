# SPDX-License-Identifier: Apache-2.0
"""Layers that make activations sparse, on every Keras backend."""

from __future__ import annotations

from tfsparse.layers.fatrelu import FATReLU
from tfsparse.layers.sampled_wta_dropout import SampledWTADropout
from tfsparse.layers.wta_dropout import WTADropout

__all__ = ["FATReLU", "SampledWTADropout", "WTADropout"]
