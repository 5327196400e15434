# SPDX-License-Identifier: Apache-2.0
"""Files arrive whole under their names, and only those that are not there."""

from __future__ import annotations

import os

import pytest

from tfsparse.android.adb import Adb
from tfsparse.android.push import Parcel, pack, push
from tfsparse.bench.models.layers import LayerShape, dense_layer, winner_layer
from tfsparse.bench.probes import add_probes
from tfsparse.errors import InvalidArgumentError, PhoneError, PhoneLostError

SHAPE = LayerShape("test", "conv", "conv2d", height=6, width=6, channels=8, outputs=8, kernel=3, stride=1)
FOLDER = "data/local/tmp/tfsparse/models"


@pytest.fixture
def parcels():
    return [Parcel(os.urandom(5000), f"/{FOLDER}/{name}") for name in ("a.tflite", "it's b $(x).tflite")]


def brought(phones):
    return [call[3] for call in phones.calls() if "push" in call]


def test_only_what_is_not_there_is_brought(phone, phones, parcels):
    steps = []
    assert [file.changed for file in push(phone, parcels, lambda: steps.append(1))] == [True, True]
    assert [file.changed for file in push(phone, parcels)] == [False, False]
    assert len(brought(phones)) == len(steps) == 2
    for parcel in parcels:
        assert (phones.root() / FOLDER / parcel.name).read_bytes() == parcel.content
    assert sorted(os.listdir(phones.root() / FOLDER)) == sorted(parcel.name for parcel in parcels)


def test_a_change_of_one_byte_is_seen(phone, phones, parcels):
    push(phone, parcels)
    changed = Parcel(bytes([parcels[0].content[0] ^ 1]) + parcels[0].content[1:], parcels[0].remote)
    assert [file.changed for file in push(phone, [changed, parcels[1]])] == [True, False]
    assert (phones.root() / FOLDER / "a.tflite").read_bytes() == changed.content


def test_a_phone_without_sha256_is_asked_for_md5(phone, phones, parcels):
    program = phones.root() / "system/bin/sha256sum"
    program.write_text("#!/bin/sh\nexit 127\n")
    program.chmod(0o755)
    push(phone, parcels)
    assert [file.changed for file in push(phone, parcels)] == [False, False]


def test_programs_are_executable(phone, phones):
    push(phone, [Parcel(b"#!/bin/sh\necho hello\n", "/data/local/tmp/program", executable=True)])
    assert phone.shell("/data/local/tmp/program") == "hello\n"


@pytest.mark.parametrize(
    ("fault", "kind"), [({"do": "vanish", "seconds": 0}, PhoneLostError), ({"do": "garbage"}, PhoneError)]
)
def test_a_file_that_does_not_arrive_leaves_the_old_one(phone, phones, parcels, fault, kind):
    push(phone, parcels[:1])
    phones.fault("phone1", {"match": "push", **fault})
    with pytest.raises(kind):
        push(phone, [Parcel(b"new", parcels[0].remote)])
    assert (phones.root() / FOLDER / "a.tflite").read_bytes() == parcels[0].content
    assert os.listdir(phones.root() / FOLDER) == ["a.tflite"]


def test_what_a_loss_left_behind_is_used_up_by_the_next_try(phone, phones, parcels):
    phones.fault("phone1", {"match": "push", "do": "vanish", "seconds": 1})
    with pytest.raises(PhoneLostError):
        push(phone, parcels)
    phone.wait(10)
    assert len(os.listdir(phones.root() / FOLDER)) == 1
    push(phone, parcels)
    assert sorted(os.listdir(phones.root() / FOLDER)) == sorted(parcel.name for parcel in parcels)


def test_models_of_one_name_are_refused(tmp_path):
    for folder in "ab":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "m.tflite").write_text(folder)
    with pytest.raises(InvalidArgumentError, match="same name"):
        pack([tmp_path / "a/m.tflite", tmp_path / "b/m.tflite"])
    assert len(pack([tmp_path / "a/m.tflite", tmp_path / "a/m.tflite"])) == 1


def test_dense_models_bring_the_twins_that_time_their_layers(tmp_path):
    sparse, dense = tmp_path / "sparse.tflite", tmp_path / "dense.tflite"
    sparse.write_bytes(winner_layer(SHAPE, 0.25))
    dense.write_bytes(dense_layer(SHAPE))
    parcels = {parcel.name: parcel.content for parcel in pack([sparse, dense], layers=True)}
    assert list(parcels) == ["sparse.tflite", "dense.tflite", "dense.layers.tflite"]
    assert parcels["dense.layers.tflite"] == add_probes(dense, sparse)


def test_phones_are_apart(phones, parcels):
    for serial in ("one", "two"):
        phones.add(serial)
        push(Adb(phones.adb).connection(serial), parcels[:1])
    assert len(brought(phones)) == 2
