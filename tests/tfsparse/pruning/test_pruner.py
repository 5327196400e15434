# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers, ops

from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.pruning import Pruner
from tfsparse.schedules import ConstantSparsity, PolynomialDecay

NOW = ConstantSparsity(0.75, begin_step=0)


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    stack = [
        layers.Dense(16, name="fc1"),
        layers.Dense(8, name="fc2"),
        layers.ReLU(name="relu"),
        layers.Dense(4, name="logits"),
    ]
    return keras.Sequential([keras.Input((8,)), *stack])


def zeros(model):
    return {layer.name: np.mean(ops.convert_to_numpy(layer.kernel) == 0) for layer in model.layers if layer.weights}


def disturb(model):
    """Moves every weight, as an optimizer does."""
    for layer in model.layers:
        if layer.weights:
            layer.kernel.assign_add(ops.full(layer.kernel.shape, 0.01))


def test_prunes_at_once_what_is_due(model):
    Pruner(model, NOW)
    assert zeros(model) == {"fc1": 0.75, "fc2": 0.75, "logits": 0.75}


def test_keeps_the_largest_weights(model):
    before = ops.convert_to_numpy(model.layers[0].kernel)
    Pruner(model, NOW)
    after = ops.convert_to_numpy(model.layers[0].kernel)
    np.testing.assert_array_equal(after[after != 0], before[after != 0])
    assert np.abs(before[after == 0]).max() <= np.abs(after[after != 0]).min()


def test_steps_follow_the_schedule_and_hold_the_zeros(model):
    pruner = Pruner(model, PolynomialDecay(0.0, 0.5, begin_step=2, end_step=4, power=1))
    seen = []
    for _ in range(6):
        disturb(model)
        pruner.step()
        seen.append(zeros(model)["fc2"])
    assert seen == [0.0, 0.0, 0.25, 0.5, 0.5, 0.5]
    assert pruner.sparsity() == {"fc1": 0.5, "fc2": 0.5, "logits": 0.5}


def test_skipped_steps_miss_no_update(model):
    pruner = Pruner(model, ConstantSparsity(0.5, begin_step=3, end_step=3))
    pruner.step(10)
    assert zeros(model)["fc1"] == 0.5


def test_a_step_that_is_over_holds_the_zeros(model):
    pruner = Pruner(model, NOW, initial_step=10)
    disturb(model)
    pruner.step(5)
    assert zeros(model)["fc1"] == 0.75


def test_custom_loop_with_an_optimizer(model):
    optimizer = keras.optimizers.Adam(0.01)
    optimizer.build(model.trainable_variables)
    pruner = Pruner(model, NOW)
    for _ in range(3):
        optimizer.apply([ops.ones(variable.shape) for variable in model.trainable_variables])
        assert zeros(model)["fc1"] == 0.0
        pruner.step(optimizer.iterations)
        assert zeros(model)["fc1"] == 0.75


def test_a_nan_among_the_pruned_is_gone(model):
    pruner = Pruner(model, NOW)
    kernel = np.where(pruner.masks()["fc1"], 1.0, np.nan)
    model.layers[0].kernel.assign(kernel)
    pruner.step()
    np.testing.assert_array_equal(ops.convert_to_numpy(model.layers[0].kernel), np.nan_to_num(kernel))


def test_sparsity_never_drops(model):
    pruner = Pruner(model, PolynomialDecay(0.75, 0.25, begin_step=0, end_step=2))
    for _ in range(3):
        pruner.step()
        assert zeros(model)["fc1"] == 0.75


def test_zeros_in_the_weights_stay(model):
    Pruner(model, NOW)
    before = zeros(model)
    pruner = Pruner(model, ConstantSparsity(0.5, begin_step=100))
    disturb(model)
    pruner.step()
    assert zeros(model) == before


def test_a_kernel_that_starts_at_zero_can_still_learn():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4, kernel_initializer="zeros")])
    pruner = Pruner(model, ConstantSparsity(0.5, begin_step=1))
    disturb(model)
    pruner.step()
    assert list(zeros(model).values()) == [0.5]


