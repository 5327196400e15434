# Sources of the TensorFlow Lite glue, relative to tflite_ops/.
set(TFSPARSE_TFLITE_SOURCES
    tflite/delegate.cc
    tflite/delegate_node.cc
    tflite/delegate_options.cc
    tflite/depthwise_shape.cc
    tflite/flexbuffer_map.cc
    tflite/mask_winners.cc
    tflite/node_view.cc
    tflite/op_options.cc
    tflite/profile.cc
    tflite/select_winners.cc
    tflite/text.cc
    tflite/winner_conv2d.cc
    tflite/winner_depthwise_conv2d.cc
    tflite/winner_fully_connected.cc
    tflite/winner_op.cc
    tflite/winner_separable_conv2d.cc)
