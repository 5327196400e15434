# SPDX-License-Identifier: Apache-2.0
"""Trains a network with winners-take-all layers in it from the start, and counts what it saves.

    python examples/train_wta.py [--epochs 6] [--winner-rate 0.3] [--save model.keras]

Each `WTADropout` passes the strongest share of the channels of each image and sets the others to zero, in training and
in use alike. The convolution behind it then needs that share of its multiplications only.
"""

import argparse

import keras
from keras import layers

import tfsparse as ts
from tfsparse.datasets import load_digits


def build(winner_rate: float, image_shape: tuple[int, int, int], classes: int) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(image_shape),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            ts.layers.WTADropout(winner_rate, score="max"),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            ts.layers.WTADropout(winner_rate, score="max"),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(classes),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--winner-rate", type=float, default=0.3)
    parser.add_argument("--save", help="a .keras file to write")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)
    digits = load_digits(side=16)
    model = build(arguments.winner_rate, digits.x_train.shape[1:], digits.num_classes)
    model.compile(
        "adam",
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(digits.x_train, digits.y_train, epochs=arguments.epochs, validation_split=0.1, verbose=2)

    _, accuracy = model.evaluate(digits.x_test, digits.y_test, verbose=0)
    print(f"Accuracy {accuracy:.1%} at winner rate {arguments.winner_rate}")
    print(ts.profile(model, digits.x_test[:100]))
    if arguments.save:
        model.save(arguments.save)


if __name__ == "__main__":
    main()
