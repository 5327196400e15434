// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_RGEMM_H_
#define TFSPARSE_CORE_RGEMM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/conv2d/conv2d_shape.h"
#include "core/isa.h"
#include "core/math.h"
#include "core/packed_columns.h"
#include "core/phase_times.h"
#include "core/row_tiles.h"
#include "core/thread_pool.h"
#include "core/winner_compactor.h"

namespace tfsparse::core {

// Which product a ReducedGemm computes.
struct ReducedGemmShape {
  int rows;    // rows of the output
  int pixels;  // vectors of `channels` activations in the input
  int taps;    // pixels that an output row reads
  int channels;
  int out;      // columns of the output
  int winners;  // most winners that a run can have
};

// out[r][n] = clamp(bias[n] + sum over taps t and winners c of x[pixel(t, r)][c] * weights[n][t][c]): what convolutions
// and fully connected layers over winners come down to.
//
// The winners of x are moved together once into a compact copy, unless reading them where they lie is as fast. Weights
// are packed in blocks of columns, [block][tap] [channel][width]; the first tile of rows that meets a block reads the
// winners' weights where they lie and leaves them side by side in a panel, which the other tiles read. So the memory
// latency of scattered rows hides behind arithmetic, and all but one tile run as a dense product would.
class ReducedGemm {
 public:
  // `pixel_table` [taps][rows] holds pixel(t, r), or -1 where the row reads zeros. `weights` [out][taps][channels] and
  // `bias` [out] (may be null) are packed and not read again.
  ReducedGemm(const ReducedGemmShape& shape, std::vector<int32_t> pixel_table, const float* weights, const float* bias,
              Clamp clamp, Isa isa, int num_threads);

  size_t scratch_bytes() const;
  size_t weight_bytes() const { return weights_.bytes(); }

  // One sample: x [pixels][channels], y [rows][out], `count` winners as CountWinners accepts them. scores [out] gets
  // the highest |y| of each column, unless it is null.
  void Run(const float* x, const int32_t* winners, int count, float* y, float* scores, void* scratch, ThreadPool& pool,
           PhaseTimes* times) const;

 private:
  struct Scratch;
  struct Operands;

  Scratch CarveScratch(void* memory) const;
  void RunBlocks(const Operands& operands, float* scores, Range blocks, Range tiles) const;

  bool Compacts() const;
  int BlocksPerPanel(int count) const;

  const ReducedGemmShape shape_;
  const Kernels& kernels_;
  const int num_threads_;
  const Clamp clamp_;
  const PackedColumns weights_;
  const RowTiles tiles_;
  const std::vector<int32_t> pixel_table_;
  const bool compacts_;
  const WinnerCompactor compactor_;
  const std::vector<int32_t> copied_pixels_;  // the pixel table of a copy, where it is another one
  AlignedFloats bias_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_RGEMM_H_
