# SPDX-License-Identifier: Apache-2.0
"""Penalties that make activations or weights sparse; l1 is `keras.regularizers.L1`."""

from __future__ import annotations

from tfsparse.regularizers.hoyer_square import HoyerSquare
from tfsparse.regularizers.near_zero_l1 import NearZeroL1
from tfsparse.regularizers.transformed_l1 import TransformedL1

__all__ = ["HoyerSquare", "NearZeroL1", "TransformedL1"]
