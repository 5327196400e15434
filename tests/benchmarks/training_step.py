# SPDX-License-Identifier: Apache-2.0
"""What a method adds to a training step: python -m tests.benchmarks.training_step [--network NAME] [--method METHOD]

Two networks with the method and two without take their steps by turns in one process; the ratio of the two without
tells the noise. Methods: `wta` (a `WTADropout` layer wherever one can be), `sampled` (`SampledWTADropout` in their
places), `l1` and `tl1` (`ActivationRegularization` of all ReLUs), `pruned` (`MagnitudePruning` that holds zeros).
Processor time counts, since other programs stretch wall time.
"""

from __future__ import annotations

import argparse
import time

import keras
import numpy as np

import tfsparse as ts
from tfsparse.models import find_model

BATCH = 128
WARMUP_STEPS = 3


MASKS = {"wta": "winners", "sampled": "sampled"}
PENALTIES = {"l1": keras.regularizers.L1(1e-6), "tl1": ts.regularizers.TransformedL1(1e-6)}
PRUNED = "pruned"


def build(network: str, method: str | None, jit_compile: bool) -> tuple[keras.Model, keras.callbacks.Callback]:
    """A network as it is, or ready to be trained by a method; and the callback that sees its steps."""
    model = find_model(network).build()
    if method in MASKS:
        model = ts.sparsify(model, 0.4, mask=MASKS[method])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=jit_compile)
    callback = keras.callbacks.Callback()
    if method in PENALTIES:
        callback = ts.callbacks.ActivationRegularization(PENALTIES[method])
    elif method == PRUNED:
        callback = ts.callbacks.MagnitudePruning(ts.schedules.ConstantSparsity(0.9, begin_step=0, end_step=0))
    callback.set_model(model)
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    return model, callback


def step_ms(model: keras.Model, callback: keras.callbacks.Callback, x: np.ndarray, y: np.ndarray) -> float:
    """Milliseconds of processor time that one step takes."""
    started = time.process_time()
    model.train_on_batch(x, y)
    callback.on_train_batch_end(0)
    return (time.process_time() - started) * 1e3


def main() -> None:
    """Measures and prints one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="lenet4", help="a network of the catalog")
    parser.add_argument("--method", choices=[*MASKS, *PENALTIES, PRUNED], default="wta")
    parser.add_argument("--jit", action="store_true", help="compile the step with XLA")
    parser.add_argument("--steps", type=int, default=40, help="steps of each network")
    chosen = parser.parse_args()
    generator = np.random.default_rng(0)
    entry = find_model(chosen.network)
    x = generator.random((BATCH, *entry.input_shape), np.float32)
    y = generator.integers(0, entry.num_classes, BATCH)
    trained = [build(chosen.network, method, chosen.jit) for method in (None, chosen.method) * 2]
    for each in trained:
        for _ in range(WARMUP_STEPS):
            step_ms(*each, x, y)
    times = np.array([[step_ms(*each, x, y) for each in trained] for _ in range(chosen.steps)])
    dense, sparse = np.median(times[:, ::2]), np.median(times[:, 1::2])
    noise = np.median(times[:, 2]) / np.median(times[:, 0]) - 1
    print(f"dense {dense:.1f} ms, with {chosen.method} {sparse:.1f} ms: {sparse / dense - 1:+.1%} (noise {noise:+.1%})")


if __name__ == "__main__":
    main()
