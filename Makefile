# SPDX-License-Identifier: Apache-2.0
# make demo   set up, then train, sparsify, convert and time a network: the whole way in two minutes
# make test   set up, then run every check and test
# make clean  remove what the others made

VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
NATIVE := $(shell find tflite_ops -type f)
STUBS := ../shared/bazel_offline
# These run on every Keras backend; the others on TensorFlow, the backend that exports.
ANY_BACKEND := $(addprefix tests/tfsparse/,layers regularizers schedules pruning callbacks analysis surgery)

export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: demo test lint test-native test-python test-backends clean

demo: $(VENV)/.ready-train
	$(BIN)/tfsparse demo

test: lint test-native test-python test-backends

$(VENV)/.ready-%: .ci/setup pyproject.toml constraints.txt $(NATIVE)
	.ci/setup $*

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	git ls-files '*.cc' '*.h' | xargs $(BIN)/clang-format --dry-run --Werror

test-native: $(VENV)/.ready-dev
	$(BIN)/cmake -S tflite_ops -B build/native-test -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja \
	  -DCMAKE_BUILD_TYPE=Release -DTFSPARSE_BUILD_TESTS=ON -DTFSPARSE_BUILD_BENCHMARKS=ON
	$(BIN)/cmake --build build/native-test
	$(BIN)/ctest --test-dir build/native-test --output-on-failure

test-python: $(VENV)/.ready-dev
	$(PYTEST)

test-backends: $(VENV)/.ready-dev
	KERAS_BACKEND=jax $(PYTEST) $(ANY_BACKEND)

clean:
	rm -rf build $(VENV) .venv-tflite-runtime
