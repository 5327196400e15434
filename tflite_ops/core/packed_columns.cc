// SPDX-License-Identifier: Apache-2.0
#include "core/packed_columns.h"

#include <algorithm>
#include <string>

#include "core/aligned_buffer.h"
#include "core/math.h"

namespace tfsparse::core {

PackedColumns::PackedColumns(const float* weights, int columns, int rows, int lanes)
    : columns_(columns), rows_(static_cast<size_t>(rows)), lanes_(lanes), blocks_(DivideUp(columns, block_width())) {
  const std::string layout = "rgemm " + std::to_string(block_width()) + " " + std::to_string(columns);
  data_ = ShareWeights(layout, weights, rows_ * static_cast<size_t>(columns), bytes() / sizeof(float),
                       [&](float* packed) { Pack(weights, packed); });
}

size_t PackedColumns::bytes() const {
  return CountFloats(rows_, RoundUp(static_cast<size_t>(columns_), static_cast<size_t>(lanes_))) * sizeof(float);
}

void PackedColumns::Pack(const float* weights, float* packed) const {
  for (int block = 0; block < blocks_; ++block) {
    const float* const first = weights + static_cast<size_t>(FirstColumn(block)) * rows_;
    const int width = Vectors(block) * lanes_;
    for (size_t row = 0; row < rows_; ++row, packed += width) {
      for (int n = 0; n < Columns(block); ++n) packed[n] = first[static_cast<size_t>(n) * rows_ + row];
      std::fill(packed + Columns(block), packed + width, 0.0f);
    }
  }
}

int PackedColumns::Columns(int block) const { return std::min(columns_ - FirstColumn(block), Vectors(block) * lanes_); }

}  // namespace tfsparse::core
