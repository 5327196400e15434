// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_CONV2D_ZERO_SKIP_CONV2D_H_
#define TFSPARSE_CORE_CONV2D_ZERO_SKIP_CONV2D_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/conv2d/conv2d_algorithm.h"
#include "core/shared_weights.h"

namespace tfsparse::core {

struct Kernels;

// Convolution that multiplies the non-zeros of its input alone, whichever they are; every channel wins. Each run
// estimates their share first and leaves inputs that are too dense to a fallback.
//
// The non-zeros of every input pixel are listed once. Then, for a block of output pixels and a block of columns, the
// weights are taken slice by slice, a slice being one tap of some channels, small enough to stay in the first-level
// cache while every pixel of the block adds up the rows that its list names. In prepare nothing but the weights is
// computed.
//
// A zero never meets its weight, so zero times infinity adds nothing here; the fallback gives NaN. NaN is not zero.
class ZeroSkipConv2D : public Conv2DAlgorithm {
 public:
  // The share of non-zeros above which a fallback of this method, not kAuto, is expected to be faster; negative where
  // it always is.
  static double BreakEven(const Conv2DShape& shape, Conv2DMethod fallback, Isa isa);

  // Inputs with a larger share of non-zeros than `break_even` are left to the fallback.
  ZeroSkipConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, Conv2DMethod fallback, double break_even,
                 Isa isa, int num_threads);

  size_t scratch_bytes() const override;
  size_t weight_bytes() const override;
  void Run(const float* x, const int32_t* winners, int count, float* y, float* scores, void* scratch, ThreadPool& pool,
           PhaseTimes* times) const override;

  // The share of non-zeros in x, from a sample of its pixels.
  double EstimateDensity(const float* x) const;

 private:
  struct Lists;
  struct Block;

  void PackConstants(const Conv2DConstants& constants);
  void PackWeights(const float* filter, float* packed) const;
  Lists CarveLists(void* scratch) const;
  bool IsSparse(const float* x, PhaseTimes* times) const;
  void ListRow(const float* x, int row, const Lists& lists) const;
  void RunBlock(const Block& block, const Lists& lists, float* sums, float* y) const;
  void AddTap(const Block& block, int chunk, int ky, int kx, const Lists& lists, float* sums) const;

  size_t RowEntries() const;
  int ChunkBegin(int chunk) const;
  int ColumnBegin(int block) const;

  const Conv2DShape shape_;
  const Kernels& kernels_;
  const Clamp clamp_;
  const int num_threads_;
  const int chunks_;         // of channels
  const int column_blocks_;  // of outputs
  const int pixel_blocks_;   // of output pixels
  const double break_even_;
  const std::unique_ptr<Conv2DAlgorithm> fallback_;
  const std::vector<bool> read_rows_;     // [in_h] whether any output reads them
  const std::vector<bool> read_columns_;  // [in_w] likewise
  std::vector<int> first_x_;              // [kernel_w] the output columns whose input column exists for a tap:
  std::vector<int> last_x_;               // [first, last)
  size_t padded_out_ = 0;
  SharedFloats weights_;  // [column block][chunk][tap][channel of the chunk][column of the block]
  AlignedFloats bias_;    // [padded_out]
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_CONV2D_ZERO_SKIP_CONV2D_H_
