# SPDX-License-Identifier: Apache-2.0
"""Archives hold what was put in, aligned, and have the same bytes each time."""

from __future__ import annotations

import zipfile

import pytest

from android_bench.packaging.archives import Entry, folder_entries, read_zip, replacing, write_zip


@pytest.fixture
def entries():
    return [Entry("a", b"a" * 1000), Entry("lib/ü.so", b"b" * 5, 16384), Entry("c", b"c" * 7, 4), Entry("d", b"")]


def test_contents_come_back(entries, tmp_path):
    write_zip(tmp_path / "x.zip", entries)
    assert read_zip(tmp_path / "x.zip") == {entry.name: entry.data for entry in entries}
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.testzip() is None
        assert [info.filename for info in archive.infolist()] == [entry.name for entry in entries]


@pytest.mark.parametrize("alignment", [1, 4, 4096, 16384])
@pytest.mark.parametrize("before", range(6))
def test_stored_data_is_aligned(alignment, before, tmp_path):
    data = b"the data that is looked for"
    write_zip(tmp_path / "x.zip", [Entry("n" * (before + 1), b"", 1), Entry("stored", data, alignment)])
    assert (tmp_path / "x.zip").read_bytes().index(data) % alignment == 0


def test_padding_stays_out_of_the_directory(tmp_path):
    write_zip(tmp_path / "x.zip", [Entry("stored", b"data", 16384)])
    assert zipfile.ZipFile(tmp_path / "x.zip").infolist()[0].extra == b""
    assert (tmp_path / "x.zip").stat().st_size < 16384 + 200


def test_bytes_depend_on_the_contents_alone(entries, tmp_path):
    write_zip(tmp_path / "one.zip", entries)
    write_zip(tmp_path / "two.zip", entries)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_name_twice_is_refused_and_nothing_is_written(tmp_path):
    (tmp_path / "x.zip").write_text("before")
    with pytest.raises(ValueError, match="two files named a"):
        write_zip(tmp_path / "x.zip", [Entry("a", b""), Entry("a", b"")])
    assert (tmp_path / "x.zip").read_text() == "before"


def test_folder_is_read_in_order(tmp_path):
    for name in ("b/2", "a", "b/1"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    assert [entry.name for entry in folder_entries(tmp_path)] == ["a", "b/1", "b/2"]


def test_a_failure_leaves_the_file_and_its_folder_as_they_were(tmp_path):
    (tmp_path / "file").write_text("before")
    with pytest.raises(RuntimeError), replacing(tmp_path / "file") as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise RuntimeError
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file", "before")]
