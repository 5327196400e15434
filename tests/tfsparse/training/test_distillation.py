# SPDX-License-Identifier: Apache-2.0
"""A student answers as its teacher does, and neither is changed beside its training."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tfsparse.training.distillation import Student
from tfsparse.training.losses import classification_loss
from tfsparse.training.settings import Distillation


def network(seed: int, classes: int = 3) -> keras.Model:
    initializer = keras.initializers.RandomNormal(stddev=1.0, seed=seed)
    answer = layers.Dense(classes, kernel_initializer=initializer)
    return keras.Sequential([keras.Input((4,)), layers.BatchNormalization(momentum=0.5), answer])


@pytest.fixture
def samples():
    generator = np.random.default_rng(0)
    return generator.normal(size=(16, 4)).astype(np.float32), generator.integers(0, 3, 16)


def log_softmax(logits):
    logits = np.asarray(logits, np.float64)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


@pytest.mark.parametrize(("weight", "temperature"), [(0.0, 1.0), (1.0, 1.0), (0.5, 4.0)])
def test_the_loss_is_that_of_labels_and_teacher(samples, weight, temperature):
    x, y = samples
    model, teacher = network(0), network(1)
    answers, taught = (each.predict(x, verbose=0) for each in (model, teacher))
    student = Student(model, teacher, Distillation(weight=weight, temperature=temperature))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    given = student.compute_loss  # the losses are compared before anything is trained
    student.compile("sgd", loss)
    own = -log_softmax(answers)[np.arange(len(y)), y].mean()
    soft, target = (log_softmax(each / temperature) for each in (answers, taught))
    divergence = (np.exp(target) * (target - soft)).sum(-1).mean()
    ours = float(keras.ops.convert_to_numpy(given(x, y, keras.ops.convert_to_tensor(answers))))
    assert ours == pytest.approx(own + weight * temperature**2 * divergence, rel=1e-5)
    assert student.evaluate(x, y, verbose=0) == pytest.approx(own, rel=1e-5)


def test_a_softmax_at_the_end_changes_nothing(samples):
    x, _ = samples
    logits = [network(0), network(1)]
    ends = [keras.Sequential([keras.Input((4,)), each, layers.Softmax()]) for each in logits]
    divergences = []
    for model, teacher in (logits, ends):
        student = Student(model, teacher, Distillation(temperature=2.0))
        student.compile("sgd", classification_loss(model))
        y = keras.ops.zeros(len(x))
        given = [student.compute_loss(x, y, model(x, training=False), training=training) for training in (True, False)]
        divergences.append(float(keras.ops.convert_to_numpy(given[0] - given[1])))
    assert divergences[0] > 0.1
    assert divergences[1] == pytest.approx(divergences[0], rel=1e-4)


def test_it_learns_from_the_teacher_alone_where_labels_say_nothing(samples):
    x, _ = samples
    model, teacher = network(0), network(1)
    before = teacher.get_weights()
    student = Student(model, teacher, Distillation(weight=1.0, temperature=1.0))
    student.compile(keras.optimizers.Adam(0.3), loss=lambda y, logits: 0.0 * keras.ops.sum(logits, axis=-1))
    student.fit(x, np.zeros(len(x)), epochs=60, batch_size=16, verbose=0)
    answers, taught = (np.exp(log_softmax(each.predict(x, verbose=0))) for each in (model, teacher))
    assert np.abs(answers - taught).max() < 0.1
    for weights in zip(before, teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(*weights)


def test_the_teacher_is_no_part_of_it():
    model = network(0)
    student = Student(model, network(1), Distillation())
    assert [id(weight) for weight in student.weights] == [id(weight) for weight in model.weights]
