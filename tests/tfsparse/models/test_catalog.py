# SPDX-License-Identifier: Apache-2.0
"""The catalog finds networks by name, and what it says of each is true."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

import tfsparse as ts
from tfsparse.errors import InvalidArgumentError
from tfsparse.models import MODELS, find_model


def static_macs(model):
    """A kernel meets every position of the feature map that it makes; padding counts."""
    weighted = [layer for layer in model.layers if hasattr(layer, "kernel")]
    return sum(math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1]) for layer in weighted)


def test_static_macs_are_those_of_the_profile():
    model = find_model("resnet18_cifar").build((16, 16, 3), width=0.1)
    assert static_macs(model) == ts.profile(model, np.ones((1, 16, 16, 3), np.float32)).macs


@pytest.mark.parametrize("name", MODELS)
def test_parameters_and_macs_are_those_of_the_network(name):
    entry = MODELS[name]
    model = entry.build()
    assert model.name == name
    assert model.input_shape == (None, *entry.input_shape)
    assert model.output_shape == (None, entry.num_classes)
    assert (model.count_params(), static_macs(model)) == (entry.parameters, entry.macs)


@pytest.mark.parametrize("written", ["lenet4", "LeNet-4", "LENET_4"])
def test_names_are_found_however_they_are_written(written):
    assert find_model(written) is MODELS["lenet4"]
    assert ts.models.lenet4 is find_model(written).build


def test_unknown_names_get_the_closest_ones():
    with pytest.raises(InvalidArgumentError, match=r"lenet4.*Received: lenet6. Did you mean 'lenet\d' or 'lenet\d'"):
        find_model("lenet6")
    with pytest.raises(InvalidArgumentError) as caught:
        find_model("transformer")
    assert caught.value.remedy is None
    with pytest.raises(InvalidArgumentError):
        find_model(None)
    with pytest.raises(AttributeError, match="lenet6"):
        _ = ts.models.lenet6


def test_names_and_costs_need_no_keras():
    program = (
        "import sys; from tfsparse.models import MODELS; print(*MODELS.values()); sys.exit('keras' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert all(name in shown for name in MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_the_names_of_layers_can_be_read(name):
    build = MODELS[name].build
    names = [layer.name for layer in build(**({} if name == "digits_net" else {"width": 0.03})).layers]
    given = [name for name in names if not any(name == kind or name.startswith(f"{kind}_") for kind in _CLASSES)]
    assert given == names


_CLASSES = ("conv2d", "depthwise_conv2d", "dense", "batch_normalization", "re_lu", "max_pooling2d", "add",
            "concatenate", "activation", "functional", "sequential", "input_layer", "average_pooling2d")  # fmt: skip
