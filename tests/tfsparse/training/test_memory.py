# SPDX-License-Identifier: Apache-2.0
"""Whatever runs out of memory gives one message; other errors stay what they are."""

from __future__ import annotations

import numpy as np
import pytest

from tfsparse.errors import ConversionError, TrainingError
from tfsparse.training.memory import explaining_memory


def test_too_little_memory_says_what_to_lower():
    with pytest.raises(TrainingError, match=r"too little memory.*Lower it\.$"), explaining_memory("Lower it."):
        np.ones(1 << 55)


def test_what_has_been_explained_stays_as_it_is():
    explained = ConversionError("a could not be written.", received="No space left on device")
    with pytest.raises(ConversionError, match=r"^a could not"), explaining_memory("Lower it."):
        raise explained


def test_other_errors_pass():
    with pytest.raises(KeyError), explaining_memory("Lower it."):
        {}["nothing"]


def test_a_full_disk_is_no_lack_of_memory():
    with pytest.raises(TrainingError, match=r"disk is full.*Free space"), explaining_memory("Lower it."):
        raise OSError(28, "No space left on device")
