# SPDX-License-Identifier: Apache-2.0
"""Manifests, completed as Android's Gradle plugin completes them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from android_bench.packaging.archives import replacing

ANDROID = "http://schemas.android.com/apk/res/android"
COMPONENTS = ("activity", "service", "receiver", "provider", "instrumentation")

ElementTree.register_namespace("android", ANDROID)


def android(attribute: str) -> str:
    """The full name of an attribute of Android's."""
    return f"{{{ANDROID}}}{attribute}"


def complete_app_manifest(source: Path, target: Path, *, version: str, libraries: list[Path]) -> None:
    """Copies the app's manifest and adds what Android must know besides.

    That is the version, what the manifests of its libraries ask for (the GPU delegate: to see some native libraries of
    the phone's), and that native libraries run from where they lie in the APK.

    Args:
        source: The app's manifest.
        target: The manifest to write.
        version: The version, such as `1.2.3`.
        libraries: The manifests of the libraries.
    """
    manifest = _parse(source)
    manifest.set(android("versionName"), version)
    manifest.set(android("versionCode"), str(version_code(version)))
    application = manifest.find("application")
    if application is None:
        raise ValueError(f"{source} has no application element")
    application.set(android("extractNativeLibs"), "false")
    for library in libraries:
        application.extend(_parse(library).iterfind("application/*"))
    _write(manifest, target)


def instrumentation_manifest(target: Path, *, app: Path, runner: str, version: str) -> None:
    """Writes the manifest of the APK that instruments the app of manifest `app` by the class `runner`."""
    tested = _parse(app)
    package = tested.get("package", "")
    manifest = ElementTree.Element("manifest", {"package": f"{package}.test"})
    manifest.set(android("versionName"), version)
    manifest.set(android("versionCode"), str(version_code(version)))
    manifest.extend(tested.findall("uses-sdk"))
    ElementTree.SubElement(
        manifest,
        "instrumentation",
        {android("name"): runner, android("targetPackage"): package, android("label"): f"Benchmarks of {package}"},
    )
    ElementTree.SubElement(manifest, "application", {android("label"): f"{package}.test"})
    _write(manifest, target)


def component_classes(manifest: Path) -> set[str]:
    """The classes that Android loads by the names in a manifest."""
    root = _parse(manifest)
    package = root.get("package", "")
    elements = [element for tag in COMPONENTS for element in root.iter(tag)]
    names = [element.get(android("name"), "") for element in [*elements, *root.iter("application")]]
    return {package + name if name.startswith(".") else name for name in names if name}


def version_code(version: str) -> int:
    """The whole number by which Android orders versions.

    >>> version_code("0.1.0"), version_code("1.20.3")
    (1000, 1020003)
    """
    major, minor, patch = (int(part) for part in version.split("."))
    return (major * 1000 + minor) * 1000 + patch


def _parse(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()


def _write(manifest: ElementTree.Element, target: Path) -> None:
    ElementTree.indent(manifest)
    with replacing(target) as temporary:
        ElementTree.ElementTree(manifest).write(temporary, encoding="utf-8", xml_declaration=True)
