// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_CONV2D_WINOGRAD_CONV2D_H_
#define TFSPARSE_CORE_CONV2D_WINOGRAD_CONV2D_H_

#include <vector>

#include "core/aligned_buffer.h"
#include "core/conv2d/conv2d_algorithm.h"
#include "core/math.h"
#include "core/shared_weights.h"
#include "core/winner_compactor.h"

namespace tfsparse::core {

struct Kernels;
struct WinogradKernels;

// Winograd's F(2x2, 3x3) or F(4x4, 3x3) over the winners: a 3x3 convolution of stride 1 with 4/9 or 1/4 of its
// multiplications, but for the edges of the map.
//
// The winners of x are moved together, and patches of 4x4 or 6x6 pixels are transformed; the winners' rows of the
// transformed weights are multiplied with them, one reduced matrix product for each place of a patch; and the sums of
// each patch become a tile of 2x2 or 4x4 pixels of output. Tiles go through these steps in passes, so that the sums of
// a pass stay in a second-level cache.
//
// Every output of a tile depends on its whole patch, though mathematically most of it cancels: a NaN or infinity among
// the winners makes whole tiles NaN. The errors of the transforms are a few millionths of the largest output.
class WinogradConv2D : public Conv2DAlgorithm {
 public:
  // Whether the shape is a 3x3 convolution of stride and dilation 1.
  static bool CanCompute(const Conv2DShape& shape);

  // Memory that the packed weights take, in bytes.
  static size_t WeightBytes(const Conv2DShape& shape, int tile, Isa isa);

  // `shape` can be computed. `tile` is 2 or 4: pixels along a side of a tile.
  WinogradConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners, int tile, Isa isa,
                 int num_threads);

  size_t scratch_bytes() const override;
  size_t weight_bytes() const override { return static_cast<size_t>(places_) * place_floats_ * sizeof(float); }
  void Run(const float* x, const int32_t* winners, int count, float* y, float* scores, void* scratch, ThreadPool& pool,
           PhaseTimes* times) const override;

 private:
  struct Scratch;
  struct Source;

  // What the products of a pass share.
  struct Factors {
    int winners;
    bool gather;           // false where every channel wins
    const int32_t* index;  // [winners + kLookahead]
    size_t row_stride;     // of `transformed`, from tile to tile
    size_t place_stride;   // from one place to the next
    const float* transformed;
    const float* zeros;
  };

  void PackWeights(const float* filter, float* packed) const;
  int ChooseTilesPerPass() const;
  int BlockVectors(int block) const;
  size_t PlaceStride(size_t row_stride) const;
  int TileParts(int threads) const;
  size_t ZeroFloats() const;
  Scratch CarveScratch(void* memory) const;

  Source MakeSource(const float* x, const int32_t* winners, int count, const Scratch& scratch, ThreadPool& pool,
                    PhaseTimes* times) const;
  void TransformTile(const Source& source, int tile, float* out, size_t place_stride) const;
  void MultiplyBlock(const Factors& factors, int block, Range range, float* sums, float* panel) const;
  void WriteOutputs(const float* sums, int block, Range range, float* scores, float* y) const;

  const Conv2DShape shape_;
  const int tile_;
  const int patch_;   // pixels along a side of a patch
  const int places_;  // pixels of a patch, each with a product of its own
  const Kernels& kernels_;
  const WinogradKernels& transforms_;
  const int num_threads_;
  const Clamp clamp_;
  const int winners_;
  const int tiles_across_;
  const int tiles_;
  const int block_width_;  // columns of every block but perhaps the last
  const int blocks_;
  const WinnerCompactor compactor_;
  const int tiles_per_pass_;         // tiles whose transformed inputs are kept at once
  const std::vector<int32_t> rows_;  // 0, 1, ...: a tile's row of the transformed inputs is its own
  size_t place_floats_ = 0;          // weights of one place
  SharedFloats weights_;             // [place][block][channel][width]
  AlignedFloats bias_;               // [blocks * block_width]
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_CONV2D_WINOGRAD_CONV2D_H_
