# SPDX-License-Identifier: Apache-2.0
"""Manifests are completed as Gradle completes them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from android_bench.packaging.manifest import (
    android,
    complete_app_manifest,
    component_classes,
    instrumentation_manifest,
    version_code,
)

MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="some.app" android:versionName="0">
    <uses-sdk android:minSdkVersion="23" android:targetSdkVersion="35" />
    <application android:label="Some app">
        <activity android:name=".First" />
        <activity android:name="other.Second" />
        <service android:name="some.app.Service" />
    </application>
</manifest>
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.xml"
    path.write_text(MANIFEST)
    return path


LIBRARY = """<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="some.library">
    <uses-sdk android:minSdkVersion="19" />
    <application>
        <uses-native-library android:name="libvendor.so" android:required="false" />
    </application>
</manifest>
"""


def test_app_manifest_gets_version_library_mode_and_what_libraries_ask_for(source, tmp_path):
    (tmp_path / "library.xml").write_text(LIBRARY)
    complete_app_manifest(source, tmp_path / "target.xml", version="1.2.3", libraries=[tmp_path / "library.xml"])
    manifest = ElementTree.parse(tmp_path / "target.xml").getroot()
    assert manifest.get(android("versionName")) == "1.2.3"
    assert manifest.get(android("versionCode")) == "1002003"
    application = manifest.find("application")
    assert application.get(android("extractNativeLibs")) == "false"
    assert application.get(android("label")) == "Some app"
    assert application.find("uses-native-library").get(android("name")) == "libvendor.so"
    assert len(manifest.findall("uses-sdk")) == 1
    assert component_classes(tmp_path / "target.xml") == {"some.app.First", "other.Second", "some.app.Service"}


def test_manifest_without_application_is_refused(tmp_path):
    (tmp_path / "source.xml").write_text("<manifest />")
    with pytest.raises(ValueError, match="no application element"):
        complete_app_manifest(tmp_path / "source.xml", tmp_path / "target.xml", version="1.2.3", libraries=[])
    assert not (tmp_path / "target.xml").exists()


def test_instrumentation_manifest_targets_the_app(source, tmp_path):
    instrumentation_manifest(tmp_path / "farm.xml", app=source, runner="some.app.test.Runner", version="1.2.3")
    manifest = ElementTree.parse(tmp_path / "farm.xml").getroot()
    assert manifest.get("package") == "some.app.test"
    assert manifest.find("instrumentation").get(android("targetPackage")) == "some.app"
    assert manifest.find("uses-sdk").get(android("minSdkVersion")) == "23"
    assert component_classes(tmp_path / "farm.xml") == {"some.app.test.Runner"}


@pytest.mark.parametrize(("version", "code"), [("0.1.0", 1000), ("1.20.3", 1020003), ("2.0.0", 2000000)])
def test_version_codes_are_in_the_order_of_versions(version, code):
    assert version_code(version) == code
