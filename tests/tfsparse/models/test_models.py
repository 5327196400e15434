# SPDX-License-Identifier: Apache-2.0
"""The example networks have the sizes that are said of them."""

from __future__ import annotations

import numpy as np
import pytest

from tfsparse.models import digits_net, lenet4


def test_lenet4_is_that_of_the_paper():
    model = lenet4()
    kernels = [layer.kernel.shape for layer in model.layers if hasattr(layer, "kernel")]
    assert kernels == [(5, 5, 1, 32), (5, 5, 32, 64), (3136, 1024), (1024, 10)]


def test_lenet4_gives_logits():
    assert lenet4(num_classes=7)(np.zeros((2, 28, 28, 1), np.float32)).shape == (2, 7)


@pytest.mark.parametrize("shape", [(8, 8, 1), (32, 28, 3)])
def test_digits_net_takes_images_of_any_shape(shape):
    assert digits_net(shape, num_classes=3)(np.zeros((2, *shape), np.float32)).shape == (2, 3)
