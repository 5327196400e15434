# SPDX-License-Identifier: Apache-2.0
"""The networks have the layers that the papers say."""

from __future__ import annotations

import numpy as np
import pytest

from tfsparse.errors import InvalidArgumentError
from tfsparse.models import convnet5, digits_net, lenet4, lenet5, mlp3, resnet18_cifar


def kernels(model):
    return [tuple(layer.kernel.shape) for layer in model.layers if hasattr(layer, "kernel")]


def test_small_networks_are_those_of_the_papers():
    assert kernels(mlp3()) == [(784, 300), (300, 100), (100, 10)]
    assert kernels(lenet4()) == [(5, 5, 1, 32), (5, 5, 32, 64), (3136, 1024), (1024, 10)]
    assert kernels(lenet5()) == [(5, 5, 1, 6), (5, 5, 6, 16), (256, 120), (120, 84), (84, 10)]
    assert kernels(convnet5()) == [(5, 5, 3, 64), (5, 5, 64, 64), (2304, 384), (384, 192), (192, 10)]


@pytest.mark.parametrize("build", [mlp3, lenet4, lenet5, convnet5])
def test_outputs_are_logits(build):
    logits = np.asarray(
        build(num_classes=7)(np.random.default_rng(0).random((2, *build().input_shape[1:]), np.float32))
    )
    assert logits.shape == (2, 7)
    assert logits.min() < 0


@pytest.mark.parametrize("build", [mlp3, lenet4, convnet5])
def test_activation_and_dropout_are_choices(build):
    model = build(activation="tanh", dropout=0.5, width=0.1)
    hidden = [layer.activation.__name__ for layer in model.layers if hasattr(layer, "kernel")]
    assert hidden == ["tanh"] * (len(hidden) - 1) + ["linear"]
    drops = [layer.rate for layer in model.layers if layer.name.startswith("dropout")]
    assert drops == [0.5] * (1 if build is lenet4 else 2)
    assert not any(layer.name.startswith("dropout") for layer in build(width=0.1).layers)


def test_resnet18_for_cifar_keeps_the_resolution_of_its_first_stage():
    model = resnet18_cifar(width=0.25)
    assert model.get_layer("stage1_block2_relu").output.shape == (None, 32, 32, 16)
    assert model.get_layer("stage4_block2_relu").output.shape == (None, 4, 4, 128)
    shortcuts = [layer.name for layer in model.layers if layer.name.endswith("shortcut")]
    assert shortcuts == [f"stage{stage}_block1_shortcut" for stage in (2, 3, 4)]


@pytest.mark.parametrize("shape", [(8, 8, 1), (32, 28, 3)])
def test_digits_net_takes_images_of_any_shape(shape):
    assert digits_net(shape, num_classes=3)(np.zeros((2, *shape), np.float32)).shape == (2, 3)


@pytest.mark.parametrize("shape", [(15, 28, 1), (28, 28), (28, 28, 0), (28.0, 28, 1), (None, None, 3)])
def test_shapes_that_do_not_fit_are_refused(shape):
    with pytest.raises(InvalidArgumentError, match="16 or more"):
        lenet5(shape)


@pytest.mark.parametrize("width", [0, -1.0, float("nan"), float("inf")])
def test_widths_that_are_no_factor_are_refused(width):
    with pytest.raises(InvalidArgumentError, match="width"):
        lenet4(width=width)
