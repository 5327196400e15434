# SPDX-License-Identifier: Apache-2.0
"""JPnet in one call."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import keras

from tfsparse.recipes.one_call import Data, Run, run_method
from tfsparse.recipes.runner import RunResult


def jpnet(
    model: keras.Model | str,
    data: Data = None,
    *,
    sparsity: float | Mapping[str, float] | None = None,
    energy: float | Mapping[str, float] | None = None,
    mask: str | None = None,
    accuracy_budget: float | None = None,
    rounds: int | None = None,
    dense_epochs: int | None = None,
    prune_epochs: int | None = None,
    finetune_epochs: int | None = None,
    batch_size: int | None = None,
    pretrained: bool | None = None,
    folder: str | Path | None = None,
    seed: int = 0,
    verbose: bool = True,
) -> RunResult:
    """Joint regularization: prunes weights by magnitude, and masks activations element by element, in one network.

    The network is trained dense, unless it is already; pruned step by step while it is finetuned; and then finetuned
    with masks, whose rates are searched under the accuracy budget, while pruned weights stay zero. Elements are ranked
    by magnitude, so networks of leaky ReLU, tanh, swish or GELU get zeros where these functions make none. Whatever is
    left out (`None`) is as in the published recipe of the network, or in the method's general one.

    Args:
        model: As for `tfsparse.recipes.dasnet`.
        data: As for `tfsparse.recipes.dasnet`.
        sparsity: Share of the weights to prune, in [0, 1); or one by layer name or shell pattern.
        energy: Share of the energy that winners keep in the first round, in (0, 1]; or one by layer.
        mask: `"sampled"`: single elements, by a threshold that a subsample predicts; `"elements"`: ranked exactly;
            `"winners"`: whole channels of feature maps.
        accuracy_budget: Validation accuracy that may be lost beside the dense network, 0 or more.
        rounds: Rounds of the search, 1 or more.
        dense_epochs: Epochs of dense training.
        prune_epochs: Epochs of pruning.
        finetune_epochs: Epochs of each round with masks.
        batch_size: Samples of a step.
        pretrained: As for `tfsparse.recipes.dasnet`.
        folder: As for `tfsparse.recipes.dasnet`.
        seed: Seed of all that is random, 0 or more.
        verbose: Whether to say how far it is, on standard error.

    Returns:
        The sparse model, the account of every stage, and the history of every epoch, as `tfsparse.recipes.dasnet`.

    Raises:
        InvalidArgumentError: An argument is out of its range, or data and model do not fit each other.
        TrainingError: The loss became NaN or infinite, or memory ran out; the run can go on from its folder.

    Example:

    ```python
    result = tfsparse.recipes.jpnet("mlp3", "mnist.npz", sparsity=0.9, accuracy_budget=0.004)
    print(result.stages[-1].effective_macs / result.stages[-1].macs)
    ```

    Reference:
        Yang et al., "Joint Regularization on Activations and Weights for Efficient Neural Network Pruning", 2019.
    """
    changes = {
        "stages.prune.sparsity": sparsity,
        "stages.prune.finetune.epochs": prune_epochs,
        "stages.prune.finetune.batch_size": batch_size,
        "stages.winners.energy": energy,
        "stages.winners.mask": mask,
        "stages.winners.accuracy_budget": accuracy_budget,
        "stages.winners.rounds": rounds,
        "stages.winners.finetune.epochs": finetune_epochs,
        "stages.winners.finetune.batch_size": batch_size,
        "stages.dense.epochs": dense_epochs,
        "stages.dense.batch_size": batch_size,
    }
    return run_method("jpnet", model, data, changes, Run(pretrained, folder, seed, verbose))
