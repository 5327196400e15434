# SPDX-License-Identifier: Apache-2.0
"""Whether the layers' times, from probe to probe, add up to the network's: `python -m tests.benchmarks.layer_times`.

Runs each network with and without probes by turns. Arguments are `.tflite` files of dense models; without any, LeNet-4,
AlexNet, ResNet-18 and MobileNet-v1 with random weights are measured.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import tfsparse
from tfsparse import ops
from tfsparse.bench.inputs import random_samples
from tfsparse.bench.networks.architectures import ALEXNET, MOBILENET_V1, RESNET18
from tfsparse.bench.networks.calibration import calibrated_filters
from tfsparse.bench.networks.graph import network_model
from tfsparse.bench.probes import add_probes
from tfsparse.bench.statistics import paired_ratio
from tfsparse.bench.timing import time_once
from tfsparse.models import lenet4
from tfsparse.runtime.interpreter import Interpreter


def measure(name: str, model: bytes, runs: int, threads: int) -> str:
    """One row of the table."""
    plain, probed = Interpreter(model, threads), Interpreter(add_probes(model), threads, profiling=True)
    samples = random_samples(plain)
    whole, with_probes, layers, copies = [], [], [], []
    for run in range(runs + 3):
        sample = samples[run % len(samples)]
        times = {}
        for interpreter in (plain, probed) if run % 2 else (probed, plain):
            times[interpreter] = time_once(interpreter, sample)
        phases = [entry["phases"] for entry in probed.profile() if entry["op"] == ops.Probe.NAME]
        if run < 3:
            continue
        whole.append(times[plain])
        with_probes.append(times[probed])
        layers.append(sum(phase["layer"] for phase in phases) / 1e6)
        copies.append(sum(phase["copy"] for phase in phases) / 1e6)
    total, slower = paired_ratio(layers, whole), paired_ratio(with_probes, whole)
    return (
        f"| {name} | {len(phases)} | {statistics.median(whole):.3f} | {total.value:.3f} ({total.low:.3f} to "
        f"{total.high:.3f}) | {slower.value:.3f} | {statistics.median(copies):.3f} |"
    )


def networks() -> Iterator[tuple[str, bytes]]:
    """The dense networks by name."""
    with tempfile.TemporaryDirectory() as folder:
        tfsparse.convert(lenet4((28, 28, 1), 10), Path(folder, "lenet4.tflite"))
        yield "lenet4", Path(folder, "lenet4.tflite").read_bytes()
    for architecture in (ALEXNET, RESNET18, MOBILENET_V1):
        size = architecture.image_size
        images = np.random.default_rng(0).random((2, size, size, 3), np.float32)
        yield architecture.name, network_model(architecture, calibrated_filters(architecture, images, {}), {})


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    given = [(path.stem, path.read_bytes()) for path in arguments.models]
    print("| network | probes | dense ms | layers / whole | with probes / without | probes' own ms |")
    for name, model in given or networks():
        print(measure(name, model, arguments.runs, arguments.threads), flush=True)


if __name__ == "__main__":
    main()
