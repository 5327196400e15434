# SPDX-License-Identifier: Apache-2.0
"""Folders of images: what is read, when, and what is refused."""

from __future__ import annotations

import shutil

import keras
import numpy as np
import pytest
from PIL import Image

from tests.utils.images import encoded
from tfsparse.datasets import (
    Augmentation,
    EncodedImages,
    EvaluationBatches,
    FollowEpoch,
    TrainingBatches,
    load_dataset,
    split_validation,
)
from tfsparse.errors import InvalidArgumentError


def test_classes_are_numbered_by_name(image_folder):
    dataset = load_dataset(image_folder)
    assert dataset.x_train.shape == (9, 6, 8, 3)
    assert dataset.x_test.shape == (3, 6, 8, 3)
    assert dataset.y_train.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert dataset.num_classes == 3
    np.testing.assert_array_equal(dataset.x_train[:, 2, 3, 0], 50 * dataset.y_train)
    assert dataset.x_train[:, 0, 0, 1].tolist() == [0, 1, 2] * 3


def test_val_stands_in_for_test(image_folder):
    (image_folder / "test").rename(image_folder / "val")
    assert load_dataset(str(image_folder)).y_test.tolist() == [0, 1, 2]


def test_class_names_of_digits_are_numbers(image_folder):
    for part in ("train", "test"):
        for old, new in (("aster", "10"), ("rose", "9"), ("tulip", "00002")):
            (image_folder / part / old).rename(image_folder / part / new)
    assert load_dataset(image_folder).x_test[:, 0, 0, 0].tolist() == [100, 50, 0]


def test_a_class_need_not_be_tested(image_folder):
    shutil.rmtree(image_folder / "test" / "rose")
    assert load_dataset(image_folder).y_test.tolist() == [0, 2]


def test_images_are_read_batch_by_batch_as_they_would_be_at_once(image_folder):
    lazy, read = load_dataset(image_folder, in_memory=False), load_dataset(image_folder)
    x = lazy.x_train
    assert isinstance(x, EncodedImages)
    assert (x.shape, x.ndim, x.dtype, len(x)) == ((9, 6, 8, 3), 4, np.uint8, 9)
    for key in (slice(2, 5), slice(None), np.array([7, 0, 7]), 4, -1):
        np.testing.assert_array_equal(x[key], read.x_train[key])
    parts = [split_validation(dataset, 0.4, seed=1) for dataset in (lazy, read)]
    assert isinstance(parts[0][1], EncodedImages)
    np.testing.assert_array_equal(parts[0][1][:], parts[1][1])
    batches = [TrainingBatches(d.x_train, d.y_train, (4, 4, 3), 4, Augmentation(flip=True)) for d in (lazy, read)]
    for one, other in zip(*batches, strict=True):
        np.testing.assert_array_equal(one[0], other[0])


def test_an_image_is_opened_when_it_is_asked_for_and_not_before(image_folder):
    dataset = load_dataset(image_folder, in_memory=False)
    shutil.rmtree(image_folder / "train" / "tulip")
    assert dataset.x_train[:6].shape == (6, 6, 8, 3)
    with pytest.raises(FileNotFoundError, match="tulip"):
        dataset.x_train[6]


def test_the_fingerprint_goes_by_names_and_lengths(image_folder):
    def found(**options):
        return load_dataset(image_folder, in_memory=False, **options).x_train.fingerprint()

    first = found()
    assert found() == first
    assert found(image_size=5) != first
    moved = image_folder.rename(image_folder.with_name("moved"))
    assert load_dataset(moved, in_memory=False).x_train.fingerprint() == first
    path = moved / "train" / "rose" / "1.png"
    path.write_bytes(path.read_bytes() + b"0")
    assert load_dataset(moved, in_memory=False).x_train.fingerprint() != first


