# Sources of the core library, relative to tflite_ops/. Each instruction set's files get its own compile flags.
set(TFSPARSE_CORE_SOURCES
    core/conv2d_shape.cc
    core/isa.cc
    core/rank.cc
    core/rgemm.cc
    core/select.cc
    core/thread_pool.cc
    core/winner_conv2d.cc
    core/winner_fully_connected.cc
    core/winner_mask.cc
    core/winner_select.cc
    core/winners.cc)
