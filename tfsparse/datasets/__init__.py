# SPDX-License-Identifier: Apache-2.0
"""Labelled samples and the batches that networks are trained on.

The batches need Keras and are loaded on first use, so that running a model needs none.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tfsparse.datasets.augmentation import Augmentation
from tfsparse.datasets.collecting import collect_dataset
from tfsparse.datasets.dataset import Dataset
from tfsparse.datasets.digits import load_digits
from tfsparse.datasets.encoded import EncodedImages
from tfsparse.datasets.images import as_model_input
from tfsparse.datasets.inputs import evaluation_inputs
from tfsparse.datasets.labels import check_labels
from tfsparse.datasets.load import load_dataset
from tfsparse.datasets.npz import load_npz
from tfsparse.datasets.split import split_validation

if TYPE_CHECKING:
    from tfsparse.datasets.batches import EvaluationBatches as EvaluationBatches
    from tfsparse.datasets.batches import FollowEpoch as FollowEpoch
    from tfsparse.datasets.batches import TrainingBatches as TrainingBatches

_NEED_KERAS = ("EvaluationBatches", "FollowEpoch", "TrainingBatches")

__all__ = [
    "Augmentation",
    "Dataset",
    "EncodedImages",
    "EvaluationBatches",
    "FollowEpoch",
    "TrainingBatches",
    "as_model_input",
    "check_labels",
    "collect_dataset",
    "evaluation_inputs",
    "load_dataset",
    "load_digits",
    "load_npz",
    "split_validation",
]


def __getattr__(name: str) -> Any:
    if name not in _NEED_KERAS:
        raise AttributeError(f"module 'tfsparse.datasets' has no attribute {name!r}")
    return getattr(importlib.import_module("tfsparse.datasets.batches"), name)
