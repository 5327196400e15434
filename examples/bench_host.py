# SPDX-License-Identifier: Apache-2.0
"""Times two convolutions on this machine: dense, and with the winners alone.

    python examples/bench_host.py [--winner-rate 0.5] [--runs 300] [--json result.json]

Needs no Keras: only an interpreter package such as ai-edge-litert. To time files of your own, pass their paths to
`bench`, or use the command `tfsparse bench sparse.tflite --against dense.tflite`.
"""

import argparse
from pathlib import Path

from tfsparse.bench.models.layers import LayerShape, dense_layer, random_input, winner_layer
from tfsparse.bench.runner import bench


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--winner-rate", type=float, default=0.5)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--json", type=Path, help="a file for the whole result")
    arguments = parser.parse_args()

    # The second stage of a ResNet-18: 28x28 pixels, 128 channels in and out, 3x3 kernel.
    shape = LayerShape(
        "resnet18", "stage2", "conv2d", height=28, width=28, channels=128, outputs=128, kernel=3, stride=1
    )
    result = bench(
        winner_layer(shape, arguments.winner_rate),
        against=dense_layer(shape),
        runs=arguments.runs,
        data=random_input(shape),
    )

    dense, sparse = result.dense.latency_ms, result.sparse.latency_ms
    print(f"{result.machine.soc}, {result.runtime} {result.versions['runtime']}, winner operators on {result.isa}")
    print(f"dense   {dense.median:.3f} ms  ({dense.p5:.3f} to {dense.p95:.3f})")
    print(f"sparse  {sparse.median:.3f} ms  ({sparse.p5:.3f} to {sparse.p95:.3f})")
    print(f"of it finding winners: {result.sparse.ranking_ms:.3f} ms")
    print(f"speed-up {result.speedup.value:.2f}x, {result.fraction_of_limit:.0%} of what the saved MACs allow")
    if arguments.json:
        arguments.json.write_text(result.to_json())


if __name__ == "__main__":
    main()
