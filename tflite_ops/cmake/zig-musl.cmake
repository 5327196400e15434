# SPDX-License-Identifier: Apache-2.0
#
# Toolchain for an Android processor from any computer, without the NDK: the compilers and the C and C++ libraries of
# PyPI's ziglang. The C library is musl, so what it links is a static program, which runs under `adb shell` as it does on
# any Linux. For shared libraries see android_bench/delegate/src/main/cpp/bionic.
#
#   -DTFSPARSE_ABI=arm64-v8a | armeabi-v7a | x86_64
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TFSPARSE_ABI TFSPARSE_ZIG)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
file(GLOB zig_folders ${CMAKE_CURRENT_LIST_DIR}/../../.venv/lib/python3.*/site-packages/ziglang)
find_program(TFSPARSE_ZIG zig HINTS ${zig_folders} REQUIRED)

# zig keeps by itself what it compiled.
unset(ENV{CMAKE_CXX_COMPILER_LAUNCHER})

set(CMAKE_SYSTEM_NAME Linux)
if(TFSPARSE_ABI STREQUAL "arm64-v8a")
  set(CMAKE_SYSTEM_PROCESSOR aarch64)
  set(zig_target -target aarch64-linux-musl)
  set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
elseif(TFSPARSE_ABI STREQUAL "armeabi-v7a")
  # Floats are passed in general registers, by Android and in zig's libraries for musleabi alike, and computed in the
  # floating-point unit, which zig leaves to musleabihf. Only the files of NEON may use NEON.
  set(CMAKE_SYSTEM_PROCESSOR armv7-a)
  set(zig_target -target arm-linux-musleabihf -mfloat-abi=softfp -mcpu=generic+v7a+vfp3d16-neon)
  set(TFSPARSE_NEON_32_BIT_FLAGS -mcpu=generic+v7a+neon)
  set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm-static)
  set(zig_link_target "-target arm-linux-musleabi -mcpu=generic+v7a+soft_float")
elseif(TFSPARSE_ABI STREQUAL "x86_64")
  set(CMAKE_SYSTEM_PROCESSOR x86_64)
  set(zig_target -target x86_64-linux-musl -mcpu=x86_64_v2)
else()
  message(FATAL_ERROR "TFSPARSE_ABI must be arm64-v8a, armeabi-v7a or x86_64. Received: \"${TFSPARSE_ABI}\".")
endif()
set(CMAKE_C_COMPILER ${TFSPARSE_ZIG} cc ${zig_target})
set(CMAKE_CXX_COMPILER ${TFSPARSE_ZIG} c++ ${zig_target})
set(CMAKE_AR ${TFSPARSE_ZIG})
foreach(language C CXX)
  set(CMAKE_${language}_ARCHIVE_CREATE "<CMAKE_AR> ar qc <TARGET> <OBJECTS>")
  set(CMAKE_${language}_ARCHIVE_FINISH "<CMAKE_AR> ranlib <TARGET>")
endforeach()
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -s ${zig_link_target}")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-s ${zig_link_target}")
