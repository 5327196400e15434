# SPDX-License-Identifier: Apache-2.0
"""What Android 6 lacks is called where the version is asked for first, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

from android_bench.packaging.compilation import compile_kotlin
from android_bench.packaging.libraries import tensorflow_lite_classes
from android_bench.packaging.steps import APP, APP_CLASSES, DELEGATE_CLASSES
from android_bench.packaging.tools import fetched, join, run

CHECKER = Path(__file__).with_name("CheckApi.java")

# Class of the app -> what it uses of later versions, each behind a comparison of Build.VERSION.SDK_INT in its file.
GUARDED = {
    "dev.tfsparse.bench.MainActivity": {
        "void dev.tfsparse.bench.MainActivity.setShowWhenLocked(boolean)",
        "void dev.tfsparse.bench.MainActivity.setTurnScreenOn(boolean)",
    },
    "dev.tfsparse.bench.ui.Screen": {
        "android.graphics.Insets",
        "android.graphics.Insets android.view.WindowInsets.getInsets(int)",
        "android.view.WindowInsets android.view.WindowInsets.CONSUMED",
        "int android.graphics.Insets.bottom",
        "int android.graphics.Insets.left",
        "int android.graphics.Insets.right",
        "int android.graphics.Insets.top",
        "int android.view.WindowInsets.Type.displayCutout()",
        "int android.view.WindowInsets.Type.ime()",
        "int android.view.WindowInsets.Type.systemBars()",
    },
    "dev.tfsparse.bench.phone.PhoneReader": {
        "int android.os.PowerManager.getCurrentThermalStatus()",
        "String android.os.Build.SOC_MANUFACTURER",
        "String android.os.Build.SOC_MODEL",
    },
}


def newer_references(jars, checks, *libraries):
    """Class of the jars -> what it refers to that Android 6 lacks and D8 does not put in its place."""
    said = run(
        "java",
        *("-cp", join([checks / "animal-sniffer.jar", checks / "asm.jar"]), CHECKER),
        *(checks / "gummy-bears-api-23.signature", *jars, "--", *libraries, fetched("kotlin-stdlib.jar")),
    )
    found: dict[str, set[str]] = {}
    for name, reference in re.findall(r"\.jar:(\S+?)\.class\S*: Undefined reference: (.*)", said):
        found.setdefault(name.replace("/", ".").split("$")[0], set()).add(reference)
    return found


def test_delegate_and_tensorflow_lite_need_android_6_and_each_other_alone(aar, checks):
    assert newer_references([DELEGATE_CLASSES, *tensorflow_lite_classes()], checks) == {}


def test_app_asks_for_the_version_before_it_uses_a_later_one(apk, checks):
    assert newer_references([APP_CLASSES], checks, DELEGATE_CLASSES, *tensorflow_lite_classes()) == GUARDED
    for name in GUARDED:
        assert "SDK_INT" in (APP / f"src/main/kotlin/{name.replace('.', '/')}.kt").read_text()


def test_a_later_method_is_found(apk, checks, tmp_path):
    source = tmp_path / "kotlin/Later.kt"
    source.parent.mkdir()
    source.write_text("class Later : android.app.Activity() { fun split() = isInMultiWindowMode }\n")
    jar = tmp_path / "later.jar"
    compile_kotlin(jar, [source.parent], module="later", classpath=[fetched("android-all.jar")])
    assert newer_references([jar], checks) == {"Later": {"boolean Later.isInMultiWindowMode()"}}
