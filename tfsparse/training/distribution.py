# SPDX-License-Identifier: Apache-2.0
"""Trains on several devices or machines at once: each takes a part of every batch, and all hold the same weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import keras

from tfsparse.errors import InvalidArgumentError
from tfsparse.training import workers

_BACKENDS = {"mirrored": "tensorflow", "multiworker": "tensorflow", "data_parallel": "jax"}
DISTRIBUTIONS = ("none", *_BACKENDS)


class Crew:
    """Those who train together.

    Args:
        is_chief: Whether this process is the one that tells and keeps the results.
        folders: Gives the folder that this process works in, for the folder of the run.
    """

    def __init__(self, is_chief: bool = True, folders: workers.Folders = nullcontext) -> None:
        self.is_chief = is_chief
        self._folders = folders

    def working_folder(self, folder: Path) -> AbstractContextManager[Path]:
        """The folder to work in for the length of a `with` block: for the chief the run's own, for others a copy of it.

        Raises:
            InvalidArgumentError: The processes do not see the same content of the folder.
        """
        return self._folders(folder)


@contextmanager
def distributed(distribution: str) -> Iterator[Crew]:
    """Lets models that are made and trained inside the `with` block use several devices or machines.

    Each device computes its part of every batch; gradients are added up, so that all make the same step. A batch has
    the same size as on one device. What changes in the outcome: batch normalization takes its statistics of the part
    of a device, except on JAX, and random layers draw per device.

    Args:
        distribution: `"none"`; `"mirrored"`: all devices of this machine, by TensorFlow; `"multiworker"`: all devices
            of several processes or machines, by TensorFlow and its variable `TF_CONFIG`, to begin before anything is
            computed; `"data_parallel"`: all devices of this machine, by JAX.

    Yields:
        Those who train together.

    Raises:
        InvalidArgumentError: The distribution is unknown or not one of the Keras backend, there is a single device, or
            `TF_CONFIG` is wrong.
        TrainingError: Another worker was lost on the way.

    Example:

    >>> with distributed("none") as crew:
    ...     crew.is_chief, replicas()
    (True, 1)
    """
    _check(distribution)
    if distribution == "none":
        yield Crew()
    elif distribution == "multiworker":
        with workers.multiworker() as strategy, strategy.scope():
            yield Crew(workers.is_chief(strategy), lambda folder: workers.working_folder(strategy, folder))
    elif distribution == "mirrored":
        import tensorflow as tf

        _require_several(
            [device.name for kind in ("GPU", "CPU") for device in tf.config.list_logical_devices(kind)],
            len(tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")),
        )
        with tf.distribute.MirroredStrategy().scope():
            yield Crew()
    else:
        devices = keras.distribution.list_devices()
        _require_several(devices, len(devices))
        with keras.distribution.DataParallel(devices=devices).scope():
            yield Crew()


def replicas() -> int:
    """The number of devices that share each batch here: 1, but inside `distributed`, or in the scope of a strategy."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return int(tf.distribute.get_strategy().num_replicas_in_sync)
    distribution = keras.distribution.distribution()
    return int(distribution.device_mesh.devices.size) if distribution is not None else 1


def _check(distribution: str) -> None:
    if distribution not in DISTRIBUTIONS:
        raise InvalidArgumentError(
            "Unknown `distribution`.", expected=f"one of {', '.join(DISTRIBUTIONS)}", received=distribution
        )
    backend = keras.backend.backend()
    needed = _BACKENDS.get(distribution, backend)
    if backend != needed:
        fitting = [name for name, of in _BACKENDS.items() if of == backend]
        raise InvalidArgumentError(
            f"Training cannot be distributed as '{distribution}' on this Keras backend.",
            expected=f"KERAS_BACKEND={needed}",
            received=backend,
            remedy=f"Set KERAS_BACKEND={needed} in the environment, or distribute as '{fitting[0]}'."
            if fitting
            else f"Set KERAS_BACKEND={needed} in the environment.",
        )


def _require_several(names: list[str], usable: int) -> None:
    if usable < 2:
        raise InvalidArgumentError(
            "There is nothing to distribute the training over.",
            expected="two devices of a kind or more",
            received=", ".join(names),
            remedy="Train without distribution.",
        )
