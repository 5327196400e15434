# SPDX-License-Identifier: Apache-2.0
# make demo   set up, then train, sparsify, convert and time a network: the whole way in two minutes
# make test   set up, then run every check and test
# make test-torch  the training tests on PyTorch, too, which takes 5 GB of disk
# make test-arm    the C++ tests, and the delegate in stock interpreters, on emulated Arm processors
# make test-android  the Android app's tests on the JVM, with the real interpreter and delegate
# make apk         the Android app, signed, and make aar, its delegate for other apps: android_bench/README.md
# make android-assets  the demo models that the app brings along
# make android-native  the delegate's libraries for Android, without the NDK
# make fuzz        broken and unbroken operators for the delegate, from libFuzzer
# make clean  remove what the others made

VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
# One process a core; a file's tests stay together, as they share what their fixtures make. Reordered, files of a few long
# tests would come last and leave all cores but one idle.
IN_PARALLEL := --numprocesses=auto --maxprocesses=8 --dist=loadfile --no-loadscope-reorder
NATIVE := $(shell find tflite_ops -type f ! -name '*.pyc')
JNI_ABIS := arm64-v8a armeabi-v7a x86_64
JNI_LIBRARIES := $(JNI_ABIS:%=build/android/native/%/libtfsparse_jni.so)
# These run on every Keras backend; the others on TensorFlow, the backend that exports.
TRAINING := $(addprefix tests/tfsparse/,layers regularizers schedules pruning callbacks datasets/test_batches.py training)
DECIDING := $(addprefix tests/tfsparse/,analysis surgery)

export TF_CPP_MIN_LOG_LEVEL ?= 3
# Ninja would ask make for its share of the jobs, which older versions of make do not give.
unexport MAKEFLAGS
# Where Python may not keep what it compiled, each program here that imports TensorFlow compiles it anew, for ten seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint test-native test-python test-jax test-torch test-arm test-arm64 test-arm32 test-android android-assets fuzz clean

demo: $(VENV)/.ready-train
	$(BIN)/tfsparse demo

test: lint test-native test-python test-jax

$(VENV)/.ready-%: .ci/setup pyproject.toml constraints.txt $(NATIVE)
	.ci/setup $*

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	git ls-files '*.cc' '*.h' | xargs $(BIN)/clang-format --dry-run --Werror
	$(if $(shell command -v shellcheck),git grep -lE '^#!/bin/(ba)?sh' | xargs shellcheck,@echo "Without shellcheck, scripts are not checked")
	$(if $(shell command -v mvn),$(MAKE) lint-kotlin,@echo "Without Maven, Kotlin is not checked")

test-native: $(VENV)/.ready-dev
	$(BIN)/cmake -S tflite_ops -B build/native-test -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja \
	  -DCMAKE_BUILD_TYPE=Release -DTFSPARSE_BUILD_TESTS=ON -DTFSPARSE_BUILD_BENCHMARKS=ON
	$(BIN)/cmake --build build/native-test
	$(BIN)/ctest --test-dir build/native-test --output-on-failure --parallel 2

test-python: $(VENV)/.ready-dev
	$(PYTEST) $(IN_PARALLEL)

# Tests compile the same small programs again and again; kept, they take a third less time.
JAX_CACHE := JAX_COMPILATION_CACHE_DIR=$(abspath build/jax) JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 \
  JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES=0

test-jax: $(VENV)/.ready-dev
	KERAS_BACKEND=jax $(JAX_CACHE) $(PYTEST) $(IN_PARALLEL) -m "not slow" $(TRAINING)

# Beside .venv, not in it: the packages that PyTorch brings would otherwise be there for everybody.
build/torch: $(VENV)/.ready-dev
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --target $@ torch==2.15.0

test-torch: build/torch
	PYTHONPATH=$(abspath $<) KERAS_BACKEND=torch $(PYTEST) $(IN_PARALLEL) -m "not slow" $(TRAINING) $(DECIDING)

# Needs g++-aarch64-linux-gnu, g++-arm-linux-gnueabihf and qemu-user-static.
test-arm: test-arm64 test-arm32

test-arm64: $(VENV)/.ready-dev
	$(BIN)/cmake -S tflite_ops -B build/arm -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja \
	  -DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux-gnu.cmake -DCMAKE_BUILD_TYPE=Release -DTFSPARSE_BUILD_TESTS=ON
	$(BIN)/cmake --build build/arm
	$(BIN)/ctest --test-dir build/arm --output-on-failure --parallel 2
	.ci/arm-rig 64
	$(PYTEST) tests/end_to_end/test_arm.py

# The portable kernels are the same code as on 64 bits.
test-arm32: $(VENV)/.ready-dev
	$(BIN)/cmake -S tflite_ops -B build/arm32 -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja \
	  -DCMAKE_TOOLCHAIN_FILE=cmake/arm-linux-gnueabihf.cmake -DCMAKE_BUILD_TYPE=Release -DTFSPARSE_BUILD_TESTS=ON
	$(BIN)/cmake --build build/arm32
	GTEST_FILTER=-*portable* $(BIN)/ctest --test-dir build/arm32 --output-on-failure --parallel 2
	.ci/arm-rig 32
	$(PYTEST) tests/end_to_end/test_arm32.py

# Needs Maven, a JDK and aapt2.
test-android: build/android/native/host/libtfsparse_jni.so build/android/expected/expected.json
	mvn -B -q -f android_bench/pom.xml test
	$(PYTEST) tests/end_to_end/test_desk_and_app.py

# The models and the labelled set that the app brings along.
android-assets: build/android/assets/data/digits.npz

build/android/assets/data/digits.npz: android_bench/make_assets.py | $(VENV)/.ready-dev
	$(BIN)/python $< build/android/assets

# What Python and NumPy make of the files that the app's tests read.
build/android/expected/expected.json: tests/android_bench/expectations.py build/android/assets/data/digits.npz
	$(BIN)/python $< build/android/assets $(@D)

# Needs clang with libFuzzer. Optimised, the checked kernels would take minutes to compile.
FUZZ_SECONDS ?= 60
fuzz: $(VENV)/.ready-dev
	$(BIN)/cmake -S tflite_ops -B build/fuzz -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja \
	  -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O0 -g1" -DCMAKE_CXX_COMPILER=clang++ -DTFSPARSE_BUILD_FUZZERS=ON
	$(BIN)/cmake --build build/fuzz --target prepare_fuzzer
	mkdir -p build/fuzz/corpus
	build/fuzz/fuzz/prepare_fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=30 -rss_limit_mb=3000 \
	  -artifact_prefix=build/fuzz/ build/fuzz/corpus

include android_bench/packaging/rules.mk
include android_bench/native.mk

clean:
	rm -rf build $(VENV) .venv-tflite-runtime
