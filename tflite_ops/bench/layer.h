// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_BENCH_LAYER_H_
#define TFSPARSE_BENCH_LAYER_H_

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "core/conv2d/conv2d_shape.h"

namespace tfsparse::core {

// A layer of tfsparse/bench/models/layer_shapes.csv; padding "same".
struct Layer {
  std::string network;
  std::string name;
  bool fully_connected;
  int height;
  int width;
  int in_c;
  int out_c;
  int kernel;
  int stride;

  int pixels() const { return height * width; }
  int taps() const { return fully_connected ? pixels() : kernel * kernel; }
  int out_pixels() const {
    return fully_connected ? 1 : ((height + stride - 1) / stride) * ((width + stride - 1) / stride);
  }
  int weights() const { return out_c * taps() * in_c; }
  int outputs() const { return out_pixels() * out_c; }
  int64_t macs(int winners) const { return int64_t{outputs()} * taps() * winners; }
};

Conv2DShape ConvShape(const Layer& layer);

// Reads "network,layer,operator,height,width,channels,outputs,kernel,stride", where operator is conv2d or
// fully_connected. Throws std::invalid_argument for anything else, or a layer of more than a gibibyte.
Layer ParseLayer(const std::string& line);

// Reads one layer per line, after a line with the names of the columns. Throws std::invalid_argument.
std::vector<Layer> ReadLayers(std::istream& lines);

// Likewise from a file, or from the standard input where `path` is "-".
std::vector<Layer> ReadLayersFile(const std::string& path);

}  // namespace tfsparse::core

#endif  // TFSPARSE_BENCH_LAYER_H_
