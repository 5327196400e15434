# SPDX-License-Identifier: Apache-2.0
"""How many images a second one core makes into batches: python -m tests.benchmarks.data_batches

CIFAR-sized arrays, and JPEG files of 500 by 375 pixels that are decoded for each batch. Processor time counts, since
other programs stretch wall time.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from tests.utils.images import encoded
from tfsparse.datasets import Augmentation, TrainingBatches, load_dataset

IMAGES, BATCH = 20_000, 128
FILES, FILE_BATCH = 256, 32


def rate(batches: TrainingBatches) -> float:
    """Images a second of processor time, in the fastest of three epochs."""
    best = 0.0
    for _ in range(3):
        started = time.process_time()
        count = sum(len(labels) for _, labels in batches)
        best = max(best, count / (time.process_time() - started))
    return best


def write_photographs(root: Path) -> None:
    """JPEG files of smooth noise, which compress like photographs."""
    rng = np.random.default_rng(0)
    for part in ("train", "test"):
        folder = root / part / "noise"
        folder.mkdir(parents=True)
        for number in range(FILES):
            coarse = rng.integers(0, 256, (25, 20, 3), np.uint8)
            pixels = np.kron(coarse, np.ones((15, 25, 1), np.uint8))
            (folder / f"{number}.jpg").write_bytes(encoded(pixels, "jpeg"))


def main() -> None:
    """Measures and prints a line each."""
    x, y = np.random.default_rng(0).integers(0, 256, (IMAGES, 32, 32, 3), np.uint8), np.zeros(IMAGES, int)
    for size, augmentation in ((24, Augmentation(flip=True)), (32, Augmentation(pad=4, flip=True))):
        found = rate(TrainingBatches(x, y, (size, size, 3), BATCH, augmentation))
        print(f"array, {size} x {size} of 32 x 32, {augmentation}: {found:,.0f} images/s")
    with tempfile.TemporaryDirectory() as folder:
        write_photographs(Path(folder))
        photographs = load_dataset(folder, image_size=256, in_memory=False)
        batches = TrainingBatches(
            photographs.x_train, photographs.y_train, (224, 224, 3), FILE_BATCH, Augmentation(flip=True)
        )
        print(f"JPEG files, 224 x 224 of 256 x 256: {rate(batches):,.0f} images/s")


if __name__ == "__main__":
    main()
