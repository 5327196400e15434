# SPDX-License-Identifier: Apache-2.0
"""`tfsparse evaluate`: accuracy of a `.tflite` classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfsparse.cli.console import out, progress_bar, report
from tfsparse.cli.options import Json, Runtime, RuntimeName, TestData, TfliteModel, Threads

if TYPE_CHECKING:
    from tfsparse.evaluation import Accuracy


def evaluate(
    model: TfliteModel,
    data: TestData,
    runtime: Runtime = RuntimeName.auto,
    threads: Threads = 1,
    json: Json = None,
) -> None:
    """Measure the accuracy of a .tflite classifier on the test part of a data set.

    Images of type uint8 are scaled to [0, 1], floating-point ones are taken as they are; a channel axis is added where
    the model wants one more. Top-5 accuracy is given for more than five classes.

    Examples:

        tfsparse evaluate model.tflite --data mnist.npz

        tfsparse evaluate model.tflite --data mnist.npz --threads 2 --json accuracy.json
    """
    from tfsparse import evaluation
    from tfsparse.datasets import load_npz

    dataset = load_npz(data, need_train=False)
    with progress_bar("Evaluating", evaluation.steps_of(len(dataset.x_test))) as advance:
        accuracy = evaluation.evaluate(
            model, dataset.x_test, dataset.y_test, num_threads=threads, runtime=runtime.value, advance=advance
        )
    report(accuracy, json, lambda: _print(accuracy))


def _print(accuracy: Accuracy) -> None:
    top5 = "" if accuracy.top5 is None else f", top-5 {accuracy.top5:.2%}"
    out.print(f"Accuracy {accuracy.top1:.2%}{top5} on {accuracy.samples} samples")
