# SPDX-License-Identifier: Apache-2.0
"""Trains a little network by a distribution, with all that makes it sparse, and writes down what each device had.

Usage: distributed_program.py DISTRIBUTION FOLDER REPORT [compare]. With `compare`, it trains on one device, too.
Without, the training breaks off after an epoch and goes on.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import keras
import numpy as np

from tfsparse.callbacks import ActivationRegularization, MagnitudePruning, WinnerRateScheduler
from tfsparse.datasets.batches import EvaluationBatches, TrainingBatches
from tfsparse.layers import WTADropout
from tfsparse.regularizers import TransformedL1
from tfsparse.schedules import PolynomialDecay
from tfsparse.training.distribution import distributed, replicas
from tfsparse.training.fit import Leg, fit_resumably
from tfsparse.training.settings import Training

SAMPLES, FEATURES, CLASSES = 17, 6, 3  # an odd number: the last batches cannot be shared as they are


def build(plain):
    """A network; `plain`: without batch statistics."""
    keras.utils.set_random_seed(1)
    norm = [] if plain else [keras.layers.BatchNormalization(momentum=0.5, name="norm")]
    parts = [keras.layers.Dense(8, activation="relu", name="hidden"), *norm, WTADropout(0.75, name="winners")]
    return keras.Sequential(
        [keras.Input((FEATURES,)), *parts, keras.layers.Dense(CLASSES, name="logits")], name="little"
    )


def on_each_device(variable):
    """The values that the devices have."""
    value = variable.value
    if keras.backend.backend() == "jax":
        return [np.asarray(shard.data) for shard in value.addressable_shards]
    return [np.asarray(each) for each in getattr(value, "values", [value])]


class Spread(keras.callbacks.Callback):
    """Notes after each epoch how far the devices are apart, and breaks off where asked to."""

    def __init__(self, stop_after):
        super().__init__()
        self.stop_after = stop_after
        self.devices, self.spread = 0, 0.0

    def on_epoch_end(self, epoch, logs=None):
        for variable in [*self.model.variables, *self.model.optimizer.variables]:
            first, *others = on_each_device(variable)
            self.devices = 1 + len(others)
            self.spread = max([self.spread, *(float(np.abs(each - first).max()) for each in others)])

    def on_epoch_begin(self, epoch, logs=None):
        if self.stop_after == epoch:
            raise KeyboardInterrupt


def train(folder, plain=False, used=SAMPLES, stop_after=None):
    """Trains in a folder; what came of it."""
    rng = np.random.default_rng(0)
    y = np.arange(SAMPLES) % CLASSES
    x = (rng.normal(size=(SAMPLES, FEATURES)) + y[:, None]).astype("float32")
    model, shared = build(plain), {"batch_size": 8, "multiple_of": replicas()}
    leg = Leg(folder, TrainingBatches(x[:used], y[:used], (FEATURES,), **shared),
              EvaluationBatches(x, y, (FEATURES,), **shared))  # fmt: skip
    spread = Spread(stop_after)
    callbacks = [
        MagnitudePruning(PolynomialDecay(0.0, 0.5, 0, 4)),
        WinnerRateScheduler(lambda epoch: 0.75 - 0.25 * epoch),
        ActivationRegularization(TransformedL1(1e-3), ["hidden"]),
        spread,
    ]
    rows = fit_resumably(model, Training(epochs=2, batch_size=8), leg, callbacks)
    rows = [{name: value for name, value in row.items() if name != "seconds"} for row in rows]
    weights = {weight.path: keras.ops.convert_to_numpy(weight).tolist() for weight in model.weights}
    return {"rows": rows, "weights": weights, "devices": spread.devices, "spread": spread.spread}


def two_devices():
    """Makes two devices of the CPU."""
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )


def main(distribution, folder, report_file, *flags):
    """Writes the report."""
    if distribution == "mirrored":
        two_devices()
    if "compare" in flags:
        # What two devices can share; TensorFlow's devices take batch statistics of their own parts.
        comparable = {"used": SAMPLES - 1, "plain": distribution == "mirrored"}
        report = {"alone": train(Path(folder) / "alone", **comparable)}
        with distributed(distribution):
            report["together"] = train(Path(folder) / "together", **comparable)
            if distribution == "mirrored":
                report["statistics"] = train(Path(folder) / "statistics")
    else:
        report = in_two_goes(distribution, Path(folder), report_file)
    Path(report_file).write_text(json.dumps(report))


def in_two_goes(distribution, shared, report_file):
    """Breaks off after an epoch, and goes on; at last one worker looks into another folder."""
    with distributed(distribution) as crew:
        with contextlib.suppress(KeyboardInterrupt), crew.working_folder(shared) as folder:
            train(folder, stop_after=1)
        with crew.working_folder(shared) as folder:
            resumed = (folder / "epoch-00001.weights.h5").is_file()
            result = train(folder)
        own = Path(f"{report_file}.folder")
        own.mkdir()
        (own / "a file that is here alone").touch()
        try:
            with crew.working_folder(own if not crew.is_chief else shared):
                refused = False
        except ValueError as error:
            refused = str(error)
    return {**result, "chief": crew.is_chief, "resumed": resumed, "refused": refused}


if __name__ == "__main__":
    main(*sys.argv[1:])
