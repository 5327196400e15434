# SPDX-License-Identifier: Apache-2.0
"""The networks of the papers, and a small one for scikit-learn's digits.

`find_model` finds one by its name, `MODELS` has them all. Networks are loaded on first use, so that names and costs can
be read without Keras.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tfsparse.models.catalog import MODELS, ModelEntry, find_model

if TYPE_CHECKING:
    from tfsparse.models.architectures.alexnet import alexnet as alexnet
    from tfsparse.models.architectures.convnet5 import convnet5 as convnet5
    from tfsparse.models.architectures.densenet import densenet121 as densenet121
    from tfsparse.models.architectures.digits_net import digits_net as digits_net
    from tfsparse.models.architectures.googlenet import googlenet as googlenet
    from tfsparse.models.architectures.lenet4 import lenet4 as lenet4
    from tfsparse.models.architectures.lenet5 import lenet5 as lenet5
    from tfsparse.models.architectures.mlp3 import mlp3 as mlp3
    from tfsparse.models.architectures.mobilenet import mobilenet_v1 as mobilenet_v1
    from tfsparse.models.architectures.preact_resnet import resnet56 as resnet56
    from tfsparse.models.architectures.preact_resnet import resnet164 as resnet164
    from tfsparse.models.architectures.resnet import resnet18 as resnet18
    from tfsparse.models.architectures.resnet import resnet18_cifar as resnet18_cifar
    from tfsparse.models.architectures.resnet import resnet34 as resnet34
    from tfsparse.models.architectures.resnet import resnet50 as resnet50

__all__ = ["MODELS", "ModelEntry", "find_model", *MODELS]


def __getattr__(name: str) -> Any:
    if name not in MODELS:
        raise AttributeError(f"module 'tfsparse.models' has no attribute {name!r}")
    return MODELS[name].build


def __dir__() -> list[str]:
    return sorted(__all__)
