# SPDX-License-Identifier: Apache-2.0
"""The catalog finds networks by name, and what it says of each is true."""

from __future__ import annotations

import math
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

import tfsparse as ts
from tfsparse.errors import InvalidArgumentError
from tfsparse.models import MODELS, find_model

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "models.md"
NAMES_OF_KERAS = ("conv2d", "depthwise_conv2d", "dense", "batch_normalization", "re_lu", "max_pooling2d", "add",
                  "concatenate", "activation", "rescaling", "input_layer", "average_pooling2d")  # fmt: skip
"""What Keras calls a layer that nobody gave a name."""


@pytest.fixture
def shapes_only():
    """Networks that are built have no weights, only their shapes: takes no time and no memory."""
    with keras.StatelessScope(initialize_variables=False):
        yield
    keras.utils.clear_session()  # forgets that there is something left to initialize


def static_macs(model):
    """A kernel meets every position of the feature map that it makes; padding counts."""
    weighted = [layer for layer in model.layers if hasattr(layer, "kernel")]
    return sum(math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1]) for layer in weighted)


def test_static_macs_are_those_of_the_profile():
    model = find_model("resnet18_cifar").build((16, 16, 3), width=0.1)
    assert static_macs(model) == ts.profile(model, np.ones((1, 16, 16, 3), np.float32)).macs


@pytest.mark.usefixtures("shapes_only")
@pytest.mark.parametrize("name", MODELS)
def test_shapes_and_costs_are_those_of_the_network(name):
    entry = MODELS[name]
    model = entry.build()
    assert (model.name, model.inputs[0].name) == (name, "image")
    assert model.input_shape == (None, *entry.input_shape)
    assert model.output_shape == (None, entry.num_classes)
    assert (model.count_params(), static_macs(model)) == (entry.parameters, entry.macs)
    assert not [layer.name for layer in model.layers if layer.name.startswith(NAMES_OF_KERAS)]


@pytest.mark.usefixtures("shapes_only")
@pytest.mark.parametrize(
    ("name", "shape", "classes", "millions"),
    [
        ("alexnet", (227, 227, 3), 1000, 748.1),
        ("alexnet", (224, 224, 3), 43, 724.3),
        ("mobilenet_v1", (32, 32, 3), 10, 11.9),
    ],
)
def test_macs_are_those_of_dasnets_table(name, shape, classes, millions):
    macs = static_macs(find_model(name).build(shape, classes))
    assert macs / 1e6 == pytest.approx(millions, rel=0.03 if name == "mobilenet_v1" else 0.002)


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


def test_the_page_on_networks_has_the_catalog():
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{entry.name}` | {'x'.join(map(str, entry.input_shape))} | {entry.num_classes} "
        f"| {entry.parameters / 1e6:,.2f} M | {entry.macs / 1e6:,.1f} M | {entry.summary} |"
        for entry in MODELS.values()
    ]
