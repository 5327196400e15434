# SPDX-License-Identifier: Apache-2.0
# make android-native       the delegate's libraries for Android and the kernel benchmark for adb shell, without the NDK:
#                           a preview, and a gate for what only Android's loader would notice
# make test-android-native  what Android's loader asks of them, and whether they compute what they should: run on musl, other
#                           processors emulated, beside TensorFlow Lite's own library for Android
# make android-rig          what the latter needs, so that make test runs those tests, too
# All need a JDK's headers.

JNI_SOURCE := android_bench/delegate/src/main/cpp
JNI_FILES := $(shell find $(JNI_SOURCE) -type f ! -name '*.pyc') tflite_ops/cmake/zig-musl.cmake
CONFIGURE_JNI = $(BIN)/cmake -S $(JNI_SOURCE) -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_LIBRARY_OUTPUT_DIRECTORY=$(abspath $(@D)) \
  -DCMAKE_RUNTIME_OUTPUT_DIRECTORY=$(abspath $(@D))

.PHONY: android-native android-rig test-android-native

android-native: $(JNI_LIBRARIES) $(JNI_ABIS:%=build/android/native/%/tfsparse_bench)
	@ls -l $^ | awk '{ print $$5 " bytes  " $$9 }'

$(JNI_LIBRARIES): build/android/native/%/libtfsparse_jni.so: $(VENV)/.ready-dev $(JNI_FILES)
	$(CONFIGURE_JNI) -B build/android/cmake/$* -DTFSPARSE_ABI=$* \
	  -DCMAKE_TOOLCHAIN_FILE=$(abspath tflite_ops/cmake/zig-musl.cmake)
	$(BIN)/cmake --build build/android/cmake/$* --target tfsparse_jni

build/android/native/%/tfsparse_bench: build/android/native/%/libtfsparse_jni.so
	$(BIN)/cmake --build build/android/cmake/$* --target tfsparse_bench

# For a Java virtual machine on this computer.
build/android/native/host/libtfsparse_jni.so: $(VENV)/.ready-dev $(JNI_FILES)
	$(CONFIGURE_JNI) -B build/android/cmake/host
	$(BIN)/cmake --build build/android/cmake/host --target tfsparse_jni

# Of the kernel benchmarks only the one for phones of today: each makes zig build a C++ library, for most of a minute.
android-rig: $(JNI_LIBRARIES) build/android/native/arm64-v8a/tfsparse_bench \
    build/android/native/host/libtfsparse_jni.so $(call copied,fetched)
	.ci/android-rig

test-android-native: android-native android-rig
	$(PYTEST) tests/android_bench/test_native_libraries.py tests/android_bench/test_kernel_bench.py \
	  tests/android_bench/test_running_on_musl.py
