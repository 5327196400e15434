# SPDX-License-Identifier: Apache-2.0
"""Dual sparse training step by step, by `fit` and callbacks: zeros in weights first, then in activation maps.

    python examples/dual_sparse_by_hand.py [--sparsity 0.6] [--l 1e-4] [--beta 1.0] [--epochs 6]

`tfsparse.recipes.dual_sparse(model, data)` does the same in one call, for several weights of the penalty if asked to.
"""

import argparse

import keras

import tfsparse as ts
from tfsparse.datasets import load_digits
from tfsparse.models.catalog import find_model
from tfsparse.pruning import regularized_weights


def train(model: keras.Model, digits, epochs: int, *callbacks: keras.callbacks.Callback) -> None:
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(digits.x_train, digits.y_train, batch_size=32, epochs=epochs, callbacks=list(callbacks), verbose=0)


def tell(name: str, model: keras.Model, digits) -> None:
    accuracy = model.evaluate(digits.x_test, digits.y_test, verbose=0)[1]
    counted = ts.profile(model, digits.x_test[:100])
    print(f"{name}: accuracy {accuracy:.1%}, {1 - counted.effective_macs / counted.macs:.1%} of the MACs saved")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sparsity", type=float, default=0.6)
    parser.add_argument("--l", type=float, default=1e-4)
    parser.add_argument("--beta", type=float, default=1.0)
    parser.add_argument("--epochs", type=int, default=6)
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)
    digits = load_digits(side=12)
    model = find_model("lenet4").build((12, 12, 1), 10, width=0.25)
    train(model, digits, arguments.epochs)
    tell("Dense", model, digits)

    with regularized_weights(model, keras.regularizers.L1(1e-5)):
        train(model, digits, arguments.epochs)
    prune = ts.schedules.ConstantSparsity(arguments.sparsity, begin_step=0)
    train(model, digits, arguments.epochs, ts.callbacks.MagnitudePruning(prune, scope="global"))
    tell("Pruned", model, digits)

    penalty = ts.regularizers.TransformedL1(arguments.l, arguments.beta)
    held = ts.callbacks.MagnitudePruning(ts.schedules.ConstantSparsity(0.0, begin_step=0))
    train(model, digits, arguments.epochs, held, ts.callbacks.ActivationRegularization(penalty))
    tell("Pruned, activations penalized", model, digits)


if __name__ == "__main__":
    main()
