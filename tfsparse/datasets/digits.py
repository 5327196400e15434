# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's handwritten digits, enlarged so that a convolution has something to do."""

from __future__ import annotations

import numpy as np

from tfsparse.datasets.dataset import Dataset
from tfsparse.errors import RuntimeUnavailableError

TEST_SHARE = 0.25
SOURCE_SIDE = 8
SOURCE_WHITE = 16.0


def load_digits(side: int = 20, seed: int = 0) -> Dataset:
    """The 1,797 handwritten digits that come with scikit-learn (8 by 8, 16 grey levels), enlarged linearly.

    Needs the extra `tfsparse[train]`. A quarter of each class is kept for the test.

    Args:
        side: Height and width of the images, in pixels; 8 leaves them as they are.
        seed: Seed of the split.

    Returns:
        `Dataset` of `float32` images `[samples, side, side, 1]` in [0, 1] and `int32` labels.

    Raises:
        RuntimeUnavailableError: scikit-learn is not installed.

    Example:

    >>> load_digits(side=16).x_test.shape
    (450, 16, 16, 1)
    """
    try:
        from scipy import ndimage
        from sklearn import datasets, model_selection
    except ImportError as error:
        raise RuntimeUnavailableError(
            "scikit-learn is not installed.", received=str(error), remedy="Install it: pip install 'tfsparse[train]'."
        ) from error
    source = datasets.load_digits()
    factor = side / SOURCE_SIDE
    images = ndimage.zoom(source.images / SOURCE_WHITE, (1, factor, factor), order=1, mode="nearest", grid_mode=True)
    x_train, x_test, y_train, y_test = model_selection.train_test_split(
        images[..., np.newaxis].astype(np.float32),
        source.target.astype(np.int32),
        test_size=TEST_SHARE,
        stratify=source.target,
        random_state=seed,
    )
    return Dataset(x_train, y_train, x_test, y_test)
