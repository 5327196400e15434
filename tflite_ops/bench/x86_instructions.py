# SPDX-License-Identifier: Apache-2.0
"""Instructions that the AVX2 kernels execute on one fixed case each, by callgrind.

Valgrind does not know AVX-512. What it counts is the same on every machine; it says nothing of caches and pipelines.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from kernel_report import SKIPPED, Report, UnavailableError, kernel_name, main, output_of

PATH = Path(__file__).parent / "reports" / "x86_instructions.json"
_LINE = re.compile(r"\s*([\d,]+) \(.*?\)\s+\S*?:((?:void )?tfsparse::core::\(anonymous namespace\)::.+?)(?: \[.*)?$")


def measure(binary: str) -> Report:
    """The instructions of every kernel that `binary`, which is run_kernels, runs."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts"
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}"]
        try:
            output_of(*valgrind, binary, "avx2")
        except subprocess.CalledProcessError as error:
            if error.returncode == SKIPPED:
                raise UnavailableError("this machine has no AVX2") from error
            raise
        annotated = output_of("callgrind_annotate", "--threshold=100", "--auto=no", str(counts))
    return Report({"compiler": compiler(binary)}, {name: {"instructions": n} for name, n in kernels(annotated)})


def kernels(annotated: str) -> list[tuple[str, int]]:
    """Names and instructions of the kernels in what callgrind_annotate prints."""
    found = [line for text in annotated.splitlines() if (line := _LINE.match(text))]
    return [(kernel_name(line[2]), int(line[1].replace(",", ""))) for line in found]


def compiler(binary: str) -> str:
    """What the executable says of its compiler."""
    return re.findall(r"\]\s+(.+)", output_of("readelf", "-p", ".comment", binary))[0]


def show(report: Report) -> str:
    """A line for each kernel."""
    return "\n".join(f"{figures['instructions']:>10.0f}  {name}" for name, figures in sorted(report.loops.items()))


if __name__ == "__main__":
    main(__doc__.splitlines()[0], PATH, measure, show)
