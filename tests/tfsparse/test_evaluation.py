# SPDX-License-Identifier: Apache-2.0
"""Accuracy is that of a classifier whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from typer.testing import CliRunner

from tfsparse.bench.models.layers import LayerShape, dense_layer
from tfsparse.cli.main import app
from tfsparse.errors import InvalidArgumentError
from tfsparse.evaluation import evaluate

CLASSES = 8


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """Answers with the brightest of eight pixels."""
    import keras

    import tfsparse

    model = keras.Sequential([keras.Input((2, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(CLASSES)])
    model.layers[-1].set_weights([np.eye(CLASSES, dtype=np.float32), np.zeros(CLASSES, np.float32)])
    path = tmp_path_factory.mktemp("classifier") / "model.tflite"
    tfsparse.convert(model, path)
    return path


def images(samples=250):
    return np.random.default_rng(0).permuted(np.arange(CLASSES * samples).reshape(samples, 2, 4) % CLASSES, axis=2)


def test_right_answers_count(classifier):
    x = images() / 10
    best = x.reshape(len(x), -1).argmax(axis=1)
    labels = np.where(np.arange(len(x)) < 50, (best + 1) % CLASSES, best)
    accuracy = evaluate(classifier, x, labels)
    assert accuracy.top1 == pytest.approx(0.8)
    assert accuracy.samples == 250


def test_top5_counts_the_five_best(classifier):
    x = images() / 10
    order = np.argsort(-x.reshape(len(x), -1), axis=1)
    assert evaluate(classifier, x, order[:, 4]).top5 == 1.0
    assert evaluate(classifier, x, order[:, 5]).top5 == 0.0
    assert evaluate(classifier, x, order[:, 4]).top1 == 0.0


def test_equal_scores_go_to_the_lower_class(classifier):
    x = np.zeros((1, 2, 4), np.float32)
    assert evaluate(classifier, x, np.array([0])).top1 == 1.0
    assert evaluate(classifier, x, np.array([1])).top1 == 0.0


def test_steps_are_reported(classifier):
    steps = []
    evaluate(classifier, images(250) / 10, np.zeros(250, int), advance=lambda: steps.append(1))
    assert len(steps) == 3


@pytest.mark.parametrize(
    ("samples", "labels", "message"),
    [
        (2, [1], "do not belong together"),
        (0, [], "do not belong together"),
        (1, [CLASSES], "labels from 0 to 7"),
    ],
)
def test_what_does_not_fit_is_refused(classifier, samples, labels, message):
    with pytest.raises(InvalidArgumentError, match=message):
        evaluate(classifier, np.zeros((samples, 2, 4), np.float32), np.array(labels, int))


def test_other_models_are_refused():
    shape = LayerShape("test", "conv", "conv2d", height=2, width=2, channels=1, outputs=1, kernel=1, stride=1)
    with pytest.raises(InvalidArgumentError, match="no classifier"):
        evaluate(dense_layer(shape), np.zeros((1, 2, 2, 1), np.float32), np.zeros(1, int))


def test_command_prints_the_accuracy(classifier, tmp_path):
    x = (images() * 30).astype(np.uint8)
    data = tmp_path / "data.npz"
    np.savez(data, x_test=x, y_test=x.reshape(len(x), -1).argmax(axis=1))
    result = CliRunner().invoke(app, ["evaluate", str(classifier), "--data", str(data)])
    assert result.output.strip() == "Accuracy 100.00%, top-5 100.00% on 250 samples"
