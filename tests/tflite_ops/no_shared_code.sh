#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails if an object file compiled for a particular instruction set holds code that the linker may share with the rest
# of the library (templates, inline functions): processors without that set would run it.
! nm -C --defined-only "$@" | grep -E ' [WVu] '
