# SPDX-License-Identifier: Apache-2.0
"""Training that is stopped anywhere and resumed ends with the very weights of training that was not."""

from __future__ import annotations

import csv

import keras
import numpy as np
import pytest

from tfsparse.callbacks import MagnitudePruning
from tfsparse.errors import ModelFormatError, TrainingError, UnsupportedModelError
from tfsparse.schedules import PolynomialDecay
from tfsparse.training.fit import FINISHED, HISTORY, fit_resumably
from tfsparse.training.settings import Optimizer, Training


class Stop(keras.callbacks.Callback):
    """Interrupts training before a step of an epoch, at the end of one, or after the last."""

    def __init__(self, epoch, batch):
        super().__init__()
        self.when = (epoch, batch)
        self.epoch = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.when:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs=None):
        if (epoch, "end") == self.when:
            raise KeyboardInterrupt

    def on_train_end(self, logs=None):
        if (self.epoch, "over") == self.when:
            raise KeyboardInterrupt


class CountingEpochs(keras.callbacks.Callback):
    """Remembers the epochs that it saw, across interruptions."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(epoch)

    def state(self):
        return {"seen": self.seen}

    def restore(self, state):
        self.seen = state["seen"]


def own_callbacks():
    return [MagnitudePruning(PolynomialDecay(0.0, 0.5, begin_step=0, end_step=9)), CountingEpochs()]


@pytest.fixture(scope="module")
def whole(build, training, leg, tmp_path_factory):
    """Training in one go: the folder, the model, its history."""
    folder = tmp_path_factory.mktemp("whole")
    model = build()
    return folder, model, fit_resumably(model, training, leg(folder, tensorboard=folder / "logs"), own_callbacks())


def without_times(rows):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def assert_same_weights(model, wanted):
    for weight, other in zip(model.get_weights(), wanted.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, other)


def test_stopped_and_resumed_is_as_in_one_go(build, training, leg, tmp_path, whole):
    for stop in [(0, 1), (2, "end"), (3, 2), (3, "over")]:
        with pytest.raises(KeyboardInterrupt):
            fit_resumably(build(), training, leg(tmp_path), [*own_callbacks(), Stop(*stop)])
    model = build()
    pruning, counting = own_callbacks()
    rows = fit_resumably(model, training, leg(tmp_path), [pruning, counting])
    assert_same_weights(model, whole[1])
    assert without_times(rows) == without_times(whole[2])
    assert np.mean(model.get_layer("hidden").get_weights()[0] == 0) == 0.5
    assert counting.seen == [0, 1, 2, 3]


def test_a_finished_leg_is_loaded_not_trained(build, training, leg, whole):
    model = build()
    rows = fit_resumably(model, training, leg(whole[0]), [Stop(0, 0)])
    assert_same_weights(model, whole[1])
    assert rows == whole[2]


def test_what_is_left_in_the_folder(whole):
    folder, model, rows = whole
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == sorted([FINISHED, HISTORY])
    with (folder / HISTORY).open() as file:
        table = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in table] == [1, 2, 3, 4]
    assert float(table[-1]["val_accuracy"]) == rows[-1]["val_accuracy"]
    assert rows[0]["learning_rate"] > rows[-1]["learning_rate"]
    assert not model.compiled
    if keras.backend.backend() == "tensorflow":
        assert list((folder / "logs").rglob("events.out.tfevents.*"))


def test_a_loss_that_is_no_number_stops_the_training(build, leg, tmp_path):
    # A learning rate that overflows float32 at once.
    exploding = Training(epochs=4, batch_size=40, optimizer=Optimizer(name="sgd", learning_rate=1e30))
    with pytest.raises(TrainingError, match=r"epoch 1.*layer '(hidden|norm|logits)'.*No epoch") as caught:
        fit_resumably(build(), exploding, leg(tmp_path))
    assert "learning rate" in str(caught.value)
    assert not (tmp_path / FINISHED).exists()


class Break(keras.callbacks.Callback):
    """Makes one weight infinite before a step."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch, self.now = epoch, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.now, batch) == (self.epoch, 1):
            bias = self.model.get_layer("logits").bias
            bias.assign(np.array([np.inf, 0, 0], np.float32))


def test_the_last_good_checkpoint_is_kept_and_the_exact_layer_named(build, training, leg, tmp_path):
    model = build()
    with pytest.raises(TrainingError, match=r"epoch 3.*First in layer 'logits'.*after epoch 2 is kept"):
        fit_resumably(model, training, leg(tmp_path), [Break(2)])
    assert (tmp_path / "epoch-00002.weights.h5").is_file()
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_a_damaged_checkpoint_is_named(build, training, leg, tmp_path):
    (tmp_path / "epoch-00002.weights.h5").write_bytes(b"no weights")
    with pytest.raises(ModelFormatError, match=r"epoch-00002.*cannot be read.*Remove"):
        fit_resumably(build(), training, leg(tmp_path))


def test_a_subclassed_model_is_refused(training, leg, tmp_path):
    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(UnsupportedModelError):
        fit_resumably(Own(), training, leg(tmp_path))
