# SPDX-License-Identifier: Apache-2.0
"""A manifest with a mistake stops the build."""

from __future__ import annotations

import pytest

from android_bench.packaging.resources import link
from android_bench.packaging.tools import PackagingError

MANIFEST = """<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="some.app">
    <application>{}</application>
</manifest>
"""


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ("<activty android:name='.Main' />", "unexpected element <activty>"),
        ("<activity android:name='a/b' />", "name"),
        ("<activity android:lable='Main' android:name='.Main' />", "lable"),
    ],
)
def test_mistake_is_named(apk, inside, problem, tmp_path):
    (tmp_path / "AndroidManifest.xml").write_text(MANIFEST.format(inside))
    with pytest.raises(PackagingError, match=problem):
        link(tmp_path / "AndroidManifest.xml", tmp_path / "linked")
    assert not (tmp_path / "linked/resources.apk").exists()


def test_element_of_a_later_android_is_kept(apk, tmp_path):
    manifest = MANIFEST.format("<uses-native-library android:name='libvendor.so' android:required='false' />")
    (tmp_path / "AndroidManifest.xml").write_text(manifest)
    assert link(tmp_path / "AndroidManifest.xml", tmp_path / "linked").archive.is_file()
