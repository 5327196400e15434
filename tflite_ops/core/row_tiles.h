// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_ROW_TILES_H_
#define TFSPARSE_CORE_ROW_TILES_H_

#include <cstddef>

#include "core/math.h"
#include "core/microkernels/kernels.h"

namespace tfsparse::core {

// Most rows of a tile of a product of that depth, taps x winners, and so many columns of output. Short sums and narrow
// tiles leave little time to set up and to store a large tile: with AVX-512 kernels on Zen 4, tiles of 8 rows instead
// of 14 take 0.9 to 0.97 of the time for sums of 4 to 48, and 0.7 to 0.95 for a block of one vector; of long sums, 1.0
// to 1.03.
int MostRows(const Kernels& kernels, int depth, int columns);

// The rows of a reduced product's output, cut into tiles of nearly equal size, the longer ones first.
class RowTiles {
 public:
  // Tiles have at most `most` rows.
  RowTiles(int rows, int most);

  int count() const { return count_; }
  int Begin(int tile) const;

  // Tiles of a strip, whose activations and results stay in the second-level cache while one block of columns after the
  // other reads and writes them: so many floats a row.
  int PerStrip(size_t row_floats) const;

  // What gathering kernels do for the first tile of a range, and others for the rest of it.
  struct Steps {
    const RgemmKernel (*gather)[2];  // null where there is nothing to gather
    const RgemmKernel (*rest)[2];    // read the panel that the first tile has left, if it gathers
  };

  // Computes a range of tiles, perhaps none. `product` states all but the tiles, its `pixels` and `out` for row 0 of
  // all.
  void Run(const Steps& steps, Range range, int vectors, RgemmTiles product) const;

 private:
  void RunAlike(const RgemmKernel (*kernels)[2], Range range, int vectors, RgemmTiles product) const;

  int count_;
  int rows_;    // of a tile
  int longer_;  // so many tiles have one more
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_ROW_TILES_H_
