# SPDX-License-Identifier: Apache-2.0
"""Dual sparse training in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras

from tfsparse.recipes.one_call import Data, Run, run_method
from tfsparse.recipes.runner import RunResult


def dual_sparse(
    model: keras.Model | str,
    data: Data = None,
    *,
    sparsity: float | Mapping[str, float] | None = None,
    weights_l1: float | None = None,
    regularizer: str | None = None,
    l: float | Sequence[float] | None = None,  # noqa: E741
    beta: float | Sequence[float] | None = None,
    accuracy_budget: float | None = None,
    dense_epochs: int | None = None,
    finetune_epochs: int | None = None,
    batch_size: int | None = None,
    pretrained: bool | None = None,
    folder: str | Path | None = None,
    seed: int = 0,
    verbose: bool = True,
) -> RunResult:
    """Dual sparse training: zeros in the weights first, then, with those held, zeros in the activation maps.

    The network is trained dense, unless it is already; trained with an l1 penalty on weights, pruned by magnitude and
    finetuned; and finetuned with a penalty on activations. Whatever is left out (`None`) is as in the published recipe
    of the network, or in the method's general one.

    Args:
        model: As for `tfsparse.recipes.dasnet`; with ReLUs.
        data: As for `tfsparse.recipes.dasnet`.
        sparsity: Share of the weights to prune, in [0, 1); or one by layer name or shell pattern.
        weights_l1: Weight of the l1 penalty on weights, above 0.
        regularizer: `"tl1"`, `"l1"` or `"hoyer"`: the penalty on activations.
        l: Its weight, above 0; or several, which are all tried.
        beta: Where transformed l1 lies between l0 (0) and l1 (infinity), above 0; or several, which are all tried.
        accuracy_budget: Validation accuracy that may be lost beside the dense network: of those that were tried, the
            penalty that leaves the fewest multiplications of non-zero pairs within it is taken.
        dense_epochs: Epochs of dense training.
        finetune_epochs: Epochs of each of the three later stages.
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
    result = tfsparse.recipes.dual_sparse("lenet5", "mnist.npz", l=[1e-6, 1e-5], beta=[0.5, 1.0])
    print(result.stages[-1].activation_zeros)
    ```

    Reference:
        "Dual sparse training framework: inducing activation map sparsity via Transformed l1 regularization", 2024.
    """
    changes = {
        "stages.prune.sparsity": sparsity,
        "stages.shrink_weights.l1": weights_l1,
        "stages.activations.regularizer.name": regularizer,
        "stages.activations.regularizer.l": l,
        "stages.activations.regularizer.beta": beta,
        "stages.activations.accuracy_budget": accuracy_budget,
        "stages.dense.epochs": dense_epochs,
        "stages.dense.batch_size": batch_size,
    }
    for stage in ("shrink_weights", "prune", "activations"):
        changes[f"stages.{stage}.finetune.epochs"] = finetune_epochs
        changes[f"stages.{stage}.finetune.batch_size"] = batch_size
    return run_method("dual", model, data, changes, Run(pretrained, folder, seed, verbose))
