# SPDX-License-Identifier: Apache-2.0
"""Cycles per multiplication and addition (MAC) of the NEON kernels' loops, by llvm-mca.

The innermost loops are taken from the object file of the kernels as it was compiled, and simulated with everything in
the first-level cache. A loop's limit is what its fused multiply-adds need if nothing else takes time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kernel_report import Figures, Report, UnavailableError, kernel_name, main, output_of

PATH = Path(__file__).parent / "reports" / "arm_cycles.json"
OBJDUMP = "aarch64-linux-gnu-objdump"
READELF = "aarch64-linux-gnu-readelf"
ANALYSER = "llvm-mca-19"
LANES = 4


@dataclass(frozen=True)
class Core:
    """A processor core.

    Attributes:
        model: The core whose scheduling model llvm-mca has. It simulates a Cortex-A76 and a Cortex-X1 as if they were
            a Cortex-A57; the Neoverse N1 and V1 are their server versions, with the same pipelines.
        multiply_adds: Vectors that it can multiply and add in a cycle.
    """

    model: str
    multiply_adds: int


CORES = {
    "cortex-a55": Core("cortex-a55", 1),
    "cortex-a76": Core("neoverse-n1", 2),
    "cortex-x1": Core("neoverse-v1", 4),
}


@dataclass(frozen=True)
class Instruction:
    """One instruction at its address; `target` is where a branch goes."""

    address: int
    text: str
    target: int | None

    @property
    def is_vector(self) -> bool:
        """Whether it computes with vectors."""
        return re.search(r"\bv\d+\.", self.text) is not None


def functions(disassembly: str) -> Iterator[tuple[str, list[Instruction]]]:
    """Names and instructions of the functions in what objdump prints."""
    for part in re.split(r"\n\n", disassembly):
        head = re.match(r"\s*[0-9a-f]+ <(.+)>:\n", part)
        if head:
            yield kernel_name(head[1]), [_parse(line) for line in part[head.end() :].splitlines() if "\t" in line]


def _parse(line: str) -> Instruction:
    address, text = re.sub(r"\s*//.*", "", line).split(":", 1)
    branch = re.match(r"(\s*(?:b|b\.\w+|cbn?z|tbn?z)\s(?:.*, )?)([0-9a-f]+) <", text)
    if branch is None:
        return Instruction(int(address, 16), text, None)
    # The analyser needs no real target: a loop is taken to go round.
    return Instruction(int(address, 16), branch[1] + "0", int(branch[2], 16))


def hot_loop(instructions: list[Instruction]) -> list[Instruction]:
    """The innermost loop that computes the most in a round, the shortest of them; empty if there is none.

    Tiles of products have two: the first tiles of a strip also fetch the next weights.
    """
    places = {instruction.address: place for place, instruction in enumerate(instructions)}
    loops: list[list[Instruction]] = [[]]
    for end, instruction in enumerate(instructions):
        start = places.get(instruction.target) if instruction.target is not None else None
        inner = instructions[start:end] if start is not None and start <= end else None
        if inner is not None and all(one.target is None and one.text.split()[0] != "ret" for one in inner):
            loops.append(instructions[start : end + 1])
    return max(loops, key=lambda loop: (sum(instruction.is_vector for instruction in loop), -len(loop)))


def simulate(loops: list[list[Instruction]], core: Core, rounds: int) -> list[int]:
    """Cycles that so many rounds of each loop take."""
    regions = ["\n".join(instruction.text for instruction in loop) for loop in loops]
    text = "".join(
        f"# LLVM-MCA-BEGIN {place}\n{region}\n# LLVM-MCA-END {place}\n" for place, region in enumerate(regions)
    )
    options = ["-mtriple=aarch64", f"-mcpu={core.model}", f"-iterations={rounds}", "-json", "-instruction-info=false"]
    report = json.loads(output_of(ANALYSER, *options, "-", text=text))
    return [region["SummaryView"]["TotalCycles"] for region in report["CodeRegions"]]


def measure(binary: str) -> Report:
    """Cycles per round of every kernel's loop on every core, and the MACs of a round."""
    disassembly = output_of(OBJDUMP, "-d", "-C", "--no-show-raw-insn", binary)
    loops = {name: loop for name, body in functions(disassembly) if (loop := hot_loop(body))}
    if not loops:
        raise UnavailableError(f"{binary} holds no loops for 64-bit Arm")
    figures: dict[str, Figures] = {name: {"macs": macs(loop)} for name, loop in loops.items()}
    for name, core in CORES.items():
        # What a loop takes before it runs steadily is left out.
        short, long = (simulate(list(loops.values()), core, rounds) for rounds in (50, 150))
        for figure, first, last in zip(figures.values(), short, long, strict=True):
            figure[name] = (last - first) / 100
    return Report({"compiler": compiler(binary), "analyser": analyser()}, figures)


def macs(loop: list[Instruction]) -> int:
    """Multiplications with additions in one round."""
    return LANES * sum(instruction.text.split()[0] in ("fmla", "fmls") for instruction in loop)


def compiler(binary: str) -> str:
    """What the object file says of its compiler."""
    return re.findall(r"\]\s+(.+)", output_of(READELF, "-p", ".comment", binary))[0]


def analyser() -> str:
    """The analyser's version."""
    return re.search(r"version \S+", output_of(ANALYSER, "--version"))[0]  # type: ignore[index]


def show(report: Report) -> str:
    """Cycles per MAC, and how often the limit that is, of the kernels that multiply."""
    lines = ["| loop | " + " | ".join(CORES) + " |", "|---|" + "---|" * len(CORES)]
    for name, figures in sorted(report.loops.items()):
        if figures["macs"] == 0:
            continue
        cells = []
        for core, properties in CORES.items():
            cycles = figures[core] / figures["macs"]
            cells.append(f"{cycles:.4f} ({cycles * properties.multiply_adds * LANES:.2f})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    limits = [f"{name} {1 / (core.multiply_adds * LANES):.4f}" for name, core in CORES.items()]
    return "\n".join(["Cycles per MAC (and over the core's limit: " + ", ".join(limits) + ")", *lines])


if __name__ == "__main__":
    main(__doc__.splitlines()[0], PATH, measure, show)
