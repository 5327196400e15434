# SPDX-License-Identifier: Apache-2.0
"""Runs a `.tflite` model on this machine, the winner operators included."""

from __future__ import annotations

import itertools
import os
import threading
import time
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tfsparse.errors import InvalidArgumentError, ModelFormatError, TfsparseError
from tfsparse.runtime import batches
from tfsparse.runtime.library import NativeLibrary, load_library
from tfsparse.runtime.requirements import require_op_version, required_op_version
from tfsparse.runtime.runtimes import Runtime, load_runtime
from tfsparse.runtime.signatures import in_signature_order, signature_runner

KERNELS = ("auto", "direct", "winograd_2x2", "winograd_4x4")
"""Ways to compute a winner convolution, as `Interpreter` takes them."""

_MAX_MIB = 2**20

_OBSERVED_BATCH = 8
"""Samples per run of which every intermediate tensor is in memory."""

Inputs = np.ndarray | Sequence[np.ndarray] | Mapping[str, np.ndarray]

_profile_ids = itertools.count()


class Interpreter:
    """A `.tflite` model, ready to run in a stock interpreter package.

    The winner operators are run by the native library, which the interpreter loads as an external delegate; XNNPACK
    runs what it can of the rest. A model without winner operators needs no library. Calls of one instance are safe
    from several threads and run one after the other; use one instance per thread to run side by side.

    Args:
        model: Path of a `.tflite` file, or its content.
        num_threads: Threads of one run, at least 1.
        runtime: Interpreter package: `"ai_edge_litert"`, `"tensorflow"`, `"tflite_runtime"`, or `"auto"` for the first
            of them that can be imported.
        profiling: Whether to measure the time inside the winner operators, for `profile()`.
        keep_tensors: Whether every intermediate tensor can be read after a run, with `tensors()`. Nothing is fused
            then and XNNPACK is off, so this is for comparing, not for speed.
        kernel: How to compute winner convolutions whose model leaves it open: `"auto"` for what is expected to be the
            fastest, `"direct"`, or Winograd's algorithm with tiles of 2x2 (`"winograd_2x2"`) or 4x4 pixels
            (`"winograd_4x4"`) wherever the shape allows it. Winograd's has rounding errors of a few millionths of the
            largest output, and spreads NaN and infinity over a tile.
        winograd_mib: Most mebibytes for weights that Winograd's algorithm transforms, which are 1.8 (2x2) or 4 (4x4)
            times as large as the filter; layers that do not fit are computed directly. `None`: no limit.

    Raises:
        ModelFormatError: The file is missing, damaged, or no `.tflite` model.
        InvalidArgumentError: An argument is outside its range.
        RuntimeUnavailableError: The interpreter package or the native library is missing, or the library is older than
            the model's operators.

    Example:

        interpreter = tfsparse.Interpreter("model.tflite")
        logits = interpreter.predict(images)  # float32 [samples, classes]
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | bytes,
        num_threads: int = 1,
        runtime: str = "auto",
        *,
        profiling: bool = False,
        keep_tensors: bool = False,
        kernel: str = "auto",
        winograd_mib: int | None = None,
    ) -> None:
        if not isinstance(model, (str, os.PathLike, bytes)):
            raise InvalidArgumentError("Invalid `model`.", expected="a path, or bytes", received=type(model).__name__)
        if not isinstance(num_threads, int) or num_threads < 1:
            raise InvalidArgumentError("Invalid `num_threads`.", expected="an integer from 1", received=num_threads)
        self._delegate_options = _delegate_options(kernel, winograd_mib)
        op_version = required_op_version(model)
        self._runtime: Runtime = load_runtime(runtime)
        self._library: NativeLibrary | None = load_library() if op_version else None
        if self._library is not None:
            require_op_version(self._library, op_version)
        self._profile_id = f"interpreter-{next(_profile_ids)}" if profiling else None
        if self._profile_id is not None:
            self._delegate_options["profile"] = self._profile_id
        self._keep_tensors = keep_tensors
        self._lock = threading.Lock()
        started = time.perf_counter()
        self._interpreter = self._create(model, num_threads)
        self._init_ms = (time.perf_counter() - started) * 1e3
        self._outputs = in_signature_order(self._interpreter)

    def _create(self, model: str | os.PathLike[str] | bytes, num_threads: int) -> Any:
        arguments: dict[str, Any] = {"num_threads": num_threads}
        if isinstance(model, bytes):
            arguments["model_content"] = model
        else:
            arguments["model_path"] = os.fspath(model)
        if self._keep_tensors:
            arguments["experimental_preserve_all_tensors"] = True
            arguments["experimental_op_resolver_type"] = self._runtime.plain_resolver
        try:
            if self._library is not None:
                delegate = self._runtime.load_delegate(str(self._library.path), self._delegate_options)
                arguments["experimental_delegates"] = [delegate]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # TensorFlow announces that its interpreter moves to another package
                interpreter = self._runtime.interpreter(**arguments)
            interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise _refused(self._runtime, error) from error
        return interpreter

    @property
    def runtime(self) -> str:
        """Name of the interpreter package in use."""
        return self._runtime.name

    @property
    def runtime_version(self) -> str:
        """Version of the interpreter package in use."""
        return self._runtime.version

    @property
    def init_ms(self) -> float:
        """Milliseconds that the interpreter package took to load and prepare the model."""
        return self._init_ms

    @property
    def library(self) -> NativeLibrary | None:
        """The native library, or `None` where the model has no winner operators."""
        return self._library

    @property
    def input_details(self) -> list[dict[str, Any]]:
        """The interpreter's own description of each input, in the order that `predict` takes."""
        return self._interpreter.get_input_details()

    @property
    def output_details(self) -> list[dict[str, Any]]:
        """The interpreter's own description of each output, in the order that `predict` returns.

        Outputs of a Keras model keep the model's order: `output_0`, `output_1`, ...
        """
        details = {detail["index"]: detail for detail in self._interpreter.get_output_details()}
        return [details[index] for index in self._outputs]

    def predict(self, x: Inputs) -> np.ndarray | tuple[np.ndarray, ...]:
        """Runs the model on any number of samples.

        A model whose batch axis is open takes the samples in batches of at most 32, any other in batches of its own
        size.

        Args:
            x: Array `[samples, ...]`. For several inputs a list in the order of `input_details`, or a dictionary by
                input name (of the tensor or of the signature). Integers are cast to a floating-point input.

        Returns:
            Array `[samples, ...]`, or a tuple of arrays where the model has several outputs.

        Raises:
            InvalidArgumentError: The inputs do not fit the model's in number, shape or type.
        """
        with self._lock:
            arrays, plan = self._planned(x, batches.OPEN_BATCH)
            parts = [self._run(batch) for batch in batches.split(arrays, plan)]
            joined = batches.join(parts, plan)
        return joined[0] if len(joined) == 1 else tuple(joined)

    def observe(self, x: Inputs, names: Collection[str]) -> Iterator[dict[str, np.ndarray]]:
        """Runs the model on any number of samples, a few at a time; needs `keep_tensors=True`.

        Args:
            x: As for `predict`.
            names: Tensors to look at.

        Yields:
            The tensors of one run after the other, by name. Where the model has a fixed batch, its last sample fills
            up a short last one.
        """
        with self._lock:
            arrays, plan = self._planned(x, _OBSERVED_BATCH)
        for batch in batches.split(arrays, plan):
            with self._lock:
                self._run(batch)
                values = self.tensors(names)
            yield values

    def _planned(self, x: Inputs, open_batch: int) -> tuple[list[np.ndarray], batches.BatchPlan]:
        details = self.input_details
        arrays = batches.named_inputs(x, details, self._signature_inputs())
        return arrays, batches.plan(arrays, details, open_batch)

    def set_inputs(self, arrays: Sequence[np.ndarray]) -> None:
        """Copies one batch of inputs into the interpreter, resizing open axes; `invoke` then runs it.

        Args:
            arrays: One array per input, in the order of `input_details`, of exactly the input's type.
        """
        details = self.input_details
        resized = False
        for detail, array in zip(details, arrays, strict=True):
            if tuple(detail["shape"]) != array.shape:
                self._interpreter.resize_tensor_input(detail["index"], array.shape, strict=True)
                resized = True
        if resized:
            self._interpreter.allocate_tensors()
        for detail, array in zip(details, arrays, strict=True):
            self._interpreter.set_tensor(detail["index"], array)

    def invoke(self) -> None:
        """Runs the model once on the inputs that are set."""
        self._interpreter.invoke()

    def _run(self, arrays: list[np.ndarray]) -> list[np.ndarray]:
        try:
            self.set_inputs(arrays)
            self.invoke()
            return [self._interpreter.get_tensor(index) for index in self._outputs]
        except (RuntimeError, ValueError) as error:
            raise TfsparseError(
                f"The {self.runtime} interpreter failed while running the model.", received=str(error)
            ) from error

    def _signature_inputs(self) -> dict[str, int]:
        runner = signature_runner(self._interpreter)
        return {} if runner is None else {name: d["index"] for name, d in runner.get_input_details().items()}

    def tensors(self, names: Collection[str] | None = None) -> dict[str, np.ndarray]:
        """The tensors of the last run by name; needs `keep_tensors=True`.

        Args:
            names: Which; `None`: every one, constants included.
        """
        if not self._keep_tensors:
            raise InvalidArgumentError("The tensors were not kept.", expected="Interpreter(..., keep_tensors=True)")
        found = {}
        for detail in self._interpreter.get_tensor_details():
            if names is not None and detail["name"] not in names:
                continue
            try:
                found[detail["name"]] = self._interpreter.get_tensor(detail["index"])
            except ValueError:  # scratch tensors of an operator hold no data
                continue
        return found

    def profile(self) -> list[dict[str, Any]]:
        """Time inside each winner operator since the last call; needs `profiling=True`.

        Returns:
            One dictionary per operator: `node`, `op`, `layer`, `kernel` (what computes it), `weight_bytes` (memory of
            its packed weights), `calls`, and `phases` (name → nanoseconds).
        """
        if self._profile_id is None:
            raise InvalidArgumentError("Nothing was profiled.", expected="Interpreter(..., profiling=True)")
        if self._library is None:
            return []
        measured = self._library.profile(self._profile_id)
        self._library.reset_profile(self._profile_id)
        return measured


def _delegate_options(kernel: str, winograd_mib: int | None) -> dict[str, str]:
    if kernel not in KERNELS:
        expected = "one of " + ", ".join(map(repr, KERNELS))
        raise InvalidArgumentError("Invalid `kernel`.", expected=expected, received=kernel)
    if winograd_mib is None:
        return {"kernel": kernel}
    if not isinstance(winograd_mib, int) or not 0 <= winograd_mib <= _MAX_MIB:
        expected = f"None, or an integer from 0 to {_MAX_MIB}"
        raise InvalidArgumentError("Invalid `winograd_mib`.", expected=expected, received=winograd_mib)
    return {"kernel": kernel, "winograd_mib": str(winograd_mib)}


def _refused(runtime: Runtime, error: Exception) -> ModelFormatError:
    return ModelFormatError(
        f"The {runtime.name} {runtime.version} interpreter cannot prepare the model.",
        expected="a model whose operators this runtime or the native library knows",
        received=str(error),
    )
