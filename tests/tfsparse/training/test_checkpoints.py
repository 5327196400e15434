# SPDX-License-Identifier: Apache-2.0
"""A checkpoint that cannot be written is refused in words, and what was there stays."""

from __future__ import annotations

import pytest

from tfsparse.errors import ConversionError
from tfsparse.training.checkpoints import require_space, save_model, save_weights


def test_weights_that_the_disk_cannot_hold_are_not_begun(tmp_path):
    require_space(tmp_path, 1000)
    with pytest.raises(ConversionError, match=r"disk is full.*Expected: 1,000,00\d,\d+\.\d MB.*goes on after the last"):
        require_space(tmp_path, 10**15)


@pytest.mark.parametrize("save", [save_weights, save_model])
def test_a_place_that_cannot_be_written_is_named(build, tmp_path, save):
    (tmp_path / ".writing.weights.h5").mkdir()
    (tmp_path / ".writing.keras").mkdir()
    with pytest.raises(ConversionError, match=r"model\.keras could not be written.*Free space"):
        save(build(), tmp_path / "model.keras")
    assert not (tmp_path / "model.keras").exists()
