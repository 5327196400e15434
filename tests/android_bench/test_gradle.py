# SPDX-License-Identifier: Apache-2.0
"""The build with Gradle, as far as it can be checked without Android's SDK: nothing here runs it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest

from android_bench.packaging.compilation import COMPILER
from android_bench.packaging.dex import MIN_API
from android_bench.packaging.libraries import ABIS
from android_bench.packaging.paths import REPOSITORY
from android_bench.packaging.steps import RUNNER
from android_bench.packaging.tools import fetched, join, run_java

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ANDROID = REPOSITORY / "android_bench"
DSL = Path(__file__).parent / "gradle_dsl"
POM = "{http://maven.apache.org/POM/4.0.0}"

# Catalog version -> property of pom.xml.
SHARED_VERSIONS = {
    "android-gradle-plugin": "android.gradle.plugin.version",
    "kotlin": "kotlin.version",
    "robolectric": "robolectric.version",
    "tensorflow-lite": "tflite.shipped.version",
    "tensorflow-lite-gpu-api": "tflite.gpu.api.version",
    "tensorflow-lite-host": "tflite.version",
    "tensorflow-lite-host-native": "tflite.native.version",
}
# Library of the catalog -> dependency of app/pom.xml, for those whose version stands at the dependency.
SHARED_LIBRARIES = ("junit", "json-schema-validator")

IMPORTS = """
import com.android.build.api.dsl.*
import dsl.*
import java.io.File
import org.gradle.api.*
import org.gradle.api.artifacts.*
import org.gradle.api.initialization.*
import org.gradle.api.initialization.resolve.*
import org.gradle.api.publish.maven.*
import org.gradle.api.tasks.*
import org.gradle.api.tasks.testing.Test
"""


@pytest.fixture(scope="module")
def catalog():
    return tomllib.loads((ANDROID / "gradle/libs.versions.toml").read_text())


@pytest.fixture(scope="module")
def pom_properties():
    root = ElementTree.parse(ANDROID / "pom.xml").getroot()
    return {element.tag.removeprefix(POM): element.text for element in root.find(f"{POM}properties")}


def test_versions_are_those_of_maven(catalog, pom_properties):
    versions = catalog["versions"]
    assert {name: versions[name] for name in SHARED_VERSIONS} == {
        name: pom_properties[in_pom] for name, in_pom in SHARED_VERSIONS.items()
    }
    assert int(versions["min-sdk"]) == MIN_API


def test_libraries_are_those_of_maven(catalog):
    root = ElementTree.parse(ANDROID / "app/pom.xml").getroot()
    in_pom = {element.findtext(f"{POM}artifactId"): element for element in root.iter(f"{POM}dependency")}
    for name in SHARED_LIBRARIES:
        group, artifact = catalog["libraries"][name]["module"].split(":")
        assert in_pom[artifact].findtext(f"{POM}groupId") == group
        assert in_pom[artifact].findtext(f"{POM}version") == catalog["versions"][name]


def test_manifest_and_catalog_agree_on_android_versions(catalog):
    manifest = ElementTree.parse(ANDROID / "app/src/main/AndroidManifest.xml").getroot()
    (levels,) = manifest.findall("uses-sdk")
    android = "{http://schemas.android.com/apk/res/android}"
    assert levels.get(f"{android}minSdkVersion") == catalog["versions"]["min-sdk"]
    assert levels.get(f"{android}targetSdkVersion") == catalog["versions"]["target-sdk"]


def test_catalog_names_only_versions_that_it_has(catalog):
    entries = [*catalog["libraries"].values(), *catalog["plugins"].values()]
    assert {entry["version"]["ref"] for entry in entries} <= set(catalog["versions"])


def test_distribution_is_the_version_whose_api_is_checked(pom_properties):
    properties = (ANDROID / "gradle/wrapper/gradle-wrapper.properties").read_text()
    assert f"/gradle-{pom_properties['gradle.version']}-bin.zip" in properties
    assert re.search(r"^distributionSha256Sum=[0-9a-f]{64}$", properties, re.MULTILINE)


@pytest.mark.parametrize("module", ["app", "delegate"])
def test_paths_in_scripts_exist(module):
    script = (ANDROID / module / "build.gradle.kts").read_text()
    named = re.findall(r'(?:\bfile|ProguardFiles|proguardFiles)\("([^"]+)"\)', script)
    assert named
    assert [path for path in named if not (ANDROID / module / path).exists()] == []


def test_modules_of_settings_exist():
    modules = re.findall(r'":(\w+)"', (ANDROID / "settings.gradle.kts").read_text())
    assert modules == ["app", "delegate"]
    assert all((ANDROID / module / "build.gradle.kts").is_file() for module in modules)


def test_both_builds_agree():
    delegate = (ANDROID / "delegate/build.gradle.kts").read_text()
    app = (ANDROID / "app/build.gradle.kts").read_text()
    assert all(f'"{abi}"' in delegate for abi in ABIS)
    assert f'testInstrumentationRunner = "{RUNNER}"' in app
    assert "max-page-size=16384" in (ANDROID / "delegate/src/main/cpp/CMakeLists.txt").read_text()


def test_scripts_compile_against_gradle_and_its_android_plugin(gradle_apis, catalog, tmp_path):
    sources = [
        write(tmp_path / "root.kt", as_function(ANDROID / "build.gradle.kts", "Project")),
        write(tmp_path / "settings.kt", as_function(ANDROID / "settings.gradle.kts", "Settings")),
        write(tmp_path / "app.kt", as_function(ANDROID / "app/build.gradle.kts", "Project", "app")),
        write(tmp_path / "delegate.kt", as_function(ANDROID / "delegate/build.gradle.kts", "Project", "library")),
        write(tmp_path / "libs.kt", catalog_accessors(catalog)),
        DSL,
    ]
    libraries = [path for path in gradle_apis.glob("*.jar") if "compiler-plugin" not in path.name]
    (receivers,) = gradle_apis.glob("*sam-with-receiver*.jar")
    run_java(
        [fetched(name) for name in COMPILER],
        "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
        *("-no-stdlib", "-no-reflect", "-nowarn", "-jvm-target", "17", f"-Xplugin={receivers}"),
        *("-P", "plugin:org.jetbrains.kotlin.samWithReceiver:annotation=org.gradle.api.HasImplicitReceiver"),
        *("-cp", join([*libraries, fetched("kotlin-stdlib.jar")]), "-d", tmp_path / "classes"),
        *sources,
    )
    compiled = {path.name for path in tmp_path.glob("classes/*.class")}
    assert compiled >= {"RootKt.class", "SettingsKt.class", "AppKt.class", "DelegateKt.class"}


def write(path, text):
    path.write_text(text)
    return path


def as_function(script, receiver, *accessors):
    """A script as what Gradle makes of it, a function of the project that it configures, without the plugins block:
    what plugins add, the accessors stand in for."""
    text = script.read_text()
    imports = [*re.findall(r"^import .*$", text, re.MULTILINE), *(f"import dsl.{name}.*" for name in accessors)]
    body = re.sub(r"^(import .*|plugins \{\n(.*\n)*?\})$", "", text, flags=re.MULTILINE)
    name = f"configure_{script.parent.name}_{script.name.split('.')[0]}"
    return "\n".join([*imports, IMPORTS, f"fun {receiver}.{name}() {{", body, "}\n"])


def catalog_accessors(catalog):
    """The accessors that Gradle makes of a version catalog: a name `a-b` is read as `libs.a.b`."""
    types = dict.fromkeys(catalog["libraries"], "Provider<MinimalExternalModuleDependency>")
    types |= {f"versions-{name}": "Provider<String>" for name in catalog["versions"]}
    paths = {tuple(name.split("-")): type_ for name, type_ in types.items()}
    groups = {path[:length] for path in paths for length in range(len(path) + 1)}
    lines = ["package dsl", "import org.gradle.api.artifacts.MinimalExternalModuleDependency"]
    lines += ["import org.gradle.api.provider.Provider", "lateinit var libs: Libs"]
    for group in sorted(groups):
        members = [
            f"abstract val {path[-1]}: {class_name(path)}" for path in sorted(groups) if path[:-1] == group != path
        ]
        supertype = f" : {paths[group]}" if group in paths else ""
        lines += [f"abstract class {class_name(group)}{supertype} {{", *members, "}"]
    return "\n".join(lines)


def class_name(path):
    return "_".join(["Libs", *path])


@pytest.fixture
def gradle_stand_in(tmp_path):
    """A checkout with `gradlew` alone, and a distribution whose Gradle prints its arguments."""
    project = tmp_path / "project"
    (project / "gradle/wrapper").mkdir(parents=True)
    (project / "gradlew").write_bytes((ANDROID / "gradlew").read_bytes())
    (project / "gradlew").chmod(0o755)
    distribution = tmp_path / "gradle-9.9-bin.zip"
    with zipfile.ZipFile(distribution, "w") as archive:
        info = zipfile.ZipInfo("gradle-9.9/bin/gradle")
        info.external_attr = 0o755 << 16
        archive.writestr(info, '#!/bin/sh\necho "Gradle runs: $*"\n')
    return project, distribution


def gradlew(project, distribution, checksum, *arguments):
    (project / "gradle/wrapper/gradle-wrapper.properties").write_text(
        f"distributionUrl=file\\://{distribution}\ndistributionSha256Sum={checksum}\n"
    )
    environment = {**os.environ, "GRADLE_USER_HOME": str(project / "home")}
    return subprocess.run([project / "gradlew", *arguments], capture_output=True, text=True, env=environment)


def test_gradlew_downloads_gradle_once_and_runs_it(gradle_stand_in):
    project, distribution = gradle_stand_in
    checksum = hashlib.sha256(distribution.read_bytes()).hexdigest()
    first = gradlew(project, distribution, checksum, ":app:assembleRelease")
    assert first.stdout == f"Gradle runs: --project-dir {project} :app:assembleRelease\n"
    assert "Downloading" in first.stderr
    distribution.unlink()
    assert gradlew(project, distribution, checksum, "help").stdout == f"Gradle runs: --project-dir {project} help\n"


def test_gradlew_refuses_another_distribution_than_the_named_one(gradle_stand_in):
    project, distribution = gradle_stand_in
    done = gradlew(project, distribution, "0" * 64, "help")
    assert done.returncode == 1
    assert "checksum" in done.stderr
    assert done.stdout == ""
    assert list((project / "home/distributions").iterdir()) == []


def test_gradlew_says_that_the_download_failed(gradle_stand_in):
    project, distribution = gradle_stand_in
    distribution.unlink()
    done = gradlew(project, distribution, "0" * 64, "help")
    assert done.returncode == 1
    assert "download failed" in done.stderr
