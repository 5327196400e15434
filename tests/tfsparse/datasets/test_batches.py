# SPDX-License-Identifier: Apache-2.0
"""Batches: each sample once, the same again for the same seed and epoch, and what `fit` makes of them."""

from __future__ import annotations

import pickle
import time

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfsparse.datasets import Augmentation, EvaluationBatches, FollowEpoch, TrainingBatches, evaluation_inputs
from tfsparse.errors import InvalidArgumentError


def numbered(count):
    """Flat samples that hold their own index, and labels that tell it, too."""
    return np.arange(count, dtype=np.float32)[:, None], np.arange(count)


def pictures(count, side=8, channels=3):
    images = np.random.default_rng(0).integers(0, 256, (count, side, side, channels), np.uint8)
    return images, np.arange(count) % 10


def contents(batches):
    return [(x.tobytes(), y.tobytes()) for x, y in batches]


@given(st.integers(1, 40), st.integers(1, 15), st.integers(0, 5), st.integers(0, 3))
def test_every_sample_is_in_exactly_one_batch_with_its_label(count, batch_size, seed, epoch):
    batches = TrainingBatches(*numbered(count), (1,), batch_size, seed=seed)
    batches.start_at(epoch)
    found = list(batches)
    assert len(found) == len(batches)
    assert [len(y) for _, y in found[:-1]] == [batch_size] * (len(found) - 1)
    for x, y in found:
        np.testing.assert_array_equal(x[:, 0], y)
    assert sorted(np.concatenate([y for _, y in found])) == list(range(count))


@given(st.integers(0, 2**40), st.integers(0, 1000), st.integers(0, 4))
def test_a_batch_follows_from_seed_epoch_and_index_alone(seed, epoch, index):
    def batches():
        return TrainingBatches(*pictures(40), (6, 6, 3), 8, Augmentation(pad=1, flip=True), seed)

    straight, resumed = batches(), batches()
    straight.start_at(epoch)
    for other in reversed(range(5)):
        straight[other]
    resumed.start_at(epoch)
    assert contents([straight[index]]) == contents([resumed[index]])


def test_epochs_seeds_and_batches_differ():
    images, labels = np.tile(np.arange(64, dtype=np.uint8).reshape(1, 8, 8), (256, 1, 1)), np.zeros(256, int)
    first = TrainingBatches(images, labels, (4, 4, 1), 32, seed=1)
    other_seed = TrainingBatches(images, labels, (4, 4, 1), 32, seed=2)
    seen = contents(first) + contents(other_seed)
    first.on_epoch_end()
    seen += contents(first)
    assert len(set(seen)) == 24


def test_ending_an_epoch_leads_to_the_same_place_as_starting_at_it():
    walked, jumped = (TrainingBatches(*pictures(30), (8, 8, 3), 8, Augmentation(flip=True)) for _ in range(2))
    walked.on_epoch_end()
    walked.on_epoch_end()
    jumped.start_at(2)
    assert walked.epoch == 2
    assert contents(walked) == contents(jumped)


def test_a_copy_in_another_process_gives_the_same_batches():
    batches = TrainingBatches(*pictures(30), (8, 8, 3), 8, Augmentation(flip=True))
    batches.start_at(4)
    assert contents(pickle.loads(pickle.dumps(batches))) == contents(batches)


def test_remainder_is_dropped_on_request():
    batches = TrainingBatches(*numbered(10), (1,), 4, drop_remainder=True)
    assert [len(y) for _, y in batches] == [4, 4]


@pytest.mark.parametrize(
    ("stored", "wanted"),
    [
        ((8, 8, 3), (6, 6, 3)),
        ((8, 8), (8, 8, 1)),
        ((8, 8, 1), (64,)),
        ((8, 8), (64,)),
        ((8, 8, 3), (192,)),
        ((7,), (7,)),
    ],
)
def test_batches_have_the_shape_of_the_input(stored, wanted):
    x = np.full((5, *stored), 255, np.uint8)
    inputs, labels = TrainingBatches(x, np.zeros((5, 1), int), wanted, 5)[0]
    assert (inputs.shape, inputs.dtype) == ((5, *wanted), np.float32)
    assert (labels.shape, labels.dtype) == ((5,), np.int32)
    assert (inputs == 1.0).all()
    assert evaluation_inputs(x, wanted).shape == (5, *wanted)


@pytest.mark.parametrize(
    ("stored", "wanted"),
    [((8, 8, 3), (9, 8, 3)), ((8, 8), (8, 8, 3)), ((8, 8, 3), (8, 8, 1)), ((8, 8), (63,)), ((7,), (8,))],
)
def test_samples_of_another_shape_are_refused(stored, wanted):
    x, y = np.zeros((4, *stored), np.uint8), np.zeros(4, int)
    for make in (TrainingBatches, EvaluationBatches):
        with pytest.raises(InvalidArgumentError, match=r"do not fit the network's input"):
            make(x, y, wanted)
    with pytest.raises(InvalidArgumentError, match=r"do not fit the network's input"):
        evaluation_inputs(x, wanted)


