# SPDX-License-Identifier: Apache-2.0
"""What is inside of the APKs that `make apk` makes, read back by Android's own tools."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from elftools.elf.elffile import ELFFile

from android_bench.packaging import contents, steps
from android_bench.packaging.apk import build_apk
from android_bench.packaging.archives import PAGE, WORD, read_zip
from android_bench.packaging.dex import defined_classes, translate
from android_bench.packaging.libraries import ABIS, tensorflow_lite_classes, tensorflow_lite_libraries
from android_bench.packaging.manifest import component_classes, version_code
from android_bench.packaging.paths import NATIVE
from android_bench.packaging.resources import link
from android_bench.packaging.tools import PackagingError, run
from tests.utils.android_library import check_delegate
from tests.utils.apk import badging, check_signature, manifest, stored_offsets
from tfsparse import __version__

# The app asks for nothing: it reads and writes files of its own, and has no business on the network.
PERMISSIONS: set[str] = set()
LARGEST = 12 << 20


def abis_of(apk):
    return sorted({name.split("/")[1] for name in zipfile.ZipFile(apk).namelist() if name.startswith("lib/")})


def test_manifest_says_what_the_app_is(apk):
    said = badging(apk)
    code = version_code(__version__)
    assert f"package: name='dev.tfsparse.bench' versionCode='{code}' versionName='{__version__}'" in said
    assert "sdkVersion:'23'" in said
    assert "targetSdkVersion:'35'" in said
    assert "application-label:'tfsparse bench'" in said
    assert re.findall(r"launchable-activity: name='(\S+)'", said) == ["dev.tfsparse.bench.MainActivity"]


def test_app_asks_for_no_permission(apk):
    assert set(re.findall(r"uses-permission\S*: name='(\S+)'", badging(apk))) == PERMISSIONS


def test_app_is_no_debug_build(apk):
    said = badging(apk)
    assert "application-debuggable" not in said
    assert "testOnly" not in said


def test_signature_verifies_from_android_6_on(apk):
    check_signature(apk)


def test_bytecode_has_the_app_its_delegate_and_tensorflow_lite(apk):
    defined = defined_classes(apk)
    assert component_classes(steps.APP_MANIFEST) | contents.ENTRY_POINTS <= defined
    assert "dev.tfsparse.bench.MainActivity" in defined


def test_bytecode_is_shrunk(apk):
    kotlin = {name for name in read_zip(steps.fetched("kotlin-stdlib.jar")) if name.endswith(".class")}
    kept = {name for name in defined_classes(apk) if name.startswith("kotlin.")}
    assert 0 < len(kept) < len(kotlin) / 2
    assert steps.MAPPING.stat().st_size > 0


def test_delegate_library_is_one_that_android_can_load(apk):
    abis = abis_of(apk)
    assert abis
    for abi in abis:
        check_delegate(read_zip(apk)[f"lib/{abi}/libtfsparse_jni.so"], abi)


def test_each_processor_has_all_libraries(apk):
    libraries = [name.split("/")[1:] for name in zipfile.ZipFile(apk).namelist() if name.startswith("lib/")]
    by_abi = {abi: {name for of, name in libraries if of == abi} for abi in abis_of(apk)}
    for names in by_abi.values():
        assert names == {"libtfsparse_jni.so", "libtensorflowlite_jni.so", "libtensorflowlite_gpu_jni.so"}


@pytest.mark.parametrize("abi", ABIS)
def test_tensorflow_lite_itself_wants_pages_of_4_kb(abi):
    """A limit that the documentation states; once this fails, it can go."""
    for entry in tensorflow_lite_libraries(abi):
        elf = ELFFile(io.BytesIO(entry.data))
        assert {segment["p_align"] for segment in elf.iter_segments() if segment["p_type"] == "PT_LOAD"} == {0x1000}


def test_libraries_are_stored_on_borders_of_large_pages(apk):
    offsets = {name: offset for name, offset in stored_offsets(apk).items() if name.startswith("lib/")}
    assert len(offsets) == len([name for name in zipfile.ZipFile(apk).namelist() if name.startswith("lib/")])
    assert {offset % PAGE for offset in offsets.values()} == {0}


def test_libraries_run_from_where_they_lie(apk):
    assert re.search(r"android:extractNativeLibs\(\w+\)=false", manifest(apk))


def test_what_is_stored_is_aligned(apk):
    assert {offset % WORD for offset in stored_offsets(apk).values()} <= {0}
    run("zipalign", "-c", "-p", "4", apk)


def test_gpu_delegate_may_look_for_the_phones_own_library(apk):
    """Android 12 and later show it only to apps that name it."""
    assert re.search(r'E: uses-native-library.*\n.*android:name\(\w+\)="libOpenCL.so"', manifest(apk))


def test_resource_table_is_stored(apk):
    """Android 11 and later refuse an app whose table they cannot map."""
    assert "resources.arsc" in stored_offsets(apk)


def test_models_are_stored(apk, tmp_path):
    assets = tmp_path / "assets/models"
    assets.mkdir(parents=True)
    (assets / "some.tflite").write_bytes(bytes(1000))
    linked = link(steps.APP_MANIFEST, tmp_path / "linked", resources=steps.APP / "src/main/res", assets=assets.parent)
    assert "assets/models/some.tflite" in stored_offsets(linked.archive)
    bundled = [name for name in zipfile.ZipFile(apk).namelist() if name.endswith(".tflite")]
    assert set(bundled) <= set(stored_offsets(apk))


def test_app_with_one_processor_is_small(apk, tmp_path):
    abi = abis_of(apk)[0]
    build(tmp_path / "one.apk", abis=[abi])
    assert (tmp_path / "one.apk").stat().st_size <= LARGEST


def test_building_again_gives_the_same_bytes(apk, tmp_path):
    link(steps.APP_MANIFEST, tmp_path / "resources", resources=steps.APP / "src/main/res", assets=steps.ASSETS)
    again = tmp_path / "again.apk"
    build(again, resources=tmp_path / "resources/resources.apk", abis=abis_of(apk))
    assert again.read_bytes() == apk.read_bytes()


def test_app_without_its_classes_is_refused(apk, tmp_path):
    translate(tmp_path / "delegate.zip", [steps.DELEGATE_CLASSES], tensorflow_lite_classes())
    with pytest.raises(PackagingError, match=r"dev\.tfsparse\.bench\.MainActivity"):
        build(tmp_path / "broken.apk", bytecode=tmp_path / "delegate.zip")
    assert not (tmp_path / "broken.apk").exists()


def test_missing_library_is_named(apk, tmp_path):
    with pytest.raises(PackagingError, match=r"arm64-v8a/libtfsparse_jni.so is missing.*make android-native"):
        build(tmp_path / "broken.apk", abis=["arm64-v8a"], native=tmp_path)


def build(path, *, resources=None, bytecode=None, abis=(), native=NATIVE):
    build_apk(
        path,
        unsigned=path.with_suffix(".unsigned"),
        manifest=steps.APP_MANIFEST,
        resources=resources or steps.APP_RESOURCES.archive,
        bytecode=bytecode or steps.APP_BYTECODE,
        abis=list(abis),
        native=native,
    )
