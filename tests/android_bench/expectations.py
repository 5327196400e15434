# SPDX-License-Identifier: Apache-2.0
"""Writes what the app's tests on the JVM compare with: models, arrays, and what Python and NumPy make of them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import interpreter as litert

from tfsparse import ops
from tfsparse.bench.models import operators
from tfsparse.bench.models.builder import ModelBuilder
from tfsparse.bench.models.layers import LayerShape, dense_layer, random_input, winner_layer, zero_skipping_conv
from tfsparse.bench.networks.architectures import MOBILENET_V1
from tfsparse.bench.networks.calibration import calibrated_filters
from tfsparse.bench.networks.graph import network_model
from tfsparse.bench.statistics import paired_ratio, summarize
from tfsparse.datasets import as_model_input
from tfsparse.evaluation import ranks_of_labels
from tfsparse.inspection import describe_model
from tfsparse.runtime.interpreter import Interpreter

CONVOLUTION = LayerShape("net", "conv", "conv2d", height=14, width=14, channels=32, outputs=48, kernel=3, stride=2)
FULLY_CONNECTED = LayerShape("net", "fc", "fully_connected", height=1, width=1, channels=200, outputs=30)
WINNER_RATE = 0.3
IMAGE, WIDTH = 32, 0.25
COMPARED_SAMPLES = 16


def main() -> None:
    """Writes models, sets and `expected.json` into the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path, help="folder with the app's assets")
    parser.add_argument("folder", type=Path, help="where to write to")
    arguments = parser.parse_args()
    write_expectations(arguments.assets, arguments.folder)


def write_expectations(assets: Path, folder: Path) -> None:
    """Writes models, sets and `expected.json`.

    Args:
        assets: Folder with the app's assets.
        folder: Where to write to; it is made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    described: dict[str, Any] = {}
    for name, content, x in _models():
        (folder / f"{name}.tflite").write_bytes(content)
        described[name] = _describe(folder / f"{name}.tflite", x)
        np.savez(folder / f"{name}.npz", x=x, y=np.zeros(len(x), np.int32))
    digits = np.load(assets / "data/digits.npz")
    for name in ("digits_dense", "digits_sparse"):
        path = assets / f"models/{name}.tflite"
        described[name] = _describe(path, as_model_input(digits["x"][:COMPARED_SAMPLES], 4))
        ranks = ranks_of_labels(Interpreter(path), digits["x"], digits["y"], lambda: None)
        described[name]["accuracy"] = {"correct": int(np.sum(ranks == 0)), "samples": len(ranks)}
    expected = {
        "models": described,
        "operators": sorted(ops.WINNER_OPS),
        "statistics": _statistics(),
        "arrays": _arrays(folder),
    }
    (folder / "expected.json").write_text(json.dumps(expected))


def _models() -> Iterator[tuple[str, bytes, np.ndarray]]:
    """Models that together hold every operator of which MACs are counted, and inputs for them."""
    for shape in (CONVOLUTION, FULLY_CONNECTED):
        x = random_input(shape)
        yield f"{shape.layer}_dense", dense_layer(shape), x
        yield f"{shape.layer}_winners", winner_layer(shape, WINNER_RATE), x
    yield "depthwise_winners", _winner_depthwise_conv2d(), random_input(CONVOLUTION)
    yield "conv_skipping", zero_skipping_conv(CONVOLUTION), random_input(CONVOLUTION)
    images = np.random.default_rng(0).random((4, IMAGE, IMAGE, 3), np.float32)
    filters = calibrated_filters(MOBILENET_V1, images, {}, WIDTH)
    rates = {name: WINNER_RATE for name in filters if "/" not in name and name != MOBILENET_V1.first}
    yield "mobilenet_dense", network_model(MOBILENET_V1, filters, {}, IMAGE, WIDTH), images
    yield "mobilenet_winners", network_model(MOBILENET_V1, filters, rates, IMAGE, WIDTH), images


def _winner_depthwise_conv2d() -> bytes:
    builder, channels = ModelBuilder(), CONVOLUTION.channels
    x = builder.input("input", CONVOLUTION.input_shape)
    winners = operators.select_winners(builder, "depthwise", x, WINNER_RATE)
    weights = np.random.default_rng(1).standard_normal((1, 3, 3, channels)).astype(np.float32)
    constants = [builder.constant("filter", weights), builder.constant("bias", weights[0, 0, 0])]
    output = builder.tensor("output", CONVOLUTION.input_shape)
    options = ops.WinnerDepthwiseConv2D("depthwise", 1, 1, 1, 1, "same", "relu")
    builder.winner(options, [x, winners, *constants], [output])
    return builder.finish([output])


def _describe(path: Path, x: np.ndarray) -> dict[str, Any]:
    description = describe_model(path)
    return {
        "bytes": description.bytes,
        "macs": {"dense": description.macs.dense, "computed": description.macs.computed},
        "winner_rates": description.winner_rates,
        "outputs": np.asarray(Interpreter(path).predict(x)).reshape(len(x), -1).tolist(),
        "outputs_cpu": _without_delegate(path, x),
    }


def _without_delegate(path: Path, x: np.ndarray) -> list[list[float]] | None:
    """What the runtime's own kernels compute, whose rounding a deep network with random weights enlarges."""
    interpreter = litert.Interpreter(
        str(path), experimental_op_resolver_type=litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    )
    try:
        interpreter.allocate_tensors()
    except RuntimeError:  # it has operators of tfsparse
        return None
    (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    outputs = []
    for sample in x:
        interpreter.set_tensor(given["index"], sample[np.newaxis])
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(result["index"]).ravel().tolist())
    return outputs


def _statistics() -> list[dict[str, Any]]:
    generator = np.random.default_rng(5)
    cases = []
    for runs in (1, 2, 5, 100, 1001):
        numerators = np.exp(generator.normal(0.5, 0.2, runs))
        denominators = np.exp(generator.normal(0.0, 0.2, runs))
        cases.append(
            {
                "numerators": numerators.tolist(),
                "denominators": denominators.tolist(),
                "summary": vars(summarize(numerators)),
                "ratio": vars(paired_ratio(numerators, denominators)),
            }
        )
    return cases


def _arrays(folder: Path) -> list[dict[str, Any]]:
    """Labelled sets as NumPy writes them, each with its own types, stored or deflated."""
    generator = np.random.default_rng(7)
    cases = []
    for x_type, y_type, save in (("u1", "<i8", np.savez), ("<f4", "<i4", np.savez_compressed)):
        x = (255 * generator.random((5, 3, 2))).astype(x_type)
        y = np.arange(5).astype(y_type)
        name = f"set_{x.dtype.name}.npz"
        save(folder / name, x=x, y=y)
        values = as_model_input(x, 3)
        cases.append({"file": name, "values": values.reshape(5, -1).tolist(), "labels": y.tolist()})
    np.savez(folder / "fortran.npz", x=np.asfortranarray(x), y=y)
    np.savez(folder / "doubles.npz", x=x.astype(np.float64), y=y)
    np.savez(folder / "no_labels.npz", x=x)
    np.savez(folder / "uneven.npz", x=x, y=y[:3])
    return cases


if __name__ == "__main__":
    main()
