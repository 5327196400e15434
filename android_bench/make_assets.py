# SPDX-License-Identifier: Apache-2.0
"""Makes the models and the labelled set that the app brings along, from the networks of `tfsparse demo`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from tfsparse import models
from tfsparse.bench.probes import add_probes
from tfsparse.cli.keras_inputs import start_keras
from tfsparse.datasets import load_digits
from tfsparse.demo import flow

WHITE = 255


def make_assets(folder: Path) -> None:
    """Trains the demo's networks and writes `models/` and `data/` into a folder.

    Args:
        folder: Where to; it is made if it is not there.
    """
    (folder / "models").mkdir(parents=True, exist_ok=True)
    (folder / "data").mkdir(exist_ok=True)
    digits, settings = load_digits(), flow.DemoSettings()
    with tempfile.TemporaryDirectory() as work:
        dense = flow.train_dense(digits, models.digits_net, settings)
        sparse, _ = flow.make_sparse(dense, digits, settings)
        report = flow.convert_and_verify(dense, sparse, digits, Path(work), settings)
        if not report.passed:
            raise SystemExit(f"The converted model differs from the Keras model: {report}")
        files = {name: (Path(work) / f"{name}.tflite").read_bytes() for name in ("dense", "sparse")}
    files["dense.layers"] = add_probes(files["dense"], like=files["sparse"])
    for name, content in files.items():
        (folder / f"models/digits_{name}.tflite").write_bytes(content)
    images = np.round(WHITE * digits.x_test).astype(np.uint8)
    np.savez_compressed(folder / "data/digits.npz", x=images, y=digits.y_test.astype(np.int64))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write them")
    arguments = parser.parse_args()
    start_keras()
    make_assets(arguments.folder)
