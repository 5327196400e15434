# SPDX-License-Identifier: Apache-2.0
"""Every network can be made sparse, profiled, stored and converted; small ones of the same blocks stand for all."""

from __future__ import annotations

import importlib

import keras
import numpy as np
import pytest

import tfsparse as ts
from tfsparse.models import MODELS

FEWER_BLOCKS = {
    "densenet": ("_REPEATS", (1, 2)),
    "googlenet": ("_STAGES", {3: {"a": (64, 96, 128, 16, 32, 32)}}),
    "mobilenet": ("_BLOCKS", ((64, 1), (128, 2))),
    "resnet": ("_REPEATS", dict.fromkeys(MODELS, (1, 1))),
}
OPTIONS = {"resnet164": {"depth": 11}}
SHAPES = {"alexnet": (57, 57, 3), "mlp3": (6, 6, 1)}
SAME_BLOCKS_AS_ANOTHER = {"digits_net", "lenet4", "lenet5", "resnet56", "resnet18", "resnet34"}


@pytest.fixture(params=sorted(set(MODELS) - SAME_BLOCKS_AS_ANOTHER))
def small(request, monkeypatch):
    """A small network, and samples for it."""
    entry = MODELS[request.param]
    if entry.module in FEWER_BLOCKS:
        module = importlib.import_module(f"tfsparse.models.architectures.{entry.module}")
        monkeypatch.setattr(module, *FEWER_BLOCKS[entry.module])
    keras.utils.set_random_seed(0)
    shape = SHAPES.get(entry.name, (12, 12, 3))
    model = entry.build(shape, 5, width=0.1, **OPTIONS.get(entry.name, {}))
    return model, np.random.default_rng(0).random((4, *shape), np.float32)


def test_networks_can_be_made_sparse_and_converted(small, tmp_path):
    model, x = small
    sparse = ts.sparsify(model, 0.5)
    readers = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)]
    profile = ts.profile(sparse, x)
    halved = {layer.name for layer in profile.layers if layer.winners is not None}
    unmasked = [name for name in readers if name not in halved]
    assert all(name.startswith(("conv1", "stem", "fc1")) for name in unmasked), "the first layers alone read the image"
    assert profile.macs_after_wta < profile.macs
    sparse.save(tmp_path / "sparse.keras")
    again = keras.models.load_model(tmp_path / "sparse.keras")
    np.testing.assert_allclose(np.asarray(again(x)), np.asarray(sparse(x)), rtol=1e-4, atol=1e-4)
    if keras.backend.backend() == "tensorflow":  # what exports
        report = ts.convert(sparse, tmp_path / "sparse.tflite")
        assert "Winner" in str(report)
        assert ts.verify(sparse, tmp_path / "sparse.tflite", x).passed
