# SPDX-License-Identifier: Apache-2.0
"""Energy spectra against the definitions written out."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tfsparse.analysis.energy import ChannelEnergy, NeuronEnergy, smallest_count, spectrum

VALUES = st.floats(-100, 100, width=32)


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=VALUES))
def test_neurons_are_squared_sorted_and_averaged(x):
    energy = NeuronEnergy(x.shape[1])
    for sample in x:
        energy.add(sample[None])
    expected = np.mean([sorted((float(a) ** 2 for a in sample), reverse=True) for sample in x], axis=0)
    np.testing.assert_allclose(energy.energies(), expected, rtol=1e-12)


@given(
    hnp.arrays(np.float32, st.tuples(*[st.integers(1, 5)] * 4), elements=VALUES),
    st.integers(1, 4),
)
def test_channels_are_squared_singular_values(x, batch):
    energy = ChannelEnergy(x.shape[-1])
    for start in range(0, len(x), batch):
        energy.add(x[start : start + batch])
    features = x.reshape(-1, x.shape[-1]).astype(np.float64)
    singular = np.linalg.svd(features, compute_uv=False)
    expected = np.zeros(x.shape[-1])
    expected[: len(singular)] = singular**2
    np.testing.assert_allclose(energy.energies(), expected, rtol=1e-9, atol=1e-9 * (1 + expected.max()))


def test_blocks_of_rows_add_up_to_the_whole():
    x = np.random.default_rng(0).normal(size=(3, 130, 130, 4)).astype("float32")
    energy = ChannelEnergy(4)
    energy.add(x)
    rows = x.reshape(-1, 4).astype(np.float64)
    np.testing.assert_allclose(energy.energies(), np.linalg.eigvalsh(rows.T @ rows)[::-1], rtol=1e-12)


def test_memory_does_not_grow_with_the_pixels():
    x = np.ones((16, 128, 128, 8), np.float32)
    energy = ChannelEnergy(8)
    tracemalloc.start()
    for _ in range(4):
        energy.add(x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < x.nbytes, "less than one batch of feature maps, while four went through"


def test_not_a_number_is_not_hidden():
    energy = ChannelEnergy(2)
    energy.add(np.array([[1.0, np.nan]], np.float32))
    assert np.isnan(energy.energies()).all()


@given(
    hnp.arrays(np.float64, st.integers(1, 20), elements=st.floats(0, 1e6)).map(lambda e: np.sort(e)[::-1]),
    st.floats(1e-6, 1.0),
)
def test_the_count_is_the_smallest_that_suffices(energies, share):
    count = smallest_count(energies, share)
    total = energies.sum()
    assert energies[:count].sum() >= share * total * (1 - 1e-11)
    if count > 1:
        assert energies[: count - 1].sum() < share * total


@given(
    hnp.arrays(np.float64, st.integers(1, 20), elements=st.floats(0, 1e6)).map(lambda e: np.sort(e)[::-1]),
    st.lists(st.floats(0.01, 1.0), min_size=2, max_size=2).map(sorted),
)
def test_more_energy_needs_no_fewer_winners(energies, shares):
    assert smallest_count(energies, shares[0]) <= smallest_count(energies, shares[1])


@pytest.mark.parametrize(
    ("energies", "share", "count"),
    [([0.0, 0.0, 0.0], 0.99, 1), ([1.0, 1.0, 1.0, 1.0], 0.5, 2), ([1.0, 1.0, 0.0], 1.0, 2), ([5.0], 0.1, 1)],
)
def test_counts_by_hand(energies, share, count):
    assert smallest_count(np.array(energies), share) == count


def test_units_choose_the_spectrum():
    assert isinstance(spectrum("channel", 3), ChannelEnergy)
    assert isinstance(spectrum("neuron", 3), NeuronEnergy)
