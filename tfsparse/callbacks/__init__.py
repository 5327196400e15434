# SPDX-License-Identifier: Apache-2.0
"""Callbacks for `model.fit` that make networks sparse, or tell how sparse they are."""

from __future__ import annotations

from tfsparse.callbacks.activation_regularization import ActivationRegularization
from tfsparse.callbacks.adaptive_regularization import AdaptiveActivationRegularization
from tfsparse.callbacks.magnitude_pruning import MagnitudePruning
from tfsparse.callbacks.sparsity_monitor import SparsityMonitor
from tfsparse.callbacks.threshold_scheduler import ThresholdScheduler
from tfsparse.callbacks.winner_rate_scheduler import WinnerRateScheduler

__all__ = [
    "ActivationRegularization",
    "AdaptiveActivationRegularization",
    "MagnitudePruning",
    "SparsityMonitor",
    "ThresholdScheduler",
    "WinnerRateScheduler",
]
