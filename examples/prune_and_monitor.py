# SPDX-License-Identifier: Apache-2.0
"""Prunes the weights of a network while it trains, and logs the sparsity of every layer.

    python examples/prune_and_monitor.py [--sparsity 0.8] [--epochs 6] [--log training.csv]

The activations are driven to zero too, by a regularizer. The log has a column per layer for the zeros in its weights
and in its activations, next to the loss; TensorBoard shows the same numbers.
"""

import argparse

import keras
from keras import layers

import tfsparse as ts
from tfsparse.datasets import load_digits


def build(image_shape: tuple[int, int, int], classes: int) -> keras.Model:
    few_activations = ts.regularizers.TransformedL1(1e-5, beta=1.0)
    return keras.Sequential(
        [
            keras.Input(image_shape),
            layers.Conv2D(32, 3, padding="same", name="conv1"),
            layers.ReLU(activity_regularizer=few_activations, name="relu1"),
            layers.Conv2D(64, 3, strides=2, padding="same", name="conv2"),
            layers.ReLU(activity_regularizer=few_activations, name="relu2"),
            layers.Flatten(),
            layers.Dense(64, activation="relu", name="hidden"),
            layers.Dense(classes, name="logits"),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sparsity", type=float, default=0.8)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--log", default="training.csv")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)
    digits = load_digits(side=16)
    model = build(digits.x_train.shape[1:], digits.num_classes)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])

    steps = arguments.epochs * -(-len(digits.x_train) // 32)
    schedule = ts.schedules.PolynomialDecay(0.0, arguments.sparsity, begin_step=steps // 5, end_step=steps * 3 // 5)
    model.fit(
        digits.x_train,
        digits.y_train,
        batch_size=32,
        epochs=arguments.epochs,
        callbacks=[
            ts.callbacks.MagnitudePruning(schedule, exclude=["logits"]),
            ts.callbacks.SparsityMonitor(digits.x_test[:200]),
            keras.callbacks.CSVLogger(arguments.log),
        ],
        verbose=0,
    )

    _, accuracy = model.evaluate(digits.x_test, digits.y_test, verbose=0)
    print(f"Accuracy {accuracy:.1%} at {arguments.sparsity:.0%} zeros in the weights")
    print(ts.profile(model, digits.x_test[:100]))
    print(f"The sparsity of every layer, epoch by epoch: {arguments.log}")


if __name__ == "__main__":
    main()
