# SPDX-License-Identifier: Apache-2.0
"""Numbers out of variables, whatever is being traced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
from keras import ops


def read_outside_traces(variable: keras.Variable) -> np.ndarray:
    """The value that a variable has now, also while a converter or a compiler traces the layer that holds it."""
    # Tracing is a state of the thread, so a fresh thread reads the number.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(ops.convert_to_numpy, variable).result()
