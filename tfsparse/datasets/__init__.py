# SPDX-License-Identifier: Apache-2.0
"""Labelled images as NumPy arrays: scikit-learn's digits, or an `.npz` file of yours."""

from tfsparse.datasets.dataset import Dataset
from tfsparse.datasets.digits import load_digits
from tfsparse.datasets.images import as_model_input
from tfsparse.datasets.npz import load_npz

__all__ = ["Dataset", "as_model_input", "load_digits", "load_npz"]
