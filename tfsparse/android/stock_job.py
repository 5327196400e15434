# SPDX-License-Identifier: Apache-2.0
"""Measures with LiteRT's own `benchmark_model`, which takes our library as an external delegate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfsparse.android import layout
from tfsparse.android.adb import Connection
from tfsparse.android.deadline import Deadline
from tfsparse.android.failures import shortened
from tfsparse.android.phones_result import Line, Measurement
from tfsparse.android.programs import program_parcel
from tfsparse.android.push import Parcel, push
from tfsparse.android.side_by_side import Say
from tfsparse.android.stock_output import StockTimes, parse_stock
from tfsparse.bench.statistics import Interval, paired_ratio, summarize
from tfsparse.errors import PhoneError

PROGRAM = "benchmark_model"
LIBRARY = "libtfsparse_jni.so"


@dataclass(frozen=True)
class StockJob:
    """Several rounds of `benchmark_model`, sparse and dense by turns.

    Attributes:
        sparse: Name of the sparse model.
        dense: Name of the dense one, or `None`.
        parcels: The program and the models.
        requests: Serial number → name of the measurement on that phone.
        rounds: Calls of the program for each model.
        runs: Timed runs of each call.
        warmup: Runs before.
        threads: Threads of a run.
        isa: Instruction set of the winner operators, or `auto`.
        library: Our library on this machine, or `None` for what was built for the phone's ABI.
    """

    sparse: str
    dense: str | None
    parcels: Sequence[Parcel]
    requests: Mapping[str, str]
    rounds: int
    runs: int
    warmup: int
    threads: int
    isa: str
    library: Path | None = None

    def measure(self, phone: Connection, attempt: int, deadline: Deadline, say: Say) -> Measurement:
        """Runs all rounds; those before a loss do not count, as the phone may have changed.

        The program may still be at work after a loss, and would disturb the new one.
        """
        if attempt > 1:
            self.stop(phone)
        say("bringing the files")
        push(phone, [program_parcel(phone, LIBRARY, self.library, "--delegate-library"), *self.parcels])
        models = [self.sparse] if self.dense is None else [self.sparse, self.dense]
        times: dict[str, list[StockTimes]] = {model: [] for model in models}
        for turn in range(self.rounds):
            say(f"round {turn + 1} of {self.rounds}")
            for model in models if turn % 2 == 0 else reversed(models):
                times[model].append(self._call(phone, model, deadline))
        result = self._result(times)
        content = (json.dumps(result, indent=2) + "\n").encode()
        return Measurement(f"{self.requests[phone.serial]}.json", content, result, [_line(result)])

    def stop(self, phone: Connection) -> None:
        """Ends the program."""
        phone.run(["pkill", PROGRAM])

    def _call(self, phone: Connection, model: str, deadline: Deadline) -> StockTimes:
        """`min_secs` is 0, else short runs would be repeated for a second, more often than was asked for."""
        done = phone.run(
            [
                f"{layout.PROGRAMS}/{PROGRAM}",
                f"--graph={layout.MODELS}/{model}",
                f"--num_threads={self.threads}",
                f"--num_runs={self.runs}",
                f"--warmup_runs={self.warmup}",
                "--min_secs=0",
                "--warmup_min_secs=0",
                "--use_xnnpack=true",
                *(self._delegate() if model == self.sparse else ()),
            ],
            timeout_s=deadline.left(),
        )
        if done.status != 0:
            raise PhoneError(
                f"benchmark_model failed on phone {phone.serial} with {model}.",
                received=shortened(done.text) or "no output",
            )
        return parse_stock(done.text, model)

    def _delegate(self) -> list[str]:
        path = f"--external_delegate_path={layout.PROGRAMS}/{LIBRARY}"
        return [path, f"--external_delegate_options=num_threads:{self.threads};isa:{self.isa}"]

    def _result(self, times: Mapping[str, Sequence[StockTimes]]) -> dict[str, Any]:
        sides = {name: [call.typical_ms for call in calls] for name, calls in times.items()}
        dense = None if self.dense is None else _side(self.dense, times[self.dense])
        speedup = None if self.dense is None else paired_ratio(sides[self.dense], sides[self.sparse])
        return {
            "rounds": self.rounds,
            "threads": self.threads,
            "isa": self.isa,
            "sparse": _side(self.sparse, times[self.sparse]),
            "dense": dense,
            "speedup": None if speedup is None else asdict(speedup),
        }


def _side(model: str, calls: Sequence[StockTimes]) -> dict[str, Any]:
    median = summarize([call.typical_ms for call in calls]).median
    return {"model": model, "median_ms": median, "rounds": [asdict(call) for call in calls]}


def _line(result: Mapping[str, Any]) -> Line:
    sparse, dense, speedup = result["sparse"], result["dense"], result["speedup"]
    interval = None if speedup is None else Interval(**speedup)
    return Line(
        what=sparse["model"],
        sparse_ms=sparse["median_ms"],
        dense_ms=None if dense is None else dense["median_ms"],
        speedup=interval.value if interval else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
    )
