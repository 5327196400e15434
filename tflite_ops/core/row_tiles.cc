// SPDX-License-Identifier: Apache-2.0
#include "core/row_tiles.h"

#include <algorithm>

namespace tfsparse::core {
namespace {

// Half of a second-level cache of 256 KiB. What a tile reads again for every block of columns comes from there, and
// whole rows of results leave it; the weights, which are more, stay in the first-level cache while they are multiplied
// with the tiles of a strip.
constexpr size_t kStripFloats = 32 * 1024;

// Longest sums that count as short.
constexpr int kShortSum = 128;

}  // namespace

int MostRows(const Kernels& kernels, int depth, int columns) {
  return depth <= kShortSum || columns <= kernels.lanes ? kernels.mr_short : kernels.mr;
}

RowTiles::RowTiles(int rows, int most)
    : count_(DivideUp(rows, most)), rows_(count_ == 0 ? 0 : rows / count_), longer_(count_ == 0 ? 0 : rows % count_) {}

int RowTiles::Begin(int tile) const { return tile * rows_ + std::min(tile, longer_); }

int RowTiles::PerStrip(size_t row_floats) const {
  const size_t tile = static_cast<size_t>(rows_ + 1) * row_floats;
  return tile == 0 ? count_ : std::clamp(static_cast<int>(kStripFloats / tile), 1, std::max(count_, 1));
}

// A range of tiles that have the same number of rows.
void RowTiles::RunAlike(const RgemmKernel (*kernels)[2], Range range, int vectors, RgemmTiles product) const {
  if (range.size() <= 0) return;
  const int first_row = Begin(range.first);
  product.count = range.size();
  product.rows = rows_ + (range.first < longer_ ? 1 : 0);
  product.pixels += first_row;
  product.out += first_row * product.out_stride;
  kernels[product.rows - 1][vectors - 1](product);
}

void RowTiles::Run(const Steps& steps, Range range, int vectors, RgemmTiles product) const {
  if (range.size() <= 0) return;
  if (steps.gather != nullptr) {
    RgemmTiles first = product;
    if (range.size() > 1) first.w_far = nullptr;  // memory has enough to do with the rows that this tile gathers
    RunAlike(steps.gather, {range.first, range.first + 1}, vectors, first);
    product.w = product.panel;
    ++range.first;
  }
  const int split = std::clamp(longer_, range.first, range.last);
  RunAlike(steps.rest, {range.first, split}, vectors, product);
  if (range.first < split) product.w_far = nullptr;  // is on its way
  RunAlike(steps.rest, {split, range.last}, vectors, product);
}

}  // namespace tfsparse::core
