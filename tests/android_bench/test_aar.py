# SPDX-License-Identifier: Apache-2.0
"""The delegate's AAR, used as an app uses it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from android_bench.packaging.aar import METADATA, build_aar
from android_bench.packaging.archives import read_zip
from android_bench.packaging.compilation import compile_kotlin
from android_bench.packaging.dex import shrink
from android_bench.packaging.libraries import ABIS, tensorflow_lite_classes, tensorflow_lite_rules
from android_bench.packaging.paths import NATIVE
from android_bench.packaging.steps import DELEGATE, DELEGATE_CLASSES, REPOSITORY
from android_bench.packaging.tools import PackagingError, fetched, join, run
from tests.utils.android_library import check_delegate

KOTLIN = """
package user

import dev.tfsparse.delegate.TfSparseDelegate

fun classify(model: java.nio.ByteBuffer, input: Any, output: Any) {
    val delegate = TfSparseDelegate(TfSparseDelegate.Options(numThreads = 2))
    org.tensorflow.lite.Interpreter(model, org.tensorflow.lite.Interpreter.Options().addDelegate(delegate)).use {
        it.run(input, output)
    }
    delegate.close()
}
"""
JAVA = """
package user;

class Classifier {
    void classify(java.nio.ByteBuffer model, Object input, Object output) {
        try (var delegate = new dev.tfsparse.delegate.TfSparseDelegate();
             var interpreter = new org.tensorflow.lite.Interpreter(
                 model, new org.tensorflow.lite.Interpreter.Options().addDelegate(delegate))) {
            interpreter.run(input, output);
        }
    }
}
"""


@pytest.fixture(scope="module")
def contents(aar):
    return read_zip(aar)


@pytest.fixture
def classes(contents, tmp_path):
    """The AAR's classes as an app gets them."""
    jar = tmp_path / "classes.jar"
    jar.write_bytes(contents["classes.jar"])
    return jar


def test_it_has_what_an_aar_has(contents):
    libraries = {f"jni/{abi}/libtfsparse_jni.so" for abi in ABIS}
    assert set(contents) - {METADATA} == {
        *("AndroidManifest.xml", "classes.jar", "R.txt", "proguard.txt", "LICENSE"),
        *libraries,
    }
    metadata = dict(line.split("=") for line in contents[METADATA].decode().splitlines())
    assert metadata == {"aarFormatVersion": "1.0", "aarMetadataVersion": "1.0", "minCompileSdk": "23"}
    assert contents["proguard.txt"] == (DELEGATE / "consumer-rules.pro").read_bytes()


def test_manifest_asks_for_android_6(contents):
    manifest = ElementTree.fromstring(contents["AndroidManifest.xml"])
    assert manifest.get("package") == "dev.tfsparse.delegate"
    (levels,) = manifest
    assert levels.attrib == {"{http://schemas.android.com/apk/res/android}minSdkVersion": "23"}


@pytest.mark.parametrize("abi", ABIS)
def test_libraries_are_ones_that_android_can_load(contents, abi):
    check_delegate(contents[f"jni/{abi}/libtfsparse_jni.so"], abi)


def test_a_kotlin_program_compiles_against_it(classes, tmp_path):
    write(tmp_path / "kotlin/User.kt", KOTLIN)
    jar = tmp_path / "user.jar"
    libraries = [classes, fetched("android-all.jar"), *tensorflow_lite_classes()]
    compile_kotlin(jar, [tmp_path / "kotlin"], module="user", classpath=libraries)
    assert "user/UserKt.class" in read_zip(jar)


def test_a_java_program_compiles_against_it_and_survives_shrinking(contents, classes, tmp_path):
    """An app that renames all it can still finds its native functions: Java's names are half of theirs."""
    source = write(tmp_path / "java/Classifier.java", JAVA)
    libraries = [classes, *tensorflow_lite_classes(), fetched("kotlin-stdlib.jar"), fetched("annotations.jar")]
    run("javac", "-cp", join([*libraries, fetched("android-all.jar")]), "-d", tmp_path / "classes", source)
    user = tmp_path / "user.jar"
    run("jar", "--create", "--file", user, "-C", tmp_path / "classes", ".")
    rules = write(
        tmp_path / "app.pro",
        "-keep class user.Classifier { *; }\n-dontwarn java.lang.invoke.**, androidx.annotation.**\n",
    )
    consumer = write(tmp_path / "proguard.txt", contents["proguard.txt"].decode())
    bytecode = tmp_path / "bytecode.zip"
    shrink(bytecode, [user, *libraries], [rules, consumer, *tensorflow_lite_rules()], tmp_path / "mapping.txt")
    dump = run("dexdump", "-l", "plain", bytecode)
    (native,) = [part for part in dump.split("Class #") if "Class descriptor  : 'Ldev/tfsparse/delegate/Native" in part]
    assert "name          : 'create'" in native
    assert "name          : 'destroy'" in native
    assert "Ldev/tfsparse/delegate/TfSparseDelegate;" not in dump  # renamed: the rules keep no more than they must


def test_a_missing_library_is_named(aar, tmp_path):
    with pytest.raises(PackagingError, match=r"x86_64/libtfsparse_jni.so is missing.*make android-native"):
        build(tmp_path / "broken.aar", abis=["x86_64"], native=tmp_path)
    assert not (tmp_path / "broken.aar").exists()


def test_building_again_gives_the_same_bytes(aar, tmp_path):
    abis = sorted({name.split("/")[1] for name in read_zip(aar) if name.startswith("jni/")})
    build(tmp_path / "again.aar", abis=abis)
    assert (tmp_path / "again.aar").read_bytes() == aar.read_bytes()


def build(path, *, abis, native=NATIVE):
    build_aar(
        path,
        classes=DELEGATE_CLASSES,
        rules=DELEGATE / "consumer-rules.pro",
        licence=REPOSITORY / "LICENSE",
        abis=abis,
        native=native,
    )


def write(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path
