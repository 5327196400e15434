# SPDX-License-Identifier: Apache-2.0
"""Several processes, on one machine or several, that train one model together on the TensorFlow backend."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from tfsparse.errors import InvalidArgumentError, TrainingError

Folders = Callable[[Path], AbstractContextManager[Path]]
_NOT_THE_RUNS = (".lock", ".writing*")


@contextmanager
def multiworker() -> Iterator[Any]:
    """The strategy of the workers that `TF_CONFIG` names, inside a `with` block; waits until all of them are there.

    Raises:
        InvalidArgumentError: `TF_CONFIG` is missing or wrong, or this worker's address cannot be used.
        TrainingError: Inside the block, another worker was lost.
    """
    address = _own_address()
    import tensorflow as tf

    lost = tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError
    try:
        strategy = _strategy_class()()
    except (tf.errors.OpError, RuntimeError) as error:
        raise InvalidArgumentError(
            f"This worker could not join the others from {address}.",
            received=str(error).splitlines()[0],
            remedy="Take a free port for each worker in TF_CONFIG, begin all of them, and compute nothing before.",
        ) from error
    try:
        yield strategy
    except lost as error:
        raise TrainingError(
            "Another worker was lost.",
            received=type(error).__name__,
            remedy="Start all workers again with the same command: a run goes on after its last finished epoch.",
        ) from error


def is_chief(strategy: Any) -> bool:
    """Whether this worker is the one that keeps the results: the first, or the one of the type `chief`."""
    resolver = strategy.cluster_resolver
    chiefs = resolver.cluster_spec().as_dict().get("chief")
    return resolver.task_type == "chief" if chiefs else resolver.task_id == 0


@contextmanager
def working_folder(strategy: Any, folder: Path) -> Iterator[Path]:
    """The folder itself for the chief; for any other worker a copy, which is thrown away.

    All workers do the same things and write the same files. So they take the same way at each fork (what is finished,
    which checkpoint is the newest) without asking each other, if they begin with the same files.

    Args:
        strategy: What `multiworker` gave.
        folder: The folder of the run; it need not exist.

    Raises:
        InvalidArgumentError: A worker sees other files there than the chief.
    """
    if is_chief(strategy):
        _require_same(strategy, folder, folder)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="tfsparse-worker-") as scratch:
        copy = Path(scratch) / "run"
        if folder.is_dir():
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(*_NOT_THE_RUNS))
        _require_same(strategy, copy, folder)
        yield copy


def _require_same(strategy: Any, copy: Path, folder: Path) -> None:
    # Nobody gets past a sum before all have come to it, so the chief does not write before the others have copied.
    own = _fingerprint(copy)
    chiefs = _sum(strategy, own if is_chief(strategy) else 0)
    if _sum(strategy, int(own != chiefs)):
        raise InvalidArgumentError(
            f"The workers see different files in {folder}.",
            expected="a folder that all of them share, such as one on a network file system, to go on with a run",
            remedy="Share the folder, or begin the run in a new one.",
        )


def _fingerprint(folder: Path) -> int:
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    kept = [path for path in files if not any(path.match(pattern) for pattern in _NOT_THE_RUNS)]
    listing = sorted(f"{path.relative_to(folder).as_posix()} {path.stat().st_size}" for path in kept)
    return zlib.crc32("\n".join(listing).encode())


def _sum(strategy: Any, number: int) -> int:
    import tensorflow as tf

    def own() -> Any:
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        first = replica % len(strategy.extended.worker_devices) == 0  # a worker has one number, for all its devices
        return tf.where(first, tf.constant(number, tf.int64), 0)

    numbers = tf.function(lambda: strategy.run(own), autograph=False)()
    return int(strategy.reduce(tf.distribute.ReduceOp.SUM, numbers, axis=None))


def _strategy_class() -> Any:
    import tensorflow as tf

    class Workers(tf.distribute.MultiWorkerMirroredStrategy):
        """Takes the two things that Keras's `fit` asks of it, and that it refuses as it is."""

        def reduce(self, reduce_op: Any, value: Any, axis: int | None = None) -> Any:
            if isinstance(value, tuple):  # a batch, of which Keras wants to know shapes and types alone
                return tf.nest.map_structure(lambda part: self.experimental_local_results(part)[0], value)
            if self.experimental_local_results(value)[0].shape.rank == 0:  # a metric
                axis = None
            return super().reduce(reduce_op, value, axis)

    return Workers


def _own_address() -> str:
    example = '{"cluster": {"worker": ["host1:5000", "host2:5000"]}, "task": {"type": "worker", "index": 0}}'
    text = os.environ.get("TF_CONFIG", "")
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        address = cluster[task["type"]][int(task["index"])]
        together = sum(len(cluster.get(kind, [])) for kind in ("chief", "worker"))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InvalidArgumentError(
            "The environment variable TF_CONFIG does not say who trains with whom.",
            expected=f"{example}, with an index of its own for each worker",
            received=text or "nothing",
        ) from error
    if together < 2:
        raise InvalidArgumentError(
            "TF_CONFIG names a single worker.", expected=f"two or more, such as {example}", received=text
        )
    return str(address)
