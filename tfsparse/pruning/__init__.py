# SPDX-License-Identifier: Apache-2.0
"""Pruning of weights by magnitude: masks, and what keeps them while a model trains."""

from __future__ import annotations

from tfsparse.pruning.kernels import prunable_kernels
from tfsparse.pruning.masks import magnitude_masks
from tfsparse.pruning.pruner import Pruner
from tfsparse.pruning.regularized_weights import regularized_weights

__all__ = ["Pruner", "magnitude_masks", "prunable_kernels", "regularized_weights"]
