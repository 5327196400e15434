# SPDX-License-Identifier: Apache-2.0
"""What a method adds to a training step of LeNet-4: python -m tests.benchmarks.training_step [--method METHOD] [--jit]

Two networks with the method and two without take their steps by turns in one process; the ratio of the two without
tells the noise. Methods: `wta` (three `WTADropout` layers), `sampled` (`SampledWTADropout` in their places), `l1` and
`tl1` (`ActivationRegularization` of all three ReLUs). Processor time counts, since other programs stretch wall time.
"""

from __future__ import annotations

import argparse
import time

import keras
import numpy as np

import tfsparse as ts
from tfsparse.models import lenet4

BATCH = 128
WARMUP_STEPS = 3


MASKS = {"wta": "winners", "sampled": "sampled"}
PENALTIES = {"l1": keras.regularizers.L1(1e-6), "tl1": ts.regularizers.TransformedL1(1e-6)}


def build(method: str | None, jit_compile: bool) -> keras.Model:
    """LeNet-4 as it is, or ready to be trained by a method."""
    model = lenet4((28, 28, 1), 10)
    if method in MASKS:
        model = ts.sparsify(model, 0.4, mask=MASKS[method])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=jit_compile)
    if method in PENALTIES:
        callback = ts.callbacks.ActivationRegularization(PENALTIES[method])
        callback.set_model(model)
        callback.on_train_begin()
        callback.on_epoch_begin(0)
    return model


def step_ms(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Milliseconds of processor time that one step takes."""
    started = time.process_time()
    model.train_on_batch(x, y)
    return (time.process_time() - started) * 1e3


def main() -> None:
    """Measures and prints one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--method", choices=[*MASKS, *PENALTIES], default="wta")
    parser.add_argument("--jit", action="store_true", help="compile the step with XLA")
    parser.add_argument("--steps", type=int, default=40, help="steps of each network")
    chosen = parser.parse_args()
    generator = np.random.default_rng(0)
    x, y = generator.random((BATCH, 28, 28, 1), np.float32), generator.integers(0, 10, BATCH)
    models = [build(method, chosen.jit) for method in (None, chosen.method) * 2]
    for model in models:
        for _ in range(WARMUP_STEPS):
            step_ms(model, x, y)
    times = np.array([[step_ms(model, x, y) for model in models] for _ in range(chosen.steps)])
    dense, sparse = np.median(times[:, ::2]), np.median(times[:, 1::2])
    noise = np.median(times[:, 2]) / np.median(times[:, 0]) - 1
    print(f"dense {dense:.1f} ms, with {chosen.method} {sparse:.1f} ms: {sparse / dense - 1:+.1%} (noise {noise:+.1%})")


if __name__ == "__main__":
    main()
