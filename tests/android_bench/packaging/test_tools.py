# SPDX-License-Identifier: Apache-2.0
"""Programs that lack or fail are named, and so is the way out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest

from android_bench.packaging import tools
from android_bench.packaging.paths import REPOSITORY
from android_bench.packaging.steps import STEPS
from android_bench.packaging.tools import DEBIAN_PACKAGES, PackagingError, fetched, java_home, run


@pytest.mark.parametrize("program", DEBIAN_PACKAGES)
def test_missing_program_is_named_with_its_package(program, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PackagingError, match=f"{program} is not installed.*apt install {DEBIAN_PACKAGES[program]}"):
        run(program)


def test_missing_jdk_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PackagingError, match=r"No JDK is installed.*apt install default-jdk-headless"):
        java_home()


@pytest.mark.skipif(shutil.which("java") is None, reason="needs java")
def test_failure_says_what_the_program_said():
    with pytest.raises(PackagingError, match=r"java failed with status 1:\n.*Nowhere"):
        run("java", "Nowhere")


def test_missing_library_says_how_to_fetch_it(tmp_path, monkeypatch):
    monkeypatch.setattr(tools, "FETCHED", tmp_path)
    with pytest.raises(PackagingError, match=r"r8\.jar is missing.*make android-fetch"):
        fetched("r8.jar")


def packaging(*arguments):
    command = [sys.executable, "-m", "android_bench.packaging", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, env={"PATH": "/nowhere"})


def test_help_names_the_steps():
    done = packaging("--help")
    assert done.returncode == 0
    assert set(re.findall(r"^    (\w+)", done.stdout, re.MULTILINE)) == set(STEPS)


def test_unknown_processor_is_refused():
    done = packaging("apk", "mips")
    assert done.returncode == 2
    assert "invalid choice: 'mips'" in done.stderr


def test_an_error_is_one_line_without_a_trace():
    done = packaging("resources")
    assert done.returncode == 1
    assert done.stderr.startswith("error: aapt2 is not installed. Run: apt install aapt")
    assert "Traceback" not in done.stderr
