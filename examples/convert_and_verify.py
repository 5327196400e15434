# SPDX-License-Identifier: Apache-2.0
"""Makes a trained network sparse, converts it, and checks that the file computes what Keras computes.

    python examples/convert_and_verify.py [--energy 0.999] [--output sparse.tflite]

The network has a residual connection: the report shows which layers compute with the winners alone, and which could
not, and why.
"""

import argparse

import keras
import numpy as np
from keras import layers

import tfsparse as ts
from tfsparse.datasets import load_digits


def residual_net(image_shape: tuple[int, int, int], classes: int) -> keras.Model:
    image = keras.Input(image_shape)
    stem = layers.Conv2D(32, 3, padding="same", activation="relu", name="stem")(image)
    branch = layers.Conv2D(32, 3, padding="same", activation="relu", name="branch1")(stem)
    branch = layers.Conv2D(32, 3, padding="same", name="branch2")(branch)
    merged = layers.ReLU()(layers.Add(name="add")([stem, branch]))
    pooled = layers.GlobalAveragePooling2D()(merged)
    return keras.Model(image, layers.Dense(classes, name="logits")(pooled))


def train(model: keras.Model, images: np.ndarray, labels: np.ndarray, epochs: int) -> None:
    model.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images, labels, epochs=epochs, verbose=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--energy", type=float, default=0.999, help="share of the energy that the winners keep")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--output", default="sparse.tflite")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)
    digits = load_digits(side=16)
    dense = residual_net(digits.x_train.shape[1:], digits.num_classes)
    train(dense, digits.x_train, digits.y_train, arguments.epochs)

    rates = ts.winner_rates(dense, digits.x_train[:500], energy=arguments.energy)
    sparse = ts.sparsify(dense, rates)
    train(sparse, digits.x_train, digits.y_train, max(1, arguments.epochs // 2))

    print(ts.convert(sparse, arguments.output, overwrite=True))
    report = ts.verify(sparse, arguments.output, digits.x_test[:16])
    print(report)
    if not report.passed:
        raise SystemExit(1)

    labels = ts.Interpreter(arguments.output).predict(digits.x_test).argmax(axis=-1)
    print(f"Accuracy in the interpreter: {np.mean(labels == digits.y_test):.1%}")


if __name__ == "__main__":
    main()
