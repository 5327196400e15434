# SPDX-License-Identifier: Apache-2.0
"""Names that the desk and the benchmark app share: the app, its intent, and the folders on the phone."""

from __future__ import annotations

PACKAGE = "dev.tfsparse.bench"
ACTIVITY = f"{PACKAGE}/.MainActivity"
RUN_ACTION = f"{PACKAGE}.RUN"
LOG_TAG = "tfsparse"

FOLDER = "/data/local/tmp/tfsparse"
"""Readable by apps, writable by adb."""

MODELS = f"{FOLDER}/models"
DATA = f"{FOLDER}/data"
PROGRAMS = f"{FOLDER}/bin"
OUTPUTS = f"{FOLDER}/outputs"
"""What programs without the app print."""

APP_FILES = f"/sdcard/Android/data/{PACKAGE}/files"
RESULTS = f"{APP_FILES}/results"

PROBED_SUFFIX = ".layers.tflite"
"""Of the twin of a dense model that times its layers."""

ERROR_SUFFIX = ".error.json"
RESULT_SUFFIX = ".json"

THERMAL = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
"""Android's thermal states by their number."""
