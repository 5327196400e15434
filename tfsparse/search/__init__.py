# SPDX-License-Identifier: Apache-2.0
"""Finds winner rates and weight sparsities: what each layer bears, and what is best for all together."""

from tfsparse.search.sensitivity import Sensitivity, sensitivity

__all__ = ["Sensitivity", "sensitivity"]
