# Sources of the core library, relative to tflite_ops/. Each instruction set's file is built for its processors
# only, with the compile flags of that set. NEON is part of aarch64, but not of 32-bit Arm. Scheduled as GCC does by
# default, the sums of a tile do not stay in registers.
set(TFSPARSE_CORE_SOURCES
    core/conv2d/choose_method.cc
    core/conv2d/conv2d_algorithm.cc
    core/conv2d/conv2d_shape.cc
    core/conv2d/depthwise_rows.cc
    core/conv2d/direct_conv2d.cc
    core/conv2d/winograd_conv2d.cc
    core/conv2d/winograd_weights.cc
    core/conv2d/zero_skip_conv2d.cc
    core/isa.cc
    core/microkernels/f32-kernels-portable.cc
    core/microkernels/kernels.cc
    core/packed_columns.cc
    core/reference.cc
    core/rgemm.cc
    core/row_tiles.cc
    core/select.cc
    core/shared_weights.cc
    core/thread_pool.cc
    core/winner_compactor.cc
    core/winner_conv2d.cc
    core/winner_depthwise_conv2d.cc
    core/winner_fully_connected.cc
    core/winner_mask.cc
    core/move_plans.cc
    core/winner_select.cc
    core/winner_separable_conv2d.cc
    core/winners.cc)
set(TFSPARSE_NEON_SOURCES core/microkernels/f32-kernels-neon.cc)
set(TFSPARSE_NEON_GCC_FLAGS --param=sched-pressure-algorithm=1 -mtune=cortex-a55)
if(NOT TFSPARSE_NEON_32_BIT_FLAGS)  # a toolchain may know it by another name
  set(TFSPARSE_NEON_32_BIT_FLAGS -mfpu=neon)
endif()
set(TFSPARSE_NEON_32_BIT_GCC_FLAGS -fno-schedule-insns)
set(TFSPARSE_AVX2_SOURCES core/microkernels/f32-kernels-avx2.cc)
set(TFSPARSE_AVX2_FLAGS -mavx2 -mfma)
set(TFSPARSE_AVX512_SOURCES core/microkernels/f32-kernels-avx512.cc)
set(TFSPARSE_AVX512_FLAGS -mavx512f -mfma)