def test_evaluation_takes_the_centre():
    image = np.zeros((1, 5, 6, 1), np.float32)
    image[0, 1:4, 2:4] = 1.0
    assert (evaluation_inputs(image, (3, 2, 1)) == 1.0).all()


def test_evaluation_batches_are_the_inputs_in_their_order():
    x, y = pictures(11)
    batches = list(EvaluationBatches(x, y, (6, 6, 3), batch_size=4))
    assert [len(labels) for _, labels in batches] == [4, 4, 3]
    np.testing.assert_array_equal(np.concatenate([part for part, _ in batches]), evaluation_inputs(x, (6, 6, 3)))
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in batches]), y)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y": np.zeros(3, int)}, "does not label x"),
        ({"y": np.array([0, 1, 2, -1])}, "labels from -1 to 2"),
        ({"y": np.zeros(4)}, "float64"),
        ({"batch_size": 0}, "Invalid `batch_size`"),
        ({"seed": -1}, "Invalid `seed`"),
        ({"augmentation": Augmentation(crop=4)}, "crops to another size"),
        ({"x": np.zeros((4, 3)), "input_shape": (3,), "augmentation": Augmentation(flip=True)}, "Only images"),
        ({"x": np.zeros((0, 8, 8, 3)), "y": np.zeros(0, int)}, "too few samples"),
        ({"batch_size": 5, "drop_remainder": True}, "at least 5"),
    ],
)
def test_bad_batches_are_refused(changes, message):
    arguments = {"x": np.zeros((4, 8, 8, 3)), "y": np.zeros(4, int), "input_shape": (8, 8, 3), **changes}
    with pytest.raises(InvalidArgumentError, match=message):
        TrainingBatches(**arguments)


class Recorded(TrainingBatches):
    """Notes which batches are asked for, by epoch."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = {}

    def __getitem__(self, index):
        x, y = super().__getitem__(index)
        self.asked.setdefault(self.epoch, {})[index] = x[:, 0].tolist()
        return x, y


def fitted(batches, initial_epoch, epochs):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(20)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    callbacks = [FollowEpoch(batches)]
    model.fit(batches, shuffle=False, callbacks=callbacks, initial_epoch=initial_epoch, epochs=epochs, verbose=0)
    return model


@pytest.mark.parametrize("workers", [1, 3])
def test_fit_sees_the_epochs_that_it_names(workers):
    """In one go, and resumed: `fit` reads ahead and ends an epoch before the first one, which must not matter."""
    x, y = numbered(20)
    straight, resumed = (Recorded(x, y, (1,), 4, seed=3, workers=workers) for _ in range(2))
    fitted(straight, 0, 4)
    fitted(resumed, 2, 4)
    expected = TrainingBatches(x, y, (1,), 4, seed=3)
    for recorded, epochs in ((straight, range(4)), (resumed, range(2, 4))):
        for epoch in epochs:
            expected.start_at(epoch)
            assert recorded.asked[epoch] == {index: expected[index][0][:, 0].tolist() for index in range(5)}


def test_evaluate_takes_the_batches():
    x, y = numbered(20)
    model = fitted(TrainingBatches(x, y, (1,), 4), 0, 1)
    batched = model.evaluate(EvaluationBatches(x, y, (1,), batch_size=8), verbose=0)
    assert batched == pytest.approx(model.evaluate(x, y, verbose=0), rel=1e-5)


def test_batches_keep_up_with_training():
    """In processor time; measured at ten times as many. The small networks train on hundreds of images a second."""
    batches = TrainingBatches(*pictures(4096, side=32), (24, 24, 3), 128, Augmentation(flip=True))
    started = time.process_time()
    count = sum(len(y) for _, y in batches)
    assert count / (time.process_time() - started) > 20_000


@given(st.integers(2, 40), st.integers(1, 4), st.integers(1, 5))
def test_batches_that_devices_share_are_multiples_and_weigh_each_sample_alike(samples, devices, share):
    x, y = np.arange(samples, dtype=np.float32)[:, None], np.arange(samples)
    options = {"input_shape": (1,), "batch_size": devices * share, "multiple_of": devices}
    batches = EvaluationBatches(x, y, **options)
    parts = [batches[index] for index in range(len(batches))]
    assert all(len(part[0]) % devices == 0 and len(part[0]) for part in parts)
    weights = np.concatenate([part[2] if len(part) == 3 else np.ones(len(part[1])) for part in parts])
    counted = np.concatenate([part[1] for part in parts])[weights > 0]
    assert counted.tolist() == y.tolist()
    assert len(set(weights[weights > 0])) == 1
    assert weights.sum() == pytest.approx(len(weights))  # so a mean over all, the filling included, is the true mean
    if samples >= devices:
        training = TrainingBatches(x, y, **options)
        seen = [training[index][1] for index in range(len(training))]
        assert all(len(labels) % devices == 0 and len(labels) for labels in seen)
        assert len(set(np.concatenate(seen))) == samples - samples % devices


def test_devices_cannot_share_a_batch_that_is_no_multiple():
    with pytest.raises(InvalidArgumentError, match="a multiple of 3"):
        EvaluationBatches(np.zeros((9, 1), np.float32), np.zeros(9, int), (1,), 8, multiple_of=3)
