# SPDX-License-Identifier: Apache-2.0
"""`tfsparse search`: winner rates, layer by layer, under an accuracy budget."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfsparse.cli.console import err, out
from tfsparse.cli.data_options import Data, Download, ImageSize, read_data
from tfsparse.cli.errors import INTERRUPTED
from tfsparse.cli.keras_inputs import start_keras
from tfsparse.cli.options import KerasModel, Threads
from tfsparse.cli.search_output import check_folder, keep
from tfsparse.search.result import JOURNAL

if TYPE_CHECKING:
    from tfsparse.search import SearchResult
    from tfsparse.search.data import SearchData

_FINETUNING = "finetuning"


class TargetName(str, Enum):
    """What a search saves, as in `tfsparse.search.search_rates`."""

    macs = "macs"
    milliseconds = "milliseconds"


Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="FOLDER", help="Folder for what is found, or that of the search to go on with."
    ),
]
Budget = Annotated[
    float, typer.Option(metavar="SHARE", help="Accuracy that may be lost, in [0, 1): 0.005 is half a percent.")
]
TargetOption = Annotated[
    TargetName,
    typer.Option(
        metavar="WHAT", help="What to save: `macs`, or `milliseconds`, which are measured beside the dense model."
    ),
]
AtMost = Annotated[
    float | None,
    typer.Option(
        metavar="COST",
        help="MACs or milliseconds to reach. Without it: as few as the budget allows.",
        show_default=False,
    ),
]
Trials = Annotated[
    int, typer.Option(min=1, metavar="N", help="Settings to measure, those that are in the storage included.")
]
Sparsities = Annotated[bool, typer.Option("--sparsities", help="Search the weight sparsity of each layer, too.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(metavar="LAYER", help="Name or shell pattern of layers to leave alone; may be given several times."),
]
FinetuneEpochs = Annotated[
    int, typer.Option(min=0, metavar="N", help="Epochs of finetuning of each finalist; 0 for none.")
]
LearningRate = Annotated[
    float, typer.Option(metavar="RATE", help="Learning rate of the finetuning, which falls along half a cosine.")
]
Finetunings = Annotated[int, typer.Option(min=1, metavar="N", help="How many finalists to finetune at most.")]
Storage = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE",
        help="Where the study is kept, for several machines to share: a database's URL (`sqlite:///search.db`) or the "
        "path of a journal file. Default: `study.journal` in the output folder.",
        show_default=False,
    ),
]
StudyName = Annotated[str, typer.Option("--study", metavar="NAME", help="Name of the study in the storage.")]
Samples = Annotated[int, typer.Option(min=1, metavar="N", help="Validation samples to measure on, at most.")]
ValidationShare = Annotated[
    float,
    typer.Option(
        metavar="SHARE",
        help="Share of the training samples that is set aside for validation; as in the network's recipe.",
    ),
]


def search(
    model: KerasModel,
    output: Output,
    data: Data = None,
    image_size: ImageSize = None,
    download: Download = False,
    budget: Budget = 0.005,
    target: TargetOption = TargetName.macs,
    at_most: AtMost = None,
    trials: Trials = 100,
    sparsities: Sparsities = False,
    exclude: Exclude = None,
    finetune_epochs: FinetuneEpochs = 0,
    learning_rate: LearningRate = 3e-4,
    finetunings: Finetunings = 6,
    storage: Storage = None,
    study: StudyName = "tfsparse",
    samples: Samples = 5000,
    validation_share: ValidationShare = 0.1,
    runs: Annotated[int, typer.Option(min=1, metavar="N", help="Timed runs of each model, for milliseconds.")] = 100,
    threads: Threads = 1,
    seed: Annotated[
        int, typer.Option(min=0, metavar="N", help="Seed of the split and the sampler; as in the recipe.")
    ] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another search's files.")] = False,
) -> None:
    """Find the winner rate of every layer of a dense model that together cost least within an accuracy budget.

    First each layer is turned down alone, to see what it bears; then settings of all layers are tried, and last, with
    --finetune-epochs, a few of the best are finetuned. The folder holds curves and Pareto front as pictures and JSON,
    the chosen model, and a recipe with the chosen rates for `tfsparse train`.

    The search can be stopped at any moment: the same command goes on. The exit code is 1 where nothing fits the budget
    and --at-most; the closest is reported.

    Examples:

        tfsparse search lenet4.keras --data mnist.npz -o found

        tfsparse search lenet4.keras -o found --budget 0.001 --finetune-epochs 2

        tfsparse search net.keras -o found --target milliseconds --at-most 1.5

        tfsparse search net.keras -o found --storage /mnt/study/search.journal
    """
    from tfsparse.conversion.keras_source import check_keras_path, keras_model

    check_keras_path(model)
    check_folder(output, JOURNAL, overwrite)
    dataset = read_data(data, image_size, download)
    start_keras()
    from tfsparse.search import Timing, search_rates
    from tfsparse.search.data import SearchData, finetuner
    from tfsparse.training.memory import explaining_memory

    network = keras_model(model)
    parts = SearchData(dataset, network, validation_share, samples, seed)
    folder = output / _FINETUNING
    finetune = finetuner(parts, folder, finetune_epochs, learning_rate) if finetune_epochs else None
    output.mkdir(parents=True, exist_ok=True)
    try:
        with explaining_memory("Lower --samples; what was measured is kept."):
            found = search_rates(
                network,
                *parts.validation(),
                budget=budget,
                target=target.value,
                at_most=at_most,
                trials=trials,
                sparsities=sparsities,
                exclude=exclude or (),
                finetune=finetune,
                finetunings=finetunings,
                storage=storage or str(output / JOURNAL),
                study=study,
                timing=Timing(runs, threads),
                seed=seed,
            )
    except KeyboardInterrupt:
        err.print(f"Interrupted. The same command goes on with what is in {storage or output}.", style="bold red")
        raise typer.Exit(INTERRUPTED) from None
    _report(found, parts, output)


def _report(found: SearchResult, parts: SearchData, output: Path) -> None:
    out.print(str(found.sensitivity), soft_wrap=True)
    out.print(f"\n{found}", soft_wrap=True)
    if found.network is not None:
        out.print(f"On {parts.test_count:,} test samples: {parts.test_accuracy(found.network):.2%}")
    keep(found, output)
    if found.chosen is None:
        raise typer.Exit(1)
