# SPDX-License-Identifier: Apache-2.0
"""Makes the APK, the APK that instruments it, and the delegate's AAR without Android's SDK, NDK or Gradle.

The Makefile calls the steps in their order and only those whose inputs changed: `make apk`, `make aar`.
"""

from __future__ import annotations

import argparse
import sys

from android_bench.packaging import steps
from android_bench.packaging.libraries import ABIS
from tfsparse.errors import TfsparseError


def main(arguments: list[str] | None = None) -> int:
    """Runs the step that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m android_bench.packaging", description=__doc__)
    commands = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, step in steps.STEPS.items():
        command = commands.add_parser(name, help=step.__doc__, description=step.__doc__)
        if name in ("apk", "aar"):
            command.add_argument("abis", nargs="+", choices=ABIS, metavar="ABI", help=f"one of {', '.join(ABIS)}")
    given = vars(parser.parse_args(arguments))
    try:
        steps.STEPS[given.pop("step")](**given)
    except TfsparseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
