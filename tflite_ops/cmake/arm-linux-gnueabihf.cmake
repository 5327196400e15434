# SPDX-License-Identifier: Apache-2.0
#
# Toolchain for 32-bit Arm Linux.
set(CMAKE_SYSTEM_PROCESSOR armv7-a)
set(triple arm-linux-gnueabihf)
set(emulator qemu-arm-static)
include(${CMAKE_CURRENT_LIST_DIR}/debian-arm.cmake)
