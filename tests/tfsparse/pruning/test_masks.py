# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.utils.tfmot import sparsity_module
from tfsparse.errors import InvalidArgumentError
from tfsparse.pruning import magnitude_masks

WEIGHTS = np.random.default_rng(0).normal(size=(12, 8)).astype("float32")
FEW_VALUES = st.sampled_from([0.0, 1.0, -1.0, 2.0])


def kept(total, sparsity):
    return max(1, round((1 - sparsity) * total))


@given(npst.arrays("float32", npst.array_shapes(max_dims=4, max_side=6), elements=FEW_VALUES), st.floats(0, 0.999))
def test_keeps_exactly_as_many_as_it_should_and_no_smaller_ones(weights, sparsity):
    (mask,) = magnitude_masks([weights], sparsity)
    assert np.count_nonzero(mask) == kept(weights.size, sparsity)
    if not mask.all():
        assert np.abs(weights[mask]).min() >= np.abs(weights[~mask]).max()


def test_keeps_the_lower_index_of_equal_weights():
    (mask,) = magnitude_masks([np.full((2, 4), -0.5, "float32")], 0.6)
    assert mask.astype(int).tolist() == [[1, 1, 1, 0], [0, 0, 0, 0]]


def test_nan_is_kept():
    (mask,) = magnitude_masks([np.array([1.0, np.nan, np.inf, 2.0], "float32")], 0.5)
    assert mask.tolist() == [False, True, True, False]


def test_zero_sparsity_keeps_everything():
    assert magnitude_masks([np.zeros((3, 3))], 0.0)[0].all()


@given(st.data())
def test_what_is_held_stays_pruned_and_counts(data):
    weights = data.draw(npst.arrays("float32", (5, 6), elements=FEW_VALUES))
    held = data.draw(npst.arrays(bool, (5, 6)))
    sparsity = data.draw(st.floats(0, 0.999))
    (mask,) = magnitude_masks([weights], sparsity, held=[held])
    assert not (mask & ~held).any()
    assert np.count_nonzero(mask) == min(kept(30, sparsity), np.count_nonzero(held))


def test_one_ranking_over_several_arrays():
    small, large = np.full((2, 3), 0.1), np.full((3, 2), 5.0)
    assert [np.count_nonzero(mask) for mask in magnitude_masks([small, large], 0.25)] == [3, 6]


@pytest.mark.parametrize("pooling", ["avg", "max"])
@pytest.mark.parametrize("shape", [(8, 8), (7, 5), (3, 3, 6, 9), (1, 1)])
def test_blocks_stay_or_go_as_a_whole(shape, pooling):
    weights = np.random.default_rng(1).normal(size=shape)
    (mask,) = magnitude_masks([weights], 0.5, block_size=(2, 4), block_pooling=pooling)
    corners = mask[..., ::2, ::4]
    np.testing.assert_array_equal(corners.repeat(2, -2).repeat(4, -1)[..., : shape[-2], : shape[-1]], mask)
    assert np.count_nonzero(corners) == kept(corners.size, 0.5)


def test_pooling_decides_which_block_stays():
    weights = np.array([[1.0, 1.0, 0.0, 1.5]])
    assert magnitude_masks([weights], 0.5, block_size=(1, 2), block_pooling="avg")[0].tolist() == [[1, 1, 0, 0]]
    assert magnitude_masks([weights], 0.5, block_size=(1, 2), block_pooling="max")[0].tolist() == [[0, 0, 1, 1]]


def test_average_of_a_cut_block_is_over_what_it_has():
    assert magnitude_masks([np.array([[1.0, 1.0, 1.5]])], 0.5, block_size=(1, 2))[0].tolist() == [[0, 0, 1]]


def test_blocks_need_two_axes():
    with pytest.raises(InvalidArgumentError, match=r"two axes or more.*\(4,\)"):
        magnitude_masks([np.ones(4)], 0.5, block_size=(2, 1))


@pytest.mark.parametrize("sparsity", [0.0, 0.1, 0.5, 0.77, 0.99])
@pytest.mark.parametrize(
    ("block_size", "pooling"), [((1, 1), "avg"), ((2, 2), "avg"), ((4, 1), "max"), ((3, 4), "max")]
)
def test_equals_tfmot(sparsity, block_size, pooling):
    sparsity_module()
    import tensorflow as tf
    from tensorflow_model_optimization.python.core.sparsity.keras import pruning_impl

    weights = tf.constant(WEIGHTS)
    schedule = sparsity_module().ConstantSparsity(sparsity, 0)
    pruning = pruning_impl.Pruning(lambda: 0, [], schedule, block_size, pooling.upper())
    _, theirs = pruning._maybe_update_block_mask(weights)
    (ours,) = magnitude_masks([WEIGHTS], sparsity, block_size=block_size, block_pooling=pooling)
    np.testing.assert_array_equal(ours, theirs.numpy().astype(bool))
