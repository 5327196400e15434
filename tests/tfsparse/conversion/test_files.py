# SPDX-License-Identifier: Apache-2.0
"""Files are written as a whole or not at all."""

from __future__ import annotations

import os
import pathlib

import pytest

from tfsparse.conversion.files import check_writable, write_atomically
from tfsparse.errors import ConversionError


def test_writes_and_leaves_nothing_else(tmp_path):
    write_atomically(tmp_path / "model.tflite", b"content")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("model.tflite", b"content")]


def test_replaces_an_older_file(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"


def test_follows_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "model.tflite").write_bytes(b"old")
    (tmp_path / "link.tflite").symlink_to(tmp_path / "real" / "model.tflite")
    write_atomically(tmp_path / "link.tflite", b"new")
    assert (tmp_path / "link.tflite").is_symlink()
    assert (tmp_path / "real" / "model.tflite").read_bytes() == b"new"


def test_others_may_read_the_file(tmp_path):
    write_atomically(tmp_path / "model.tflite", b"content")
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "model.tflite").stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConversionError, match=r"model.tflite could not be written.*No space left"):
        write_atomically(path, b"new")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("model.tflite", b"old")]


def test_a_really_full_disk_leaves_the_old_file(tmp_path):
    """A file size limit of the process stands for the disk: the write itself fails half-way."""
    import subprocess
    import sys

    path = tmp_path / "model.tflite"
    path.write_bytes(b"old")
    code = (
        "import resource, signal, sys, pathlib\n"
        "from tfsparse.conversion.files import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "write_atomically(pathlib.Path(sys.argv[1]), bytes(1000000))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert "ConversionError" in done.stderr
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("model.tflite", b"old")]


def test_an_interrupt_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupt(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "model.tflite", b"content")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_refused_unless_told(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"old")
    with pytest.raises(ConversionError, match=r"exists already.*overwrite=True"):
        check_writable(path, overwrite=False)
    check_writable(path, overwrite=True)


@pytest.mark.parametrize("path", ["/dev/null", "."])
def test_what_is_no_file_is_refused(path):
    with pytest.raises(ConversionError, match="folder or device"):
        check_writable(pathlib.Path(path), overwrite=True)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ConversionError, match=r"folder of .* does not exist"):
        check_writable(tmp_path / "none" / "model.tflite", overwrite=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_access_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ConversionError, match="write access"):
        check_writable(tmp_path / "model.tflite", overwrite=False)