def test_global_scope_ranks_all_layers_as_one(model):
    model.layers[0].kernel.assign(ops.full((8, 16), 0.1))
    model.layers[1].kernel.assign(ops.full((16, 8), 1.0))
    Pruner(model, ConstantSparsity(0.5, 0), exclude=["logits"], scope="global")
    found = zeros(model)
    assert (found["fc1"], found["fc2"]) == (1.0, 0.0)


def test_schedules_by_layer(model):
    Pruner(model, {"fc1": ConstantSparsity(0.25, 0), "fc*": ConstantSparsity(0.5, 0)})
    assert zeros(model) == {"fc1": 0.25, "fc2": 0.5, "logits": 0.0}


def test_exclusions(model):
    Pruner(model, NOW, exclude=["logits", "fc1"])
    assert zeros(model) == {"fc1": 0.0, "fc2": 0.75, "logits": 0.0}


def test_blocks(model):
    pruner = Pruner(model, NOW, block_size=(4, 2), block_pooling="max")
    blocks = pruner.masks()["fc1"].reshape(2, 4, 8, 2).transpose(0, 2, 1, 3).reshape(16, 8)
    assert sorted(blocks.sum(1)) == [0] * 12 + [8] * 4


@pytest.mark.parametrize("policy", ["mixed_float16", "bfloat16", "float16"])
def test_every_dtype(policy):
    model = keras.Sequential([keras.Input((8,)), layers.Dense(16, name="fc", dtype=policy)])
    pruner = Pruner(model, NOW)
    disturb(model)
    pruner.step()
    kernel = ops.convert_to_numpy(ops.cast(model.layers[0].kernel, "float32"))
    assert np.mean(kernel == 0) == 0.75


def test_nested_and_subclassed_models():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = keras.Sequential([keras.Input((8,)), layers.Dense(8, name="fc")], name="inner")
            self.heads = [layers.Dense(4, name="a"), layers.Dense(4, name="b")]

        def call(self, x):
            x = self.inner(x)
            return self.heads[0](x) + self.heads[1](x)

    model = Net()
    model(np.ones((1, 8), "float32"))
    assert Pruner(model, NOW).sparsity() == {"inner/fc": 0.75, "a": 0.75, "b": 0.75}


def test_masks_are_copies(model):
    pruner = Pruner(model, NOW)
    pruner.masks()["fc1"][:] = True
    assert pruner.sparsity()["fc1"] == 0.75


def test_refuses_an_unknown_scope(model):
    with pytest.raises(InvalidArgumentError, match=r"Unknown `scope`.*'layer' or 'global'.*model"):
        Pruner(model, NOW, scope="model")


def test_refuses_an_unknown_pooling(model):
    with pytest.raises(InvalidArgumentError, match=r"Unknown `block_pooling`.*'avg' or 'max'.*sum"):
        Pruner(model, NOW, block_pooling="sum")


@pytest.mark.parametrize("block_size", [(0, 1), (2,), (1, 2, 3), 4, (1.5, 2), "ab"])
def test_refuses_a_bad_block_size(model, block_size):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `block_size`.*two integers"):
        Pruner(model, NOW, block_size=block_size)


def test_refuses_what_is_no_schedule(model):
    with pytest.raises(InvalidArgumentError, match=r"schedule for 'fc1' is no schedule.*0\.5"):
        Pruner(model, {"fc1": 0.5})


@pytest.mark.parametrize("sparsity", [1.0, -0.5, float("nan")])
def test_refuses_a_sparsity_out_of_range(model, sparsity):
    with pytest.raises(InvalidArgumentError, match=r"bad sparsity for step 0.*\[0, 1\)"):
        Pruner(model, lambda step: (True, sparsity))


def test_refuses_a_layer_that_cannot_be_pruned(model):
    with pytest.raises(UnsupportedModelError, match=r"Cannot prune layer 'relu' \(ReLU\)"):
        Pruner(model, {"relu": NOW})


def test_refuses_to_do_nothing(model):
    with pytest.raises(InvalidArgumentError, match="No layer is left to prune"):
        Pruner(model, NOW, exclude=["*"])
