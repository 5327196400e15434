# SPDX-License-Identifier: Apache-2.0
"""DASNet step by step, by `fit` alone: energy, winner rates, finetuning, check, and again.

    python examples/dasnet_by_hand.py [--budget 0.01] [--epochs 6] [--save model.keras]

`tfsparse.recipes.dasnet(model, data)` does the same in one call, and `tfsparse train --recipe dasnet` on the command
line, both from a folder in which a run can be stopped and resumed.
"""

import argparse

import keras

import tfsparse as ts
from tfsparse.datasets import load_digits, split_validation
from tfsparse.models.catalog import find_model


def train(model: keras.Model, x, y, epochs: int, learning_rate: float) -> None:
    steps = epochs * -(-len(x) // 32)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)


def accuracy(model: keras.Model, x, y) -> float:
    return model.evaluate(x, y, verbose=0)[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", type=float, default=0.01, help="accuracy that may be lost")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--save", help="a .keras file to write")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)
    digits, x_val, y_val = split_validation(load_digits(side=12), share=0.2)
    x, y = digits.x_train, digits.y_train
    dense = find_model("lenet4").build((12, 12, 1), 10, width=0.5)
    train(dense, x, y, arguments.epochs, 1e-3)
    baseline = accuracy(dense, x_val, y_val)
    print(f"Dense: {baseline:.1%}")

    best = dense
    for energy in (0.99, 0.97, 0.94, 0.9):
        rates = ts.winner_rates(dense, x[:500], energy=energy)
        sparse = ts.sparsify(best, rates)  # starts from the weights of the round before
        train(sparse, x, y, max(1, arguments.epochs // 2), 5e-4)
        reached = accuracy(sparse, x_val, y_val)
        macs = ts.profile(sparse, x[:1])
        print(f"Energy {energy}: {macs.macs_after_wta / macs.macs:.1%} of the MACs, {reached:.1%}")
        if reached < baseline - arguments.budget:
            break
        best = sparse

    print(f"Accuracy {accuracy(best, digits.x_test, digits.y_test):.1%} on the test samples")
    print(ts.profile(best, digits.x_test[:100]))
    if arguments.save:
        best.save(arguments.save)


if __name__ == "__main__":
    main()
