# SPDX-License-Identifier: Apache-2.0
"""Whatever runs out of memory gives one message; other errors stay what they are."""

from __future__ import annotations

import numpy as np
import pytest

from tfsparse.errors import TrainingError
from tfsparse.recipes.memory import explaining_memory


def test_too_little_memory_says_what_to_lower():
    with pytest.raises(TrainingError, match=r"too little memory.*batch_size"), explaining_memory():
        np.ones(1 << 55)


def test_other_errors_pass():
    with pytest.raises(KeyError), explaining_memory():
        {}["nothing"]
