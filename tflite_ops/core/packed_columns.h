// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_PACKED_COLUMNS_H_
#define TFSPARSE_CORE_PACKED_COLUMNS_H_

#include <cstddef>

#include "core/shared_weights.h"

namespace tfsparse::core {

// A matrix packed for the reduced product: blocks of two vectors of columns, [block][row][width]. The last block is one
// vector wide where that is enough, and padded with zeros.
class PackedColumns {
 public:
  // Packs `weights` [columns][rows], which is not read again. Equal weights are kept once in a process.
  PackedColumns(const float* weights, int columns, int rows, int lanes);

  size_t bytes() const;  // of memory
  int blocks() const { return blocks_; }
  int block_width() const { return 2 * lanes_; }  // of every block but perhaps the last
  int Vectors(int block) const { return columns_ - FirstColumn(block) <= lanes_ ? 1 : 2; }
  int FirstColumn(int block) const { return block * block_width(); }
  int Columns(int block) const;  // without padding
  const float* Block(int block) const { return data_.get() + static_cast<size_t>(FirstColumn(block)) * rows_; }

 private:
  void Pack(const float* weights, float* packed) const;

  const int columns_;
  const size_t rows_;
  const int lanes_;
  const int blocks_;
  SharedFloats data_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_PACKED_COLUMNS_H_
