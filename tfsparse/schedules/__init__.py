# SPDX-License-Identifier: Apache-2.0
"""When sparsity is set during training, and to what."""

from __future__ import annotations

from tfsparse.schedules.constant_sparsity import ConstantSparsity
from tfsparse.schedules.polynomial_decay import PolynomialDecay

__all__ = ["ConstantSparsity", "PolynomialDecay"]
