# SPDX-License-Identifier: Apache-2.0
"""`tfsparse train`: a recipe, run in a folder from which it can go on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tfsparse.cli.console import err, out
from tfsparse.cli.data_options import Data, Download, ImageSize, read_data
from tfsparse.cli.errors import INTERRUPTED
from tfsparse.cli.keras_inputs import start_keras
from tfsparse.cli.train_output import results_table, write_page
from tfsparse.conversion.keras_source import check_keras_path, load_keras_file
from tfsparse.errors import InvalidArgumentError

Distribute = Literal["none", "mirrored", "multiworker", "data_parallel"]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PLACE=VALUE",
        help="Change a setting of the recipe: `stages.0.epochs=3`, or by the name of a stage: "
        "`stages.dense.epochs=3`. May be given several times.",
    ),
]


def train(
    recipe: Annotated[
        str,
        typer.Option(
            metavar="RECIPE",
            help="A method (`dasnet`, `jpnet`, `dual`), a published recipe (`dasnet-lenet4`), or a YAML or JSON file.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            help="Folder of the run: a new one, or that of the same run to go on with.",
            show_default=False,
        ),
    ],
    data: Data = None,
    image_size: ImageSize = None,
    download: Download = False,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Network of the catalog, instead of the recipe's; or a trained .keras file: then the recipe's dense "
            "training is left out.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, metavar="N", help="Seed, instead of the recipe's.")] = None,
    overrides: Overrides = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Insist that the run was begun before; without it, a new one may be begun, too."),
    ] = False,
    distribute: Annotated[
        Distribute,
        typer.Option(
            metavar="HOW",
            help="Share each batch: among the GPUs of this machine (`mirrored`; on JAX `data_parallel`), or among all "
            "processes that TF_CONFIG names, each of which runs this command (`multiworker`); or not (`none`).",
        ),
    ] = "none",
) -> None:
    """Train a network by a recipe: dense, then sparse, stage by stage, to a .keras and a .tflite file.

    The run can be stopped or killed at any moment: the same command goes on after the last epoch that was finished,
    and ends with the same result. The folder holds the recipe, the history of all epochs as CSV and JSON, logs for
    TensorBoard, the final table, and the model of every stage.

    The exit code is 1 where no setting within the accuracy budget was found; the closest is kept.

    Examples:

        tfsparse train --recipe dasnet --model lenet4 --data mnist.npz --output run

        tfsparse train --recipe jpnet-lenet4 --data mnist --download --output run

        tfsparse train --recipe dasnet --model trained.keras --output run

        tfsparse train --recipe my.yaml --data flowers --image-size 32 --output run

        tfsparse train --recipe my.yaml --output run --set stages.dense.epochs=3

        tfsparse train --recipe my.yaml --output run --distribute mirrored
    """
    if resume and not (output / "run.json").is_file():
        raise InvalidArgumentError(f"There is no run in {output} to go on with.", remedy="Leave out --resume.")
    trained = Path(model) if model is not None and model.endswith(".keras") else None
    if trained is not None:
        check_keras_path(trained)
    dataset = read_data(data, image_size, download)
    start_keras()
    from tfsparse.recipes.files import load_recipe, without_dense
    from tfsparse.recipes.runner import run_recipe
    from tfsparse.training.distribution import distributed
    from tfsparse.training.progress import Reporter

    settings = [*(overrides or []), *([f"seed={seed}"] if seed is not None else [])]
    loaded = load_recipe(recipe, model if trained is None else None, settings)
    network = None
    if trained is not None:
        loaded, network = without_dense(loaded), load_keras_file(trained)
    try:
        with distributed(distribute) as crew, crew.working_folder(output) as folder:
            result = run_recipe(loaded, dataset, folder, model=network, reporter=Reporter(verbose=crew.is_chief))
    except KeyboardInterrupt:
        err.print(f"Interrupted. The same command goes on after the last finished epoch in {output}.", style="bold red")
        raise typer.Exit(INTERRUPTED) from None
    if crew.is_chief:
        out.print(results_table(loaded.name, result.stages))
        err.print(f"The run is in {output}")
        write_page(output)
        for shortcoming in result.shortcomings:
            err.print(shortcoming, style="bold red", soft_wrap=True)
    if result.shortcomings:
        raise typer.Exit(1)
