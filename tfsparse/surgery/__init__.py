# SPDX-License-Identifier: Apache-2.0
"""Changes to trained networks that keep their weights."""

from __future__ import annotations

from tfsparse.analysis.relu_sites import relu_sites
from tfsparse.surgery.relus import replace_relus
from tfsparse.surgery.thresholds import quantile_thresholds, search_thresholds

__all__ = ["quantile_thresholds", "relu_sites", "replace_relus", "search_thresholds"]
