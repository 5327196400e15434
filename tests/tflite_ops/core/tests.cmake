# Tests of the core library, relative to tests/tflite_ops/.
set(TFSPARSE_CORE_TESTS
    core/conv2d_shape_test.cc
    core/isa_test.cc
    core/select_test.cc
    core/thread_pool_test.cc
    core/winner_conv2d_test.cc
    core/winner_fully_connected_test.cc
    core/winner_mask_test.cc
    core/winner_select_test.cc
    core/winners_test.cc)
