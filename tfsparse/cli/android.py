# SPDX-License-Identifier: Apache-2.0
"""`tfsparse android`: everything that is done with phones from the desk, as one group of commands."""

from __future__ import annotations

import typer

from tfsparse.cli.android_bench import android_bench
from tfsparse.cli.android_devices import android_devices
from tfsparse.cli.android_pull import android_pull
from tfsparse.cli.android_push import android_push

android = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")


@android.callback()
def _android() -> None:
    """Measure models on Android phones that are attached to this computer.

    Needs adb, and the benchmark app, which `make apk` builds, for all but `bench --native` and `--benchmark-model`.

    Examples:

        tfsparse android devices

        tfsparse android bench sparse.tflite --against dense.tflite --apk build/android/tfsparse-bench.apk
    """


android.command("devices")(android_devices)
android.command("push")(android_push)
android.command("bench")(android_bench)
android.command("pull")(android_pull)
