# SPDX-License-Identifier: Apache-2.0
"""The networks by name, with what they take and cost. Reading it needs no Keras; building one does."""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfsparse.errors import InvalidArgumentError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class ModelEntry:
    """A network of the catalog.

    Attributes:
        name: Its name, also that of the function that builds it.
        module: The module of `tfsparse.models.architectures` that has this function.
        input_shape: Shape of a sample that it was published for, `(height, width, channels)`.
        num_classes: Number of classes that it was published for.
        parameters: Number of weights, trainable or not, at that shape and number of classes.
        macs: Multiply-accumulates for one sample, as `ts.profile` counts them.
        summary: What it is, in one line.
    """

    name: str
    module: str
    input_shape: tuple[int, int, int]
    num_classes: int
    parameters: int
    macs: int
    summary: str

    @property
    def build(self) -> Callable[..., keras.Model]:
        """The function that builds it: `build(input_shape=..., num_classes=..., **options) -> keras.Model`.

        Both arguments default to what it was published for. Every network has the option `width`, the factor of its
        numbers of channels; what else there is, its docstring says.
        """
        return getattr(importlib.import_module(f"tfsparse.models.architectures.{self.module}"), self.name)

    def __str__(self) -> str:
        size = "x".join(map(str, self.input_shape))
        cost = f"{self.parameters / 1e6:,.2f}M parameters, {self.macs / 1e6:,.2f}M MACs"
        return f"{self.name}: {size} to {self.num_classes} classes, {cost}. {self.summary}"


_MNIST, _CIFAR, _IMAGENET = (28, 28, 1), (32, 32, 3), (224, 224, 3)

_ENTRIES = (
    ModelEntry("digits_net", "digits_net", (20, 20, 1), 10, 291_498, 25_925_120, "Four 3x3 convolutions, for the demo"),
    ModelEntry("mlp3", "mlp3", _MNIST, 10, 266_610, 266_200, "MLP-3 of DASNet and JPnet"),
    ModelEntry("lenet4", "lenet4", _MNIST, 10, 3_274_634, 13_883_904, "LeNet-4 of DASNet and JPnet"),
    ModelEntry("lenet5", "lenet5", _MNIST, 10, 44_426, 281_640, "LeNet-5 of dual sparse training"),
    ModelEntry("convnet5", "convnet5", (24, 24, 3), 10, 1_068_298, 18_470_784, "ConvNet-5 of DASNet and JPnet"),
    ModelEntry("resnet18_cifar", "resnet", _CIFAR, 10, 11_183_562, 555_422_720, "ResNet-18 sized for CIFAR-10"),
    ModelEntry("resnet56", "preact_resnet", _CIFAR, 10, 598_522, 87_214_592, "ResNet-164 at a third of its depth"),
    ModelEntry("resnet164", "preact_resnet", _CIFAR, 10, 1_727_482, 247_646_720, "ResNet-164 with pre-activation"),
    ModelEntry("googlenet", "googlenet", _CIFAR, 100, 6_410_916, 531_976_192, "GoogLeNet for CIFAR-100"),
    ModelEntry("densenet121", "densenet", _CIFAR, 100, 7_132_068, 888_442_880, "DenseNet-121 for CIFAR-100"),
    ModelEntry("resnet18", "resnet", _IMAGENET, 1000, 11_699_112, 1_814_073_344, "ResNet-18 for ImageNet"),
    ModelEntry("resnet34", "resnet", _IMAGENET, 1000, 21_814_696, 3_663_761_408, "ResNet-34 for ImageNet"),
    ModelEntry("resnet50", "resnet", _IMAGENET, 1000, 25_610_152, 4_089_184_256, "ResNet-50 for ImageNet"),
    ModelEntry("alexnet", "alexnet", (227, 227, 3), 1000, 60_965_224, 749_108_768, "AlexNet in two towers"),
    ModelEntry("mobilenet_v1", "mobilenet", _IMAGENET, 1000, 4_253_864, 568_740_352, "MobileNet-v1"),
)

_OF_DATA = ("input_shape", "num_classes")
"""What the data decide about a network; all else are its options."""

MODELS: dict[str, ModelEntry] = {entry.name: entry for entry in _ENTRIES}
"""Every network by its name."""


def find_model(name: str) -> ModelEntry:
    """The network of this name.

    Args:
        name: A key of `MODELS`. Case, "-" and "_" do not matter: "LeNet-4" is "lenet4".

    Raises:
        InvalidArgumentError: There is none of this name; the message names the closest ones.

    Example:

    >>> print(find_model("LeNet-4"))
    lenet4: 28x28x1 to 10 classes, 3.27M parameters, 13.88M MACs. LeNet-4 of DASNet and JPnet
    >>> find_model("lenet4").build(width=0.25).output_shape
    (None, 10)
    """
    wanted = _key(name) if isinstance(name, str) else None
    keys = {_key(known): known for known in MODELS}
    if wanted in keys:
        return MODELS[keys[wanted]]
    close = difflib.get_close_matches(wanted, keys, n=3, cutoff=0.5) if wanted else []
    raise InvalidArgumentError(
        "There is no model of this name.",
        expected=f"one of {', '.join(MODELS)}",
        received=name,
        remedy=f"Did you mean {' or '.join(repr(keys[key]) for key in close)}?" if close else None,
    )


def build_model(
    name: str, input_shape: tuple[int, ...], num_classes: int, options: Mapping[str, float | int | str]
) -> keras.Model:
    """Builds the network of this name for some data, with options that someone wrote down.

    Args:
        name: As for `find_model`.
        input_shape: Shape of a sample.
        num_classes: Number of classes.
        options: Options of the network by name, such as `width`.

    Raises:
        InvalidArgumentError: There is no such network or option, or it cannot be built so.

    Example:

    >>> build_model("lenet4", (12, 12, 1), 3, {"width": 0.1}).output_shape
    (None, 3)
    """
    entry = find_model(name)
    module = importlib.import_module(f"tfsparse.models.architectures.{entry.module}")
    known = [each for each in inspect.signature(getattr(module, entry.name)).parameters if each not in _OF_DATA]
    unknown = [each for each in options if each not in known]
    if unknown:
        close = difflib.get_close_matches(unknown[0], known, n=1)
        raise InvalidArgumentError(
            f"{entry.name} has no option '{unknown[0]}'.",
            expected=f"some of {', '.join(known)}" if known else "no options",
            received=unknown[0],
            remedy=f"Did you mean {close[0]}?" if close else None,
        )
    try:
        return entry.build(input_shape=input_shape, num_classes=num_classes, **options)
    except (TypeError, ValueError) as error:  # the network's own, or Keras' of whatever layer it could not make
        given = ", ".join(f"{key}={value!r}" for key, value in options.items())
        raise InvalidArgumentError(
            f"{entry.name} cannot be built for samples of shape {input_shape}{f' with {given}' if given else ''}: "
            f"{str(error).strip().splitlines()[0].rstrip('.')}.",
            remedy=f"It was published for images of shape {entry.input_shape}. Resize yours, change the options, or "
            "choose another network.",
        ) from error


def _key(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
