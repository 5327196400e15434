# SPDX-License-Identifier: Apache-2.0
"""Validation samples: each class gives its share, none is lost or doubled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tfsparse.datasets import Dataset, split_validation
from tfsparse.errors import InvalidArgumentError


def labelled(labels):
    labels = np.array(labels, np.int32)
    return Dataset(np.arange(len(labels))[:, None], labels, np.full((2, 1), -1), np.zeros(2, np.int32))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.floats(0, 0.9), st.integers(0, 9))
def test_samples_are_parted_by_class(labels, share, seed):
    dataset = labelled(labels)
    counts = np.bincount(labels, minlength=5)
    assume(share == 0 or round(share * len(labels)) >= 1)
    assume(counts.max() > 1 or share == 0)
    rest, x_val, y_val = split_validation(dataset, share, seed)
    both = np.concatenate([rest.x_train[:, 0], x_val[:, 0]])
    assert sorted(both) == list(range(len(labels)))
    np.testing.assert_array_equal(dataset.y_train[x_val[:, 0]], y_val)
    np.testing.assert_array_equal(dataset.y_train[rest.x_train[:, 0]], rest.y_train)
    held = np.bincount(y_val, minlength=5)
    assert (np.abs(held - share * counts) <= 1).all()
    assert (held[counts > 0] < counts[counts > 0]).all()
    assert rest.x_test is dataset.x_test


def test_the_size_is_exact_where_classes_are_large():
    _, x_val, y_val = split_validation(labelled(np.arange(1000) % 7), 0.1)
    assert len(x_val) == 100
    assert set(np.bincount(y_val)) == {14, 15}


def test_the_seed_chooses():
    dataset = labelled(np.arange(100) % 5)
    chosen = [split_validation(dataset, 0.2, seed)[1].tolist() for seed in (0, 0, 1)]
    assert chosen[0] == chosen[1] != chosen[2]


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_impossible_shares_are_refused(share):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `share`"):
        split_validation(labelled([0, 1]), share)


def test_a_share_of_nothing_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"0\.01 of 10 samples"):
        split_validation(labelled([0] * 10), 0.01)
