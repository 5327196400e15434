# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from tests.utils.gradients import gradient
from tests.utils.layer_test import run_layer_test
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import FATReLU

X = np.array([[-1.0, 0.0, 0.25, 0.5, 2.0, np.inf]], "float32")


def test_forces_what_does_not_exceed_the_threshold_to_zero():
    y = ops.convert_to_numpy(FATReLU(0.25)(X))
    assert y.tolist() == [[0.0, 0.0, 0.0, 0.5, 2.0, np.inf]]


def test_threshold_of_zero_is_relu():
    np.testing.assert_array_equal(ops.convert_to_numpy(FATReLU()(X)), np.maximum(X, 0))


def test_a_nan_is_not_hidden():
    assert np.isnan(ops.convert_to_numpy(FATReLU(1.0)(np.array([np.nan, 0.5], np.float32)))).tolist() == [True, False]


def test_gradient_passes_through_what_is_kept():
    layer = FATReLU(0.25)
    assert gradient(lambda x: ops.sum(layer(x) * 3.0), X).tolist() == [[0.0, 0.0, 0.0, 3.0, 3.0, 3.0]]


def test_threshold_changes_later():
    layer = FATReLU(0.25)
    layer.threshold = 0.5
    layer(X)
    assert ops.convert_to_numpy(layer(X)).tolist() == [[0.0, 0.0, 0.0, 0.0, 2.0, np.inf]]
    layer.threshold = 0.1
    assert ops.convert_to_numpy(layer(X)).tolist() == [[0.0, 0.0, 0.25, 0.5, 2.0, np.inf]]
    assert layer.get_config()["threshold"] == layer.threshold == 0.1
    layer.set_weights([np.float32(0.75)])
    assert layer.threshold == 0.75


def test_layer_in_general(tmp_path):
    run_layer_test(FATReLU, {"threshold": 0.3}, (2, 4, 4, 3), tmp_path, non_trainable=1)


@pytest.mark.parametrize("threshold", [-0.1, float("nan"), float("inf"), "high", None])
def test_refuses_a_bad_threshold(threshold):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `threshold`.*finite number, 0 or more"):
        FATReLU(threshold)
