# SPDX-License-Identifier: Apache-2.0
"""The TensorFlow Model Optimization Toolkit as an oracle; tests that need it skip on other backends."""

from __future__ import annotations

import os
from typing import Any

import keras
import pytest


def sparsity_module() -> Any:
    """`tfmot.sparsity.keras`, which needs Keras 2."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("TFMOT runs on TensorFlow")
    pytest.importorskip("tf_keras")
    legacy = os.environ.get("TF_USE_LEGACY_KERAS")
    try:
        import tensorflow_model_optimization as tfmot

        return tfmot.sparsity.keras
    finally:  # importing it switches Keras for the whole process
        if legacy is None:
            os.environ.pop("TF_USE_LEGACY_KERAS", None)
