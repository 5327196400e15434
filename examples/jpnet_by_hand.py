# SPDX-License-Identifier: Apache-2.0
"""JPnet step by step, by `fit` and callbacks: pruned weights, then element-wise masks over tanh, which makes no zeros.

    python examples/jpnet_by_hand.py [--sparsity 0.8] [--energy 0.9] [--epochs 8]

`tfsparse.recipes.jpnet(model, data)` does the same in one call and searches the energy under a budget of accuracy.
"""

import argparse

import keras

import tfsparse as ts
from tfsparse.datasets import load_digits
from tfsparse.models.catalog import find_model


def train(model: keras.Model, digits, epochs: int, *callbacks: keras.callbacks.Callback) -> None:
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(digits.x_train, digits.y_train, batch_size=32, epochs=epochs, callbacks=list(callbacks), verbose=0)


def tell(name: str, model: keras.Model, digits) -> None:
    accuracy = model.evaluate(digits.x_test, digits.y_test, verbose=0)[1]
    counted = ts.profile(model, digits.x_test[:100])
    saved = 1 - counted.effective_macs / counted.macs
    print(f"{name}: accuracy {accuracy:.1%}, {saved:.1%} of the MACs saved, {counted.weight_sparsity:.1%} zero weights")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sparsity", type=float, default=0.8)
    parser.add_argument("--energy", type=float, default=0.9)
    parser.add_argument("--epochs", type=int, default=8)
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)
    digits = load_digits(side=12)
    model = find_model("mlp3").build((12, 12, 1), 10, activation="tanh")
    train(model, digits, arguments.epochs)
    tell("Dense", model, digits)

    steps = arguments.epochs * -(-len(digits.x_train) // 32)
    schedule = ts.schedules.PolynomialDecay(0.0, arguments.sparsity, begin_step=0, end_step=steps // 2)
    train(model, digits, arguments.epochs, ts.callbacks.MagnitudePruning(schedule))
    tell("Pruned", model, digits)

    rates = ts.winner_rates(model, digits.x_train[:500], energy=arguments.energy, mask="sampled")
    joint = ts.sparsify(model, rates, mask="sampled")
    held = ts.schedules.ConstantSparsity(0.0, begin_step=0)  # what is zero by now stays zero
    train(joint, digits, arguments.epochs, ts.callbacks.MagnitudePruning(held))
    tell("Pruned and masked", joint, digits)


if __name__ == "__main__":
    main()
