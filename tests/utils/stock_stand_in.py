# SPDX-License-Identifier: Apache-2.0
"""Takes the flags of LiteRT's `benchmark_model`, runs the model in Python, and prints the times in its format."""

from __future__ import annotations

import sys
import time

import numpy as np

from tfsparse import Interpreter


def printed(times: list[float]) -> str:
    """One line of statistics, in microseconds."""
    micros = np.array(times).astype(int)
    p5, median, p95 = np.percentile(micros, [5, 50, 95]).astype(int)
    return (
        f"INFO: count={len(micros)} first={micros[0]} curr={micros[-1]} min={micros.min()} max={micros.max()} "
        f"avg={micros.mean():g} std={int(micros.std())} p5={p5} median={median} p95={p95}\n"
    )


def main(flags: dict[str, str]) -> int:
    started = time.perf_counter()
    path = flags["graph"]
    interpreter = Interpreter(path, int(flags["num_threads"]))
    if interpreter.library and "external_delegate_path" not in flags:
        print("ERROR: Encountered unresolved custom op: TfSparseSelectWinners.\nERROR: Benchmarking failed.")
        return 1
    init = (time.perf_counter() - started) * 1e6
    shape = interpreter.input_details[0]["shape"]
    interpreter.set_inputs([np.random.default_rng(0).random(shape, np.float32)])

    def runs(count: int) -> list[float]:
        times = []
        for _ in range(count):
            before = time.perf_counter()
            interpreter.invoke()
            times.append((time.perf_counter() - before) * 1e6)
        return times

    print("INFO: STARTING!")
    warm, timed = runs(int(flags["warmup_runs"])), runs(int(flags["num_runs"]))
    print(printed(warm) if warm else "INFO: count=0")
    print(printed(timed))
    print(
        f"INFO: Inference timings in us: Init: {init:.0f}, First inference: {warm[0] if warm else timed[0]:.0f}, "
        f"Warmup (avg): {np.mean(warm or [0]):g}, Inference (avg): {np.mean(timed):g}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(dict(flag.removeprefix("--").split("=", 1) for flag in sys.argv[1:])))
