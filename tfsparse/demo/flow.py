# SPDX-License-Identifier: Apache-2.0
"""The whole way: train, choose winner rates, finetune with winners-take-all and pruning, convert, verify, measure.

Read it from top to bottom: each step is a call of tfsparse's public functions that you can copy.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

import tfsparse as ts
from tfsparse.bench.result import BenchResult
from tfsparse.bench.runner import bench
from tfsparse.datasets import Dataset, as_model_input
from tfsparse.demo.rates import pruned_feature_maps, rates_for_pruned_maps
from tfsparse.demo.stages import AdvancePerBatch, Stage, silent
from tfsparse.errors import InvalidArgumentError
from tfsparse.evaluation import evaluate
from tfsparse.verification.report import VerificationReport

DENSE_KERAS, SPARSE_KERAS = "dense.keras", "sparse.keras"
DENSE_TFLITE, SPARSE_TFLITE = "dense.tflite", "sparse.tflite"
MAX_ACCURACY_LOSS = 0.01

_CALIBRATION_SAMPLES = 1000
_VERIFIED_SAMPLES = 8
_WARMUP_RUNS = 10

ModelBuilder = Callable[[tuple[int, ...], int], keras.Model]
"""Makes an untrained network from the shape of an image and the number of classes."""


@dataclass(frozen=True)
class DemoSettings:
    """What can be chosen of the demo.

    Attributes:
        epochs: Epochs of dense training, at least 1.
        finetune_epochs: Epochs of finetuning with winners-take-all and pruning, at least 1.
        energy: Share of the energy that the winners keep, in (0, 1]; the winner rates follow from it.
        pruned_maps: Share of the feature maps to prune, in [0, 1), which then decides the rates of the convolutions;
            `None` to go by `energy` alone.
        weight_sparsity: Share of the weights to prune, in [0, 1); 0 for none.
        batch_size: Samples of a training step.
        learning_rate: Of training and finetuning; it falls to zero along half a cosine each time.
        seed: Seed of weights and shuffling.
        runs: Timed runs of each model.
        threads: Threads of a run.
        runtime: Interpreter package, as in `tfsparse.Interpreter`.

    Raises:
        InvalidArgumentError: A share or the energy is outside its range.
    """

    epochs: int = 8
    finetune_epochs: int = 6
    energy: float = 0.9995
    pruned_maps: float | None = None
    weight_sparsity: float = 0.5
    batch_size: int = 32
    learning_rate: float = 1e-3
    seed: int = 0
    runs: int = 300
    threads: int = 1
    runtime: str = "auto"

    def __post_init__(self) -> None:
        for name in ("weight_sparsity", "pruned_maps"):
            share = getattr(self, name)
            if share is not None and not 0.0 <= share < 1.0:
                raise InvalidArgumentError(f"Invalid `{name}`.", expected="a number in [0, 1)", received=share)
        if not 0.0 < self.energy <= 1.0:
            raise InvalidArgumentError("Invalid `energy`.", expected="a number in (0, 1]", received=self.energy)


@dataclass(frozen=True)
class DemoResult:
    """What came out: the dense and the sparse model side by side.

    Attributes:
        settings: What was asked for.
        dense_accuracy: Accuracy of the dense `.tflite` on the test samples, 0 to 1.
        sparse_accuracy: That of the sparse one.
        winner_rates: Winner rate by layer.
        pruned_feature_maps: Share of the feature maps that do not win.
        weight_sparsity: Share of zeros among the weights of the sparse model.
        verification: How the sparse `.tflite` compares with the sparse Keras model, layer by layer.
        bench: Times, MACs and file sizes of both.
    """

    settings: DemoSettings
    dense_accuracy: float
    sparse_accuracy: float
    winner_rates: dict[str, float]
    pruned_feature_maps: float
    weight_sparsity: float
    verification: VerificationReport
    bench: BenchResult

    def shortcoming(self) -> str | None:
        """What the sparse model fails at: agreeing with Keras, keeping the accuracy, being faster; else `None`."""
        if not self.verification.passed:
            return f"The file differs from the Keras model, first in layer {self.verification.first_difference}."
        lost = self.dense_accuracy - self.sparse_accuracy
        if lost > MAX_ACCURACY_LOSS:
            return f"The sparse model loses {lost:.2%} accuracy, more than {MAX_ACCURACY_LOSS:.0%}."
        if self.bench.speedup is None or self.bench.speedup.value <= 1.0:
            return "The sparse model is not faster than the dense one."
        return None

    def to_json(self) -> str:
        """The result as a JSON object, its keys named like the attributes."""
        return json.dumps(asdict(self), indent=2)


def run_demo(
    dataset: Dataset,
    build_model: ModelBuilder,
    folder: Path,
    settings: DemoSettings | None = None,
    stage: Stage = silent,
) -> DemoResult:
    """Trains, sparsifies, converts, verifies and measures; writes both models as `.keras` and `.tflite`.

    Args:
        dataset: Images and labels; `uint8` images are scaled to [0, 1].
        build_model: Makes the untrained network, whose outputs are logits.
        folder: Existing folder for the four files.
        settings: What to do in detail.
        stage: Tells how far it is.

    Raises:
        InvalidArgumentError: The data set lacks its training part, or a setting is outside its range.
    """
    settings = settings or DemoSettings()
    keras.utils.set_random_seed(settings.seed)
    dataset = _scaled(dataset)
    dense = train_dense(dataset, build_model, settings, stage)
    sparse, rates = make_sparse(dense, dataset, settings, stage)
    verification = convert_and_verify(dense, sparse, dataset, folder, settings, stage)
    accuracy = {name: _accuracy(folder / name, dataset, settings, stage) for name in (DENSE_TFLITE, SPARSE_TFLITE)}
    return DemoResult(
        settings=settings,
        dense_accuracy=accuracy[DENSE_TFLITE],
        sparse_accuracy=accuracy[SPARSE_TFLITE],
        winner_rates=rates,
        pruned_feature_maps=pruned_feature_maps(sparse),
        weight_sparsity=_weight_sparsity(sparse),
        verification=verification,
        bench=_measured(folder, dataset, settings, stage),
    )


def train_dense(
    dataset: Dataset, build_model: ModelBuilder, settings: DemoSettings, stage: Stage = silent
) -> keras.Model:
    """First, a dense network, trained as usual."""
    model = build_model(dataset.x_train.shape[1:], dataset.num_classes)
    with stage("Train the dense model", _steps(dataset, settings, settings.epochs)) as advance:
        _fit(model, dataset, settings, settings.epochs, [AdvancePerBatch(advance)])
    return model


def make_sparse(
    dense: keras.Model, dataset: Dataset, settings: DemoSettings, stage: Stage = silent
) -> tuple[keras.Model, dict[str, float]]:
    """Second, winner rates from the energy of its activations, a sparse copy, and finetuning with masks in place.

    Meanwhile the smallest weights are pruned.
    """
    calibration = dataset.x_train[:_CALIBRATION_SAMPLES]
    with stage("Choose winner rates"):
        if settings.pruned_maps is None:
            rates = ts.winner_rates(dense, calibration, energy=settings.energy)
        else:
            rates = rates_for_pruned_maps(dense, calibration, settings.pruned_maps, settings.energy)
        sparse = ts.sparsify(dense, rates)
    steps = _steps(dataset, settings, settings.finetune_epochs)
    with stage("Finetune with winners-take-all", steps) as advance:
        callbacks = [AdvancePerBatch(advance), *_pruning(settings.weight_sparsity, steps)]
        _fit(sparse, dataset, settings, settings.finetune_epochs, callbacks)
    return sparse, rates


def convert_and_verify(
    dense: keras.Model,
    sparse: keras.Model,
    dataset: Dataset,
    folder: Path,
    settings: DemoSettings,
    stage: Stage = silent,
) -> VerificationReport:
    """Third, files for the interpreter, and a check that the sparse one computes what Keras computes."""
    with stage("Convert"):
        dense.save(folder / DENSE_KERAS)
        sparse.save(folder / SPARSE_KERAS)
        ts.convert(dense, folder / DENSE_TFLITE, overwrite=True)
        ts.convert(sparse, folder / SPARSE_TFLITE, overwrite=True)
    with stage("Verify"):
        samples = dataset.x_test[:_VERIFIED_SAMPLES]
        return ts.verify(sparse, folder / SPARSE_TFLITE, samples, runtime=settings.runtime)


def _measured(folder: Path, dataset: Dataset, settings: DemoSettings, stage: Stage) -> BenchResult:
    """Last, the times of both, by turns in one process."""
    with stage("Measure", _WARMUP_RUNS + settings.runs) as advance:
        return bench(
            folder / SPARSE_TFLITE,
            folder / DENSE_TFLITE,
            threads=settings.threads,
            runs=settings.runs,
            warmup=_WARMUP_RUNS,
            data=dataset.x_test,
            data_name="test samples",
            runtime=settings.runtime,
            advance=advance,
        )


def _scaled(dataset: Dataset) -> Dataset:
    if len(dataset.x_train) == 0:
        raise InvalidArgumentError("The data set has nothing to train on.", expected="x_train and y_train")
    return Dataset(
        as_model_input(dataset.x_train, 4), dataset.y_train, as_model_input(dataset.x_test, 4), dataset.y_test
    )


def _steps(dataset: Dataset, settings: DemoSettings, epochs: int) -> int:
    return epochs * -(-len(dataset.x_train) // settings.batch_size)


def _fit(
    model: keras.Model,
    dataset: Dataset,
    settings: DemoSettings,
    epochs: int,
    callbacks: list[keras.callbacks.Callback],
) -> None:
    steps = _steps(dataset, settings, epochs)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(
        dataset.x_train,
        dataset.y_train,
        batch_size=settings.batch_size,
        epochs=epochs,
        callbacks=callbacks,
        verbose=0,
    )


def _pruning(sparsity: float, steps: int) -> list[keras.callbacks.Callback]:
    """Prunes step by step over the first half of the finetuning; the second half makes good what was lost."""
    if sparsity == 0.0:
        return []
    schedule = ts.schedules.PolynomialDecay(
        initial_sparsity=0.0,
        final_sparsity=sparsity,
        begin_step=0,
        end_step=steps // 2,
    )
    return [ts.callbacks.MagnitudePruning(schedule)]


def _accuracy(path: Path, dataset: Dataset, settings: DemoSettings, stage: Stage) -> float:
    with stage(f"Evaluate {path.name}", -(-len(dataset.x_test) // 100)) as advance:
        return evaluate(
            path,
            dataset.x_test,
            dataset.y_test,
            num_threads=settings.threads,
            runtime=settings.runtime,
            advance=advance,
        ).top1


def _weight_sparsity(model: keras.Model) -> float:
    kernels = [np.asarray(weight) for weight in model.trainable_weights if len(weight.shape) > 1]
    return 1 - sum(np.count_nonzero(kernel) for kernel in kernels) / sum(kernel.size for kernel in kernels)
