# SPDX-License-Identifier: Apache-2.0
"""The APK by which device farms run the benchmark app."""

from __future__ import annotations

import re

from android_bench.packaging import steps
from android_bench.packaging.dex import defined_classes
from tests.utils.apk import badging, check_signature, manifest, signer


def test_signature_verifies_from_android_6_on(farm_apk):
    check_signature(farm_apk)


def test_farm_apk_instruments_the_app(farm_apk):
    said = manifest(farm_apk)
    assert re.search(rf'android:name\(\w+\)="{re.escape(steps.RUNNER)}"', said)
    assert re.search(r'android:targetPackage\(\w+\)="dev.tfsparse.bench"', said)
    assert "package: name='dev.tfsparse.bench.test'" in badging(farm_apk)


def test_farm_apk_has_its_runner_and_nothing_of_the_app(apk, farm_apk):
    """Android loads both on one class path, where a second copy of a class would hide the first."""
    assert steps.RUNNER in defined_classes(farm_apk)
    assert defined_classes(farm_apk) & defined_classes(apk) == set()
    assert not any(name.startswith(("kotlin.", "org.tensorflow.")) for name in defined_classes(farm_apk))


def test_both_apks_have_one_signer(apk, farm_apk):
    """Android lets an APK instrument one of the same signer only."""
    assert signer(apk) == signer(farm_apk)
