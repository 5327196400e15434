# SPDX-License-Identifier: Apache-2.0
"""DASNet in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras

from tfsparse.recipes.one_call import Data, Run, run_method
from tfsparse.recipes.runner import RunResult


def dasnet(
    model: keras.Model | str,
    data: Data = None,
    *,
    energy: float | Mapping[str, float] | None = None,
    rates: Mapping[str, float] | None = None,
    score: str | None = None,
    layers: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    accuracy_budget: float | None = None,
    rounds: int | None = None,
    dense_epochs: int | None = None,
    finetune_epochs: int | None = None,
    batch_size: int | None = None,
    pretrained: bool | None = None,
    folder: str | Path | None = None,
    seed: int = 0,
    verbose: bool = True,
) -> RunResult:
    """Dynamic activation sparsity: trains a network whose layers read only the winners among their inputs.

    The network is trained dense, unless it is already. Then energy gives a winner rate per layer, masks are put in, the
    network is finetuned and its accuracy checked; and again with less or more energy, until the fewest multiplications
    within the accuracy budget are found. Whatever is left out (`None`) is as in the published recipe of the network,
    or in the method's general one.

    Args:
        model: A Sequential or Functional classifier of integer labels, which stays as it is; or the name of a network
            of `tfsparse.models`.
        data: A `Dataset`, `(x_train, y_train, x_test, y_test)`, or what `tfsparse.datasets.load_dataset` takes: a path,
            or `None` for scikit-learn's digits. Part of the training samples is set aside, and all choices are made on
            it.
        energy: Share of the energy that winners keep in the first round, in (0, 1]; or one by layer.
        rates: Winner rates by layer, in (0, 1]: then nothing is searched.
        score: `"max"` or `"mean"`: how channels are ranked.
        layers: Names or shell patterns of the layers that are to read winners; `None`: all that can.
        exclude: Names or shell patterns of those among them that are not.
        accuracy_budget: Validation accuracy that may be lost, 0 or more: 0.005 is half a percent.
        rounds: Rounds of the search, 1 or more.
        dense_epochs: Epochs of dense training.
        finetune_epochs: Epochs of each round.
        batch_size: Samples of a step.
        pretrained: Whether the model is trained already. `None`: a model that is given is, one that is named is not.
            It should not have seen the samples that are set aside: `tfsparse.datasets.split_validation` tells them.
        folder: Folder of the run, from which it can go on if it was stopped: a new one, or that of the same call.
            `None`: a temporary one.
        seed: Seed of all that is random, 0 or more.
        verbose: Whether to say how far it is, on standard error.

    Returns:
        The sparse model, the account of every stage, and the history of every epoch. `shortcomings` says if no rates
        were within the budget; the model is then the closest.

    Raises:
        InvalidArgumentError: An argument is out of its range, or data and model do not fit each other.
        TrainingError: The loss became NaN or infinite, or memory ran out; the run can go on from its folder.

    Example:

    ```python
    result = tfsparse.recipes.dasnet("lenet4", "mnist.npz", accuracy_budget=0.0005)
    tfsparse.convert(result.model, "lenet4.tflite")
    ```

    Reference:
        Yang, Qing, et al., "DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement", 2019,
        Fig. 8.
    """
    changes = {
        "stages.winners.energy": energy,
        "stages.winners.rates": rates,
        "stages.winners.score": score,
        "stages.winners.layers": layers,
        "stages.winners.exclude": exclude,
        "stages.winners.accuracy_budget": accuracy_budget,
        "stages.winners.rounds": rounds,
        "stages.winners.finetune.epochs": finetune_epochs,
        "stages.winners.finetune.batch_size": batch_size,
        "stages.dense.epochs": dense_epochs,
        "stages.dense.batch_size": batch_size,
    }
    return run_method("dasnet", model, data, changes, Run(pretrained, folder, seed, verbose))
