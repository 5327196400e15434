# SPDX-License-Identifier: Apache-2.0
"""Where well-known data sets come from, for those who lack them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    """Where a data set is to be had, and how to lay it out.

    Attributes:
        title: Its name as people write it.
        page: The project's page.
        layout: What `load_dataset` reads.
    """

    title: str
    page: str
    layout: str


def _keras(name: str) -> str:
    return f"load_dataset('{name}', download=True) lets Keras fetch it; from then on '{name}' is enough"


_FOLDERS = "lay the images out as train/CLASS/IMAGE and test/CLASS/IMAGE, and choose the size to resize them to"

HINTS = {
    "mnist": Hint("MNIST", "https://keras.io/api/datasets/mnist/", _keras("mnist")),
    "fashionmnist": Hint("Fashion-MNIST", "https://github.com/zalandoresearch/fashion-mnist", _keras("fashion_mnist")),
    "cifar10": Hint("CIFAR-10", "https://www.cs.toronto.edu/~kriz/cifar.html", _keras("cifar10")),
    "cifar100": Hint("CIFAR-100", "https://www.cs.toronto.edu/~kriz/cifar.html", _keras("cifar100")),
    "svhn": Hint(
        "SVHN",
        "http://ufldl.stanford.edu/housenumbers/",
        "fetch train_32x32.mat and test_32x32.mat and write them as an .npz file, as docs/data.md shows",
    ),
    "gtsrb": Hint("GTSRB", "https://benchmark.ini.rub.de/gtsrb_dataset.html", _FOLDERS),
    "imagenet": Hint("ImageNet", "https://www.image-net.org/", f"{_FOLDERS}, or use its TFRecord files"),
}
"""Data sets of the papers by name, in small letters and digits alone."""


def hint_for(source: str) -> Hint | None:
    """The hint for the data set that a missing file or folder was probably meant to hold.

    Args:
        source: A name or path.

    Example:

    >>> hint_for("data/CIFAR-100.npz").title
    'CIFAR-100'
    >>> hint_for("mine.npz") is None
    True
    """
    letters = "".join(letter for letter in source.lower() if letter.isalnum())
    fitting = [name for name in HINTS if name in letters]
    return HINTS[max(fitting, key=len)] if fitting else None
