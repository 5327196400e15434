# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

import keras
import numpy as np
import pytest
from keras import ops

from tfsparse.layers import WTADropout
from tfsparse.layers.export_hook import WinnerSpec, lowering_winners, winner_lowering


def test_layer_hands_its_input_and_spec_to_the_hook():
    layer = WTADropout(0.45, score="mean", name="wta")
    layer.build((None, 4, 4, 10))
    seen = []
    with lowering_winners(lambda x, spec: seen.append(spec) or x * 2):
        y = layer(np.ones((1, 4, 4, 10), "float32"))
    assert seen == [WinnerSpec("wta", 5, 0.45, "mean", "channel")]
    assert (ops.convert_to_numpy(y) == 2).all()


def test_hook_sees_numbers_while_a_model_is_traced():
    if keras.backend.backend() != "tensorflow":
        pytest.skip("models are exported with TensorFlow")
    import tensorflow as tf

    layer = WTADropout(0.5, name="wta")
    layer.build((None, 10))
    layer.set_weights([np.int32(2)])
    seen = []
    with lowering_winners(lambda x, spec: seen.append(spec) or x):
        tf.function(layer).get_concrete_function(tf.TensorSpec((1, 10)))
    assert seen == [WinnerSpec("wta", 2, 0.2, "max", "neuron")]


def test_hook_ends_with_its_block_even_after_an_error():
    with pytest.raises(RuntimeError), lowering_winners(lambda x, spec: x):
        raise RuntimeError
    assert winner_lowering() is None


def test_hooks_nest():
    with lowering_winners(len):
        with lowering_winners(max):
            assert winner_lowering() is max
        assert winner_lowering() is len


def test_hook_of_one_thread_is_unknown_to_another():
    seen = []
    with lowering_winners(len):
        thread = threading.Thread(target=lambda: seen.append(winner_lowering()))
        thread.start()
        thread.join()
    assert seen == [None]
