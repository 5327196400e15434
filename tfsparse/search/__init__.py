# SPDX-License-Identifier: Apache-2.0
"""Finds winner rates and weight sparsities: what each layer bears, and what is best for all together."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# On first use: results of searches can be read without Keras.
_LAZY = {
    "Candidate": "tfsparse.search.front",
    "SearchResult": "tfsparse.search.result",
    "Sensitivity": "tfsparse.search.curves",
    "Timing": "tfsparse.search.search",
    "search_rates": "tfsparse.search.search",
    "sensitivity": "tfsparse.search.sweep",
}

__all__ = ["Candidate", "SearchResult", "Sensitivity", "Timing", "search_rates", "sensitivity"]

if TYPE_CHECKING:
    from tfsparse.search.curves import Sensitivity as Sensitivity
    from tfsparse.search.front import Candidate as Candidate
    from tfsparse.search.result import SearchResult as SearchResult
    from tfsparse.search.search import Timing as Timing
    from tfsparse.search.search import search_rates as search_rates
    from tfsparse.search.sweep import sensitivity as sensitivity


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'tfsparse.search' has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)