def test_fit_decodes_with_several_threads(image_folder, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    dataset = load_dataset(image_folder, in_memory=False)
    batches = TrainingBatches(dataset.x_train, dataset.y_train, (6, 8, 3), 2)
    assert (batches.workers, batches.max_queue_size) == (3, 3)
    assert EvaluationBatches(dataset.x_test, dataset.y_test, (6, 8, 3), workers=2).workers == 2
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(3)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    history = model.fit(batches, epochs=5, shuffle=False, callbacks=[FollowEpoch(batches)], verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_images_are_resized_to_cover_the_size_and_cut(image_folder):
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 255
    (image_folder / "train" / "aster" / "0.png").write_bytes(encoded(wide))
    dataset = load_dataset(image_folder, image_size=10)
    assert dataset.x_train.shape == (9, 10, 10, 3)
    assert (dataset.x_train[0] == 255).all()
    assert load_dataset(image_folder, image_size=(5, 4)).x_test.shape == (3, 5, 4, 3)


@pytest.mark.parametrize("kind", ["jpeg", "bmp", "gif", "ppm", "tiff", "webp"])
def test_common_formats_are_read(image_folder, kind):
    (image_folder / "test" / "rose" / "0.png").unlink()
    pixels = np.full((6, 8, 3), 200, np.uint8)
    (image_folder / "test" / "rose" / f"a.{kind.upper()}").write_bytes(encoded(pixels, kind))
    np.testing.assert_allclose(load_dataset(image_folder).x_test[1], 200, atol=2)


def test_grey_images_have_one_channel(image_folder):
    for path in image_folder.rglob("*.png"):
        Image.open(path).convert("L").save(path)
    assert load_dataset(image_folder).x_train.shape == (9, 6, 8, 1)


def test_a_grey_image_among_coloured_ones_gets_three_channels(image_folder):
    (image_folder / "train" / "aster" / "0.png").write_bytes(encoded(np.full((6, 8), 7, np.uint8)))
    assert (load_dataset(image_folder).x_train[0] == 7).all()


def test_hidden_and_other_files_are_left_alone(image_folder):
    (image_folder / "train" / ".cache").mkdir()
    for name in (".hidden.png", "Thumbs.db", "labels.csv"):
        (image_folder / "train" / "rose" / name).write_text("no image")
    assert len(load_dataset(image_folder).x_train) == 9


@pytest.mark.parametrize(
    "content", [b"", b"hello", encoded(np.zeros((6, 8, 3), np.uint8))[:45]], ids=["empty", "text", "cut"]
)
@pytest.mark.parametrize("in_memory", [True, False])
def test_an_unreadable_image_is_named(image_folder, content, in_memory):
    path = image_folder / "train" / "rose" / "1.png"
    path.write_bytes(content)
    with pytest.raises(InvalidArgumentError, match=r"rose/1\.png is no readable image"):
        load_dataset(image_folder, in_memory=in_memory).x_train[:]


def break_size(root):
    (root / "train" / "rose" / "1.png").write_bytes(encoded(np.zeros((5, 8, 3), np.uint8)))


def break_depth(root):
    (root / "train" / "rose" / "1.png").write_bytes(encoded(np.zeros((6, 8), np.uint16)))


def empty_class(root):
    for path in (root / "train" / "tulip").iterdir():
        path.unlink()


def extra_class(root):
    (root / "test" / "weed").mkdir()


def no_test(root):
    shutil.rmtree(root / "test")


def flat_test(root):
    shutil.rmtree(root / "test")
    (root / "test").mkdir()
    (root / "test" / "0.png").write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (break_size, r"differ in size.*`image_size`.*5 by 8"),
        (break_depth, r"rose/1\.png has more than 8 bits"),
        (empty_class, r"train/tulip of a class holds no images"),
        (extra_class, r"test holds classes that .*train lacks.*weed"),
        (no_test, r"flowers is no data set.*Expected: train/CLASS/IMAGE.*Received: train"),
        (flat_test, r"test holds no folder of a class"),
    ],
)
def test_bad_folders_are_refused(image_folder, damage, message):
    damage(image_folder)
    with pytest.raises(InvalidArgumentError, match=message):
        load_dataset(image_folder)


def test_what_the_first_look_missed_is_refused_when_read(image_folder):
    """A large data set is judged by some of its images."""
    dataset = load_dataset(image_folder, in_memory=False)
    break_size(image_folder)
    with pytest.raises(InvalidArgumentError, match=r"rose/1\.png is of another size.*give `image_size`"):
        dataset.x_train[:]
    for path in image_folder.rglob("*.png"):
        Image.open(path).convert("L").resize((8, 6)).save(path)
    grey = load_dataset(image_folder, in_memory=False)
    (image_folder / "train" / "rose" / "1.png").write_bytes(encoded(np.zeros((6, 8, 3), np.uint8)))
    with pytest.raises(InvalidArgumentError, match=r"rose/1\.png is a colour image among grey ones"):
        grey.x_train[:]


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"is no data set.*an empty folder"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("size", [0, (4,), (4, 0), (4.5, 4), (1, 2, 3)])
def test_impossible_sizes_are_refused(image_folder, size):
    with pytest.raises(InvalidArgumentError, match="Invalid `image_size`"):
        load_dataset(image_folder, image_size=size)
