# SPDX-License-Identifier: Apache-2.0
"""Finds winner rates and weight sparsities: what each layer bears, and what is best for all together."""

from tfsparse.search.front import Candidate
from tfsparse.search.result import SearchResult
from tfsparse.search.search import Timing, search_rates
from tfsparse.search.sensitivity import Sensitivity, sensitivity

__all__ = ["Candidate", "SearchResult", "Sensitivity", "Timing", "search_rates", "sensitivity"]
