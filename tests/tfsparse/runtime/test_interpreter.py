# SPDX-License-Identifier: Apache-2.0
"""Models run in each interpreter package, and give what the winners alone should give."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.bench.models.layers import LayerShape, dense_layer, random_input, winner_layer
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.errors import InvalidArgumentError, ModelFormatError, RuntimeUnavailableError
from tfsparse.runtime.interpreter import Interpreter
from tfsparse.runtime.library import LIBRARY_VARIABLE

SHAPE = LayerShape("test", "conv", "conv2d", height=6, width=5, channels=8, outputs=12, kernel=3, stride=1)
WINNERS = 4

runtimes = pytest.mark.parametrize("runtime", ["ai_edge_litert", "tensorflow"])


@pytest.fixture(scope="module")
def dense():
    return dense_layer(SHAPE)


@pytest.fixture(scope="module")
def sparse():
    return winner_layer(SHAPE, WINNERS / SHAPE.channels)


def with_open_batch(model: bytes) -> bytes:
    tree = read_model(model)
    for tensor in tree.subgraphs[0].tensors:
        if tensor.buffer == 0:
            tensor.shapeSignature = np.array([-1, *tensor.shape[1:]], np.int32)
    return serialize(tree)


def only_winners(x: np.ndarray) -> np.ndarray:
    order = np.argsort(-np.abs(x).max(axis=(1, 2)), axis=1, kind="stable")
    mask = np.zeros((len(x), x.shape[-1]), x.dtype)
    np.put_along_axis(mask, order[:, :WINNERS], 1, axis=1)
    return x * mask[:, None, None, :]


def inputs(samples: int) -> np.ndarray:
    return np.concatenate([random_input(SHAPE, seed) for seed in range(samples)])


@runtimes
def test_winner_conv_is_the_dense_one_on_the_winners(runtime, dense, sparse):
    x = inputs(5)
    expected = Interpreter(dense, runtime=runtime).predict(only_winners(x))
    np.testing.assert_allclose(Interpreter(sparse, runtime=runtime).predict(x), expected, rtol=1e-5, atol=1e-5)


@runtimes
def test_open_batches_give_the_same_as_single_samples(runtime, sparse):
    x = inputs(40)
    batched = Interpreter(with_open_batch(sparse), runtime=runtime).predict(x)
    np.testing.assert_allclose(batched, Interpreter(sparse, runtime=runtime).predict(x), rtol=1e-5, atol=1e-5)


def test_threads_give_the_same(sparse):
    x = inputs(3)
    expected = Interpreter(sparse).predict(x)
    np.testing.assert_allclose(Interpreter(sparse, num_threads=2).predict(x), expected, rtol=1e-5, atol=1e-5)


def test_a_file_is_run_like_its_content(sparse, tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(sparse)
    np.testing.assert_array_equal(Interpreter(path).predict(inputs(1)), Interpreter(sparse).predict(inputs(1)))


def test_a_dense_model_needs_no_library(dense, monkeypatch, tmp_path):
    monkeypatch.setenv(LIBRARY_VARIABLE, str(tmp_path / "gone.so"))
    interpreter = Interpreter(dense)
    assert interpreter.library is None
    assert interpreter.predict(inputs(1)).shape == SHAPE.output_shape


def test_a_sparse_model_without_library_is_refused(sparse, monkeypatch, tmp_path):
    monkeypatch.setenv(LIBRARY_VARIABLE, str(tmp_path / "gone.so"))
    with pytest.raises(RuntimeUnavailableError, match=r"native library is not there.*gone\.so"):
        Interpreter(sparse)


def test_a_model_newer_than_the_library_is_refused(sparse):
    tree = read_model(sparse)
    tree.operatorCodes[0].version = ops.OP_VERSION + 1
    with pytest.raises(RuntimeUnavailableError, match=rf"too old.*version {ops.OP_VERSION + 1}.*Update it"):
        Interpreter(serialize(tree))


def test_an_unknown_custom_operator_is_refused(sparse):
    tree = read_model(sparse)
    tree.operatorCodes[0].customCode = "SomebodyElses"
    with pytest.raises(ModelFormatError, match=r"cannot prepare the model.*SomebodyElses"):
        Interpreter(serialize(tree))


@pytest.mark.parametrize("content", [b"", b"short", b"\x00" * 100])
def test_other_bytes_are_refused(content):
    with pytest.raises(ModelFormatError):
        Interpreter(content)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelFormatError, match=r"none\.tflite"):
        Interpreter(tmp_path / "none.tflite")


@pytest.mark.parametrize("model", [None, 7, ["model.tflite"]])
def test_what_is_neither_path_nor_bytes_is_refused(model):
    with pytest.raises(InvalidArgumentError, match=r"Expected: a path, or bytes"):
        Interpreter(model)


@pytest.mark.parametrize("threads", [0, -1, 1.5, "two"])
def test_wrong_thread_counts_are_refused(dense, threads):
    with pytest.raises(InvalidArgumentError, match=r"num_threads"):
        Interpreter(dense, num_threads=threads)


def test_several_threads_may_share_an_interpreter(sparse):
    interpreter = Interpreter(sparse)
    x = inputs(4)
    expected = interpreter.predict(x)
    results: list[np.ndarray] = []
    workers = [threading.Thread(target=lambda: results.append(interpreter.predict(x))) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(results) == 8
    for result in results:
        np.testing.assert_array_equal(result, expected)


def test_profile_tells_the_operators_apart(sparse):
    interpreter = Interpreter(sparse, profiling=True)
    interpreter.predict(inputs(3))
    entries = {entry["op"]: entry for entry in interpreter.profile()}
    assert set(entries) == {ops.SelectWinners.NAME, ops.WinnerConv2D.NAME}
    assert all(entry["calls"] == 3 and entry["layer"] == "conv" for entry in entries.values())
    assert entries[ops.WinnerConv2D.NAME]["phases"]["gemm"] > 0
    assert all(entry["calls"] == 0 for entry in interpreter.profile())


def test_profiles_of_two_interpreters_are_apart(sparse):
    first, second = Interpreter(sparse, profiling=True), Interpreter(sparse, profiling=True)
    first.predict(inputs(2))
    second.predict(inputs(1))
    assert {entry["calls"] for entry in first.profile()} == {2}
    assert {entry["calls"] for entry in second.profile()} == {1}


def test_profile_must_be_asked_for(sparse):
    with pytest.raises(InvalidArgumentError, match=r"profiling=True"):
        Interpreter(sparse).profile()


@runtimes
def test_kept_tensors_hold_the_winners(sparse, runtime):
    interpreter = Interpreter(sparse, runtime=runtime, keep_tensors=True)
    x = inputs(1)
    interpreter.predict(x)
    tensors = interpreter.tensors()
    np.testing.assert_array_equal(tensors["input"], x)
    winners = np.flatnonzero(np.abs(only_winners(x)).max(axis=(0, 1, 2)))
    np.testing.assert_array_equal(tensors["conv/winners"][0], winners)


def test_tensors_must_be_kept(sparse):
    with pytest.raises(InvalidArgumentError, match=r"keep_tensors=True"):
        Interpreter(sparse).tensors()


@pytest.mark.parametrize("samples", [1, 8, 19])
def test_observing_shows_the_named_tensors_of_every_sample(sparse, samples):
    x = inputs(samples)
    interpreter = Interpreter(with_open_batch(sparse), keep_tensors=True)
    seen = list(interpreter.observe(x, {"input", "conv"}))
    assert all(set(values) == {"input", "conv"} for values in seen)
    np.testing.assert_array_equal(np.concatenate([values["input"] for values in seen]), x)
    y = np.concatenate([values["conv"] for values in seen])
    np.testing.assert_allclose(y, interpreter.predict(x), rtol=1e-5, atol=1e-5)


def test_only_the_named_tensors_are_read(sparse):
    interpreter = Interpreter(sparse, keep_tensors=True)
    interpreter.predict(inputs(1))
    assert set(interpreter.tensors(["conv"])) == {"conv"}


def test_outputs_come_in_the_order_of_their_names(dense):
    tree = read_model(dense)
    main = tree.subgraphs[0]
    main.outputs = np.array([3, 0], np.int32)
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = "serving_default", 0
    signature.inputs, signature.outputs = [tensor_map("x", 0)], [tensor_map("output_10", 3), tensor_map("output_9", 0)]
    tree.signatureDefs = [signature]
    interpreter = Interpreter(serialize(tree))
    x = inputs(1)
    first, second = interpreter.predict({"x": x})
    np.testing.assert_array_equal(first, x)
    assert second.shape == SHAPE.output_shape


def tensor_map(name: str, index: int) -> schema.TensorMapT:
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name, index
    return entry


class TestKernel:
    MODEL = winner_layer(LayerShape("t", "conv", "conv2d", 20, 20, 16, 16, 3, 1), 0.5)

    @staticmethod
    def used(**options):
        return Interpreter(TestKernel.MODEL, profiling=True, **options).profile()[1]["kernel"]

    @pytest.mark.parametrize("kernel", ["direct", "winograd_2x2", "winograd_4x4"])
    def test_computes_the_same_in_every_way(self, kernel):
        x = np.random.default_rng(0).normal(size=(1, 20, 20, 16)).astype(np.float32)
        assert self.used(kernel=kernel) == kernel
        expected = Interpreter(self.MODEL, kernel="direct").predict(x)
        np.testing.assert_allclose(Interpreter(self.MODEL, kernel=kernel).predict(x), expected, atol=1e-5)

    def test_is_direct_where_transformed_weights_do_not_fit(self):
        assert self.used(kernel="winograd_4x4", winograd_mib=1) == "winograd_4x4"
        assert self.used(kernel="winograd_4x4", winograd_mib=0) == "direct"

    def test_an_unknown_one_is_refused(self):
        with pytest.raises(InvalidArgumentError, match="Invalid `kernel`"):
            Interpreter(self.MODEL, kernel="fft")

    @pytest.mark.parametrize("limit", [-1, 1.5, 2**21])
    def test_a_limit_that_is_none_is_refused(self, limit):
        with pytest.raises(InvalidArgumentError, match="Invalid `winograd_mib`"):
            Interpreter(self.MODEL, winograd_mib=limit)
