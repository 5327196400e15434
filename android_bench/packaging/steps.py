# SPDX-License-Identifier: Apache-2.0
"""The steps from the sources to the packages, each from files to files."""

from __future__ import annotations

from collections.abc import Callable

from android_bench.packaging.aar import build_aar
from android_bench.packaging.apk import build_apk
from android_bench.packaging.compilation import compile_kotlin
from android_bench.packaging.dex import shrink, translate
from android_bench.packaging.libraries import tensorflow_lite_classes, tensorflow_lite_manifests, tensorflow_lite_rules
from android_bench.packaging.manifest import complete_app_manifest, instrumentation_manifest
from android_bench.packaging.paths import APP, ASSETS, BUILT, DELEGATE, REPOSITORY, WORK
from android_bench.packaging.resources import LinkedResources, link
from android_bench.packaging.tools import fetched
from tfsparse import __version__

RUNNER = "dev.tfsparse.bench.test.BenchRunner"

APP_MANIFEST = WORK / "AndroidManifest.xml"
APP_RESOURCES = LinkedResources(WORK / "resources")
APP_CLASSES = WORK / "app.jar"
APP_BYTECODE = WORK / "bytecode.zip"
DELEGATE_CLASSES = WORK / "delegate.jar"
MAPPING = BUILT / "mapping.txt"


def delegate() -> None:
    """Compiles the delegate's Kotlin."""
    classpath = [fetched("android-all.jar"), *tensorflow_lite_classes()]
    compile_kotlin(DELEGATE_CLASSES, [DELEGATE / "src/main/kotlin"], module="tfsparse-delegate", classpath=classpath)


def resources() -> None:
    """Completes the app's manifest and links its resources and assets."""
    source = APP / "src/main/AndroidManifest.xml"
    complete_app_manifest(source, APP_MANIFEST, version=__version__, libraries=tensorflow_lite_manifests())
    link(APP_MANIFEST, APP_RESOURCES.folder, resources=APP / "src/main/res", assets=ASSETS)


def app() -> None:
    """Compiles the app's Kotlin, against the delegate and the resources."""
    classpath = [DELEGATE_CLASSES, fetched("android-all.jar"), *tensorflow_lite_classes()]
    compile_kotlin(
        APP_CLASSES,
        [APP / "src/main/kotlin"],
        module="tfsparse-bench",
        classpath=classpath,
        java=APP_RESOURCES.java,
    )


def bytecode() -> None:
    """Shrinks the app with all its libraries and translates it to Android's bytecode."""
    rules = [APP / "proguard-rules.pro", DELEGATE / "consumer-rules.pro", APP_RESOURCES.keep_rules]
    kotlin = [fetched("kotlin-stdlib.jar"), fetched("annotations.jar")]
    libraries = [DELEGATE_CLASSES, *tensorflow_lite_classes(), *kotlin]
    shrink(APP_BYTECODE, [APP_CLASSES, *libraries], [*rules, *tensorflow_lite_rules()], MAPPING)


def apk(abis: list[str]) -> None:
    """Puts the app's APK together, checks what is in it, and signs it."""
    build_apk(
        BUILT / "tfsparse-bench.apk",
        unsigned=WORK / "tfsparse-bench-unsigned.apk",
        manifest=APP_MANIFEST,
        resources=APP_RESOURCES.archive,
        bytecode=APP_BYTECODE,
        abis=abis,
    )


def instrumentation() -> None:
    """Makes the APK by which device farms run the app."""
    folder = WORK / "instrumentation"
    manifest, classes, bytecode = folder / "AndroidManifest.xml", folder / "classes.jar", folder / "bytecode.zip"
    instrumentation_manifest(manifest, app=APP_MANIFEST, runner=RUNNER, version=__version__)
    libraries = [APP_CLASSES, fetched("android-all.jar")]
    compile_kotlin(classes, [APP / "src/androidTest/kotlin"], module="tfsparse-bench-test", classpath=libraries)
    translate(bytecode, [classes], [APP_CLASSES])
    build_apk(
        BUILT / "tfsparse-bench-test.apk",
        unsigned=folder / "unsigned.apk",
        manifest=manifest,
        resources=link(manifest, folder / "resources").archive,
        bytecode=bytecode,
        abis=[],
    )


def aar(abis: list[str]) -> None:
    """Puts the delegate's AAR together."""
    build_aar(
        BUILT / "tfsparse-delegate.aar",
        classes=DELEGATE_CLASSES,
        rules=DELEGATE / "consumer-rules.pro",
        licence=REPOSITORY / "LICENSE",
        abis=abis,
    )


STEPS: dict[str, Callable[..., None]] = {
    "delegate": delegate,
    "resources": resources,
    "app": app,
    "bytecode": bytecode,
    "apk": apk,
    "instrumentation": instrumentation,
    "aar": aar,
}
