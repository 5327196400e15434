# SPDX-License-Identifier: Apache-2.0
"""Thresholds for the ReLUs of a trained network, from calibration data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from tfsparse.analysis.histograms import Histogram, activation_histograms
from tfsparse.analysis.models import named_layers
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import FATReLU
from tfsparse.surgery.relus import fatrelu_paths, replace_relus

_WIDTH = 1.0 + 1.0 / 128.0
"""Ratio of the two ends of a bin of `Histogram`."""

_ROUNDING = 1e-9
"""What a difference of accuracies may be off: a budget of exactly so many samples counts."""


def quantile_thresholds(
    model: keras.Model,
    x: Any,
    share: float | Mapping[str, float],
    *,
    layers: Sequence[str] | None = None,
    batch_size: int = 32,
) -> dict[str, float]:
    """The thresholds that set the smallest `share` of what each ReLU returns to zero.

    The zeros that the ReLU makes count: where they are as many as asked for, the threshold is 0. Measured over all
    samples and positions, to 1 % of the threshold. Finetune the network that `replace_relus` makes of them.

    Args:
        model: A Sequential or Functional model. It runs in inference mode and stays as it is.
        x: Calibration samples, some hundred: an array, a list or dict of arrays, or an iterable of batches.
        share: Share of zeros to reach, in [0, 1); or a dict of them by the path of the ReLU, for these alone.
        layers: Names or patterns of ReLUs for a single `share`; `None`: all, see `relu_sites`.
        batch_size: Samples that run at once if `x` is made of arrays.

    Returns:
        Threshold, 0 or more, by path of the ReLU; what `replace_relus` takes.

    Raises:
        InvalidArgumentError: A share is out of its range, a name fits no ReLU, or `x` does not fit the model.

    Example:

    >>> model = keras.Sequential([keras.Input((5,)), keras.layers.ReLU(name="relu")])
    >>> thresholds = quantile_thresholds(model, np.array([[-1.0, 1.0, 2.0, 4.0, 8.0]]), share=0.6)
    >>> replace_relus(model, thresholds).predict(np.array([[-1.0, 1.0, 2.0, 4.0, 8.0]]), verbose=0).tolist()
    [[0.0, 0.0, 0.0, 4.0, 8.0]]

    Reference:
        Oh et al., "Exploiting Activation Sparsity for Fast CNN Inference on Mobile GPUs", ACM TECS 2021: the smallest
        K % are set to zero. How the threshold is found is our reading: the paper was not at hand.
    """
    wanted = share if isinstance(share, Mapping) else None
    histograms = activation_histograms(
        model, x, layers=list(wanted) if wanted is not None else layers, batch_size=batch_size
    )
    shares = wanted if wanted is not None else dict.fromkeys(histograms, share)
    for path in shares:
        if path not in histograms:
            raise InvalidArgumentError(
                f"`share` names '{path}'.", expected=f"paths: {', '.join(histograms)}", received=path
            )
    return {path: _threshold(histograms[path], each) for path, each in shares.items()}


def _threshold(histogram: Histogram, share: Any) -> float:
    if not isinstance(share, int | float) or not 0.0 <= share < 1.0:
        raise InvalidArgumentError("Invalid `share`.", expected="a number in [0, 1)", received=share)
    return max(0.0, histogram.quantile(share)) * _WIDTH


@dataclass(frozen=True)
class ThresholdSearch:
    """Result of `search_thresholds`.

    Args:
        thresholds: By path of the ReLU.
        baseline: Accuracy on the samples with the thresholds that were there before.
        accuracy: Accuracy with them.
        sparsity: Share of zeros that each ReLU returns with its own threshold, the others as they were before.
        evaluations: How often the samples were classified.
    """

    thresholds: dict[str, float]
    baseline: float
    accuracy: float
    sparsity: dict[str, float]
    evaluations: int


def search_thresholds(
    model: keras.Model,
    x: Any,
    y: np.ndarray,
    accuracy_budget: float = 0.005,
    *,
    layers: Sequence[str] | None = None,
    levels: int = 32,
    batch_size: int = 128,
) -> ThresholdSearch:
    """Finds a threshold for each ReLU of a trained classifier, without training, under a budget of accuracy.

    The ReLUs are taken one after the other, in the order of the model. Of each, the candidates are the quantiles of its
    positive values, and bisection finds the highest one with which the network, thresholds found before included, is
    still accurate enough. The i-th of n ReLUs may use up i / n of the budget, so that early ones leave some to the
    others. That takes about n * log2(levels) classifications of the samples. A `FATReLU` keeps at least the threshold
    that it has.

    Args:
        model: A Sequential or Functional classifier of one output, `(samples, classes)`. It stays as it is.
        x: Calibration samples, 1,000 or more of the training or validation set: an array, a list or dict of arrays.
        y: Their labels, integers from 0, `(samples,)`.
        accuracy_budget: Accuracy that may be lost, a share of the samples in [0, 1].
        layers: Names or patterns of ReLUs; `None`: all, see `relu_sites`.
        levels: Number of candidates for each ReLU, 2 or more: 32 steps of 3 % of its positive values.
        batch_size: Samples that run at once.

    Raises:
        InvalidArgumentError: An argument is out of its range, or the samples or labels do not fit the model.
        UnsupportedModelError: The model cannot be copied.

    Example:

    >>> layers = [keras.layers.Dense(8, activation="relu", name="fc"), keras.layers.Dense(2)]
    >>> model = keras.Sequential([keras.Input((4,)), *layers])
    >>> found = search_thresholds(model, np.eye(4), np.zeros(4, int), accuracy_budget=1.0)
    >>> found.thresholds["fc"] > 0.0
    True

    Reference:
        Kurtz, Mark, et al., "Inducing and Exploiting Activation Sparsity for Fast Inference on Deep Neural Networks",
        ICML 2020, section 3: thresholds of a layer each by search on data. The order and the shares of the budget are
        our own: the paper was not at hand.
    """
    _check(x, y, accuracy_budget, levels)
    histograms = activation_histograms(model, x, layers=layers, batch_size=batch_size)
    least = {path: _threshold_of(named_layers(model).get(path)) for path in histograms}
    trial = _Trial(replace_relus(model, least), list(histograms), x, y, batch_size)
    baseline = trial.accuracy()
    thresholds: dict[str, float] = {}
    for position, (path, histogram) in enumerate(histograms.items(), start=1):
        floor = baseline - accuracy_budget * position / len(histograms) - _ROUNDING
        candidates = [least[path], *_candidates(histogram, levels)]
        thresholds[path] = _highest(trial, path, candidates, floor)
        trial.set(path, thresholds[path])
    sparsity = {path: _share_up_to(histograms[path], threshold) for path, threshold in thresholds.items()}
    return ThresholdSearch(thresholds, baseline, trial.accuracy(), sparsity, trial.evaluations)


def _highest(trial: _Trial, path: str, candidates: list[float], floor: float) -> float:
    """The last of ascending candidates that bisection finds accurate enough; the first is taken to be."""
    enough, too_high = 0, len(candidates)
    while too_high - enough > 1:
        middle = (enough + too_high) // 2
        trial.set(path, candidates[middle])
        enough, too_high = (middle, too_high) if trial.accuracy() >= floor else (enough, middle)
    return candidates[enough]


class _Trial:
    """A copy of the model whose thresholds are tried."""

    def __init__(self, model: keras.Model, paths: list[str], x: Any, y: np.ndarray, batch_size: int) -> None:
        self._model, self._x, self._y, self._batch_size = model, x, y, batch_size
        layers = named_layers(model)
        self._sites: dict[str, Any] = {path: layers[place] for path, place in fatrelu_paths(model, paths).items()}
        self.evaluations = 0

    def set(self, path: str, threshold: float) -> None:
        self._sites[path].threshold = threshold

    def accuracy(self) -> float:
        self.evaluations += 1
        scores = self._model.predict(self._x, batch_size=self._batch_size, verbose=0)
        if not isinstance(scores, np.ndarray) or scores.ndim != 2:
            raise InvalidArgumentError("The model is no classifier.", expected="one output (samples, classes)")
        return float(np.mean(np.argmax(scores, axis=1) == self._y))


def _threshold_of(layer: Any) -> float:
    return layer.threshold if isinstance(layer, FATReLU) else 0.0


def _candidates(histogram: Histogram, levels: int) -> list[float]:
    values, counts = histogram.bins()
    positive = values > 0
    if not positive.any():
        return []
    reached = np.cumsum(counts[positive]) / counts[positive].sum()
    places = np.searchsorted(reached, np.arange(1, levels) / levels)
    return sorted({float(value) * _WIDTH for value in values[positive][places]})


def _share_up_to(histogram: Histogram, threshold: float) -> float:
    values, counts = histogram.bins()
    return float(counts[values <= threshold / _WIDTH * (1 + 1e-6)].sum() / max(1, counts.sum()))


def _check(x: Any, y: Any, accuracy_budget: Any, levels: Any) -> None:
    samples = {len(array) for array in keras.tree.flatten(x)}
    if np.ndim(y) != 1 or samples != {len(y)}:
        raise InvalidArgumentError(
            "The samples and labels do not belong together.",
            expected="labels (samples,), as many as samples",
            received=f"{sorted(samples)} samples, labels {np.shape(y)}",
        )
    if not isinstance(accuracy_budget, int | float) or not 0.0 <= accuracy_budget <= 1.0:
        raise InvalidArgumentError(
            "Invalid `accuracy_budget`.", expected="a number in [0, 1]", received=accuracy_budget
        )
    if not isinstance(levels, int) or levels < 2:
        raise InvalidArgumentError("Invalid `levels`.", expected="an integer, 2 or more", received=levels)
