# SPDX-License-Identifier: Apache-2.0
"""Training in half precision: what is pruned stays so, and an overflow of the scaled loss is no divergence."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tfsparse.callbacks import ActivationRegularization, MagnitudePruning, WinnerRateScheduler
from tfsparse.datasets.batches import EvaluationBatches, TrainingBatches
from tfsparse.layers import FATReLU, SampledWTADropout, WTADropout
from tfsparse.regularizers import HoyerSquare, NearZeroL1, TransformedL1
from tfsparse.schedules import ConstantSparsity
from tfsparse.training.fit import Leg, fit_resumably
from tfsparse.training.precision import computing_in
from tfsparse.training.settings import Optimizer, Training

HALVES = ["mixed_float16", "mixed_bfloat16"]


class Scale(keras.callbacks.Callback):
    """Notes the scale of the loss after each batch, and how often a pruned weight is not zero."""

    def __init__(self, pruning):
        super().__init__()
        self.pruning = pruning
        self.scales, self.revived = [], 0

    def on_train_batch_end(self, batch, logs=None):
        self.scales.append(float(keras.ops.convert_to_numpy(getattr(self.model.optimizer, "dynamic_scale", 1.0))))
        kernel = keras.ops.convert_to_numpy(self.model.get_layer("hidden").kernel)
        self.revived += np.count_nonzero(kernel[~self.pruning.pruner.masks()["hidden"]])


@pytest.mark.parametrize("policy", HALVES)
def test_a_leg_in_half_precision(policy, tmp_path):
    keras.utils.set_random_seed(0)
    with computing_in(policy):
        model = keras.Sequential(
            [
                keras.Input((6,)),
                keras.layers.Dense(8, name="hidden"),
                FATReLU(0.01, name="relu"),
                WTADropout(0.75, name="winners"),
                SampledWTADropout(0.9, name="sampled"),
                keras.layers.Dense(3, dtype="float32", name="logits"),
            ]
        )
    y = np.arange(24) % 3
    x = 40 * (np.random.default_rng(0).normal(size=(24, 6)) + y[:, None]).astype("float32")  # large gradients
    leg = Leg(tmp_path / "leg", TrainingBatches(x, y, (6,), 4), EvaluationBatches(x, y, (6,)))
    pruning = MagnitudePruning(ConstantSparsity(0.5, begin_step=0))
    scale = Scale(pruning)
    callbacks = [
        pruning,
        WinnerRateScheduler(lambda epoch: 0.75 - 0.25 * epoch, update_freq="epoch"),
        ActivationRegularization(TransformedL1(1e-3), ["relu"]),
        scale,
    ]
    optimizer = Optimizer(learning_rate=1e-3, weight_decay=1e-4, ema=0.9)
    rows = fit_resumably(model, Training(epochs=2, batch_size=4, optimizer=optimizer), leg, callbacks)
    assert all(np.isfinite([row["loss"], row["val_loss"], row["activation_penalty"]]).all() for row in rows)
    assert scale.revived == 0
    assert np.count_nonzero(keras.ops.convert_to_numpy(model.get_layer("hidden").kernel)) == 24
    if policy == "mixed_float16":
        assert scale.scales[-1] < 2.0**15, "no step has overflowed: this test shows nothing"
    else:
        assert set(scale.scales) == {1.0}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("regularizer", [HoyerSquare(1e-3), NearZeroL1(1e-3), TransformedL1(1e-3)])
def test_regularizers_are_finite_in_half_precision(regularizer, dtype):
    x = np.random.default_rng(0).normal(size=(4, 64)).astype("float32")
    half = keras.ops.cast(keras.ops.convert_to_tensor(x), dtype)
    value = float(keras.ops.convert_to_numpy(keras.ops.cast(regularizer(half), "float32")))
    exact = float(keras.ops.convert_to_numpy(regularizer(keras.ops.convert_to_tensor(x))))
    assert value == pytest.approx(exact, rel=0.05)
