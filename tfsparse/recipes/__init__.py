# SPDX-License-Identifier: Apache-2.0
"""Whole ways from a network to a sparse one: the papers' methods in one call each, or as recipes."""

from __future__ import annotations

from tfsparse.recipes.dasnet import dasnet
from tfsparse.recipes.dual_sparse import dual_sparse
from tfsparse.recipes.jpnet import jpnet

__all__ = ["dasnet", "dual_sparse", "jpnet"]
