// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/winograd_conv2d.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>

#include "core/conv2d/winograd_weights.h"
#include "core/math.h"
#include "core/microkernels/kernels.h"
#include "core/output_scores.h"
#include "core/row_tiles.h"
#include "core/scratch_carver.h"

namespace tfsparse::core {
namespace {

constexpr int kMostPlaces = 36;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Transformed inputs of one pass: they are read once for each block of columns, in order, which a third-level cache
// does fast enough.
constexpr size_t kTransformedFloats = 384 * 1024;

// Largest number of row tiles of a pass and thread, whose sums should stay in a second-level cache; and the smallest,
// below which gathering the weights would no longer be made up for.
constexpr int kMostRowTiles = 4;
constexpr int kFewestRowTiles = 2;

// Tiles that one task transforms.
constexpr int kTilesPerTask = 8;

// Weights of one place, with whole vectors of columns.
size_t PlaceFloats(const Conv2DShape& shape, const Kernels& kernels) {
  return CountFloats(shape.in_c, RoundUp(static_cast<size_t>(shape.out_c), static_cast<size_t>(kernels.lanes)));
}

}  // namespace

// Where the parts of the scratch memory lie.
struct WinogradConv2D::Scratch {
  int32_t* index;  // [winners + kLookahead]
  float* zeros;    // [ZeroFloats]
  float* compact;
  float* transformed;  // [36][tiles_per_pass][RowStride]
  float* sums;         // [threads][tiles_per_pass][36][block_width]
  float* panels;       // [threads][winners][block_width]
  size_t sums_floats;
  size_t panel_floats;
  OutputScores scores;
  size_t bytes;
};

// The pixels that tiles are cut from.
struct WinogradConv2D::Source {
  const float* pixels;
  size_t stride;
  const float* zeros;
  size_t channels;  // rounded up to whole vectors
};

bool WinogradConv2D::CanCompute(const Conv2DShape& shape) {
  return shape.kernel_h == 3 && shape.kernel_w == 3 && shape.stride_h == 1 && shape.stride_w == 1 &&
         shape.dilation_h == 1 && shape.dilation_w == 1;
}

size_t WinogradConv2D::WeightBytes(const Conv2DShape& shape, int tile, Isa isa) {
  return CountFloats(tile + 2, tile + 2, PlaceFloats(shape, KernelsFor(isa))) * sizeof(float);
}

WinogradConv2D::WinogradConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners, int tile,
                               Isa isa, int num_threads)
    : shape_(shape),
      tile_(tile),
      patch_(tile + 2),
      places_(patch_ * patch_),
      kernels_(KernelsFor(isa)),
      transforms_(tile == 2 ? kernels_.winograd_2x2 : kernels_.winograd_4x4),
      num_threads_(std::max(num_threads, 1)),
      clamp_(constants.clamp),
      winners_(winners),
      tiles_across_(DivideUp(shape.out_w, tile_)),
      tiles_(tiles_across_ * DivideUp(shape.out_h, tile_)),
      block_width_(2 * kernels_.lanes),
      blocks_(DivideUp(shape.out_c, block_width_)),
      compactor_(CountUp(shape.in_h * shape.in_w), shape.in_c, winners, kernels_),
      tiles_per_pass_(ChooseTilesPerPass()),
      rows_(CountUp(tiles_per_pass_)) {
  assert(CanCompute(shape));
  const size_t filters = static_cast<size_t>(shape.in_c) * static_cast<size_t>(shape.out_c);
  const std::string layout =
      "winograd " + std::to_string(tile_) + " " + std::to_string(block_width_) + " " + std::to_string(shape.out_c);
  place_floats_ = PlaceFloats(shape, kernels_);
  weights_ = ShareWeights(layout, constants.filter, 9 * filters, CountFloats(places_, place_floats_),
                          [&](float* packed) { PackWeights(constants.filter, packed); });
  bias_ = CopyPadded(constants.bias, static_cast<size_t>(shape.out_c), static_cast<size_t>(blocks_ * block_width_));
}

// Whole row tiles, and passes of the same size.
int WinogradConv2D::ChooseTilesPerPass() const {
  const int fitting = static_cast<int>(kTransformedFloats / (places_ * compactor_.Stride(winners_)));
  const int row_tiles = std::clamp(fitting / kernels_.mr, kFewestRowTiles, kMostRowTiles) * num_threads_;
  const int passes = DivideUp(tiles_, row_tiles * kernels_.mr);
  return DivideUp(tiles_, passes);
}

// The last block is one vector wide where that is enough.
int WinogradConv2D::BlockVectors(int block) const {
  return shape_.out_c - block * block_width_ <= kernels_.lanes ? 1 : 2;
}

void WinogradConv2D::PackWeights(const float* filter, float* packed) const {
  const size_t channels = static_cast<size_t>(shape_.in_c);
  std::fill_n(packed, static_cast<size_t>(places_) * place_floats_, 0.0f);
  for (int out = 0; out < shape_.out_c; ++out) {
    const int block = out / block_width_;
    const size_t width = static_cast<size_t>(BlockVectors(block) * kernels_.lanes);
    float* const first = packed + static_cast<size_t>(block * block_width_) * channels + out % block_width_;
    for (size_t c = 0; c < channels; ++c) {
      float taps[9];
      for (size_t tap = 0; tap < 9; ++tap) taps[tap] = filter[(static_cast<size_t>(out) * 9 + tap) * channels + c];
      float places[kMostPlaces];
      TransformFilter(taps, tile_, places);
      for (int z = 0; z < places_; ++z) first[static_cast<size_t>(z) * place_floats_ + c * width] = places[z];
    }
  }
}

// A transform stores to the same column of all places.
size_t WinogradConv2D::PlaceStride(size_t row_stride) const {
  return SpreadStride(CountFloats(tiles_per_pass_, row_stride));
}

// They stand for a pixel of the padding, and for the bias of a product.
size_t WinogradConv2D::ZeroFloats() const {
  return std::max(compactor_.Stride(winners_), static_cast<size_t>(block_width_));
}

WinogradConv2D::Scratch WinogradConv2D::CarveScratch(void* memory) const {
  ScratchCarver carver(memory);
  const size_t threads = static_cast<size_t>(num_threads_);
  const size_t winners = static_cast<size_t>(winners_);
  const size_t width = static_cast<size_t>(block_width_);
  const size_t sums = CountFloats(tiles_per_pass_, places_, width);
  const size_t panel = CountFloats(winners, width);
  Scratch scratch = {carver.Ints(winners + kLookahead),
                     carver.Floats(ZeroFloats()),
                     carver.Floats(compactor_.scratch_floats()),
                     carver.Floats(places_, PlaceStride(compactor_.Stride(winners_))),
                     carver.Floats(threads, sums),
                     carver.Floats(threads, panel),
                     sums,
                     panel,
                     OutputScores(shape_.out_c, block_width_, num_threads_, carver),
                     0};
  scratch.bytes = carver.bytes();
  return scratch;
}

size_t WinogradConv2D::scratch_bytes() const { return CarveScratch(nullptr).bytes; }

void WinogradConv2D::TransformTile(const Source& source, int tile, float* out, size_t place_stride) const {
  const int top = tile / tiles_across_ * tile_ - shape_.pad_top;
  const int left = tile % tiles_across_ * tile_ - shape_.pad_left;
  const float* pixels[kMostPlaces];
  for (int i = 0; i < places_; ++i) {
    const int y = top + i / patch_;
    const int x = left + i % patch_;
    const bool inside = y >= 0 && y < shape_.in_h && x >= 0 && x < shape_.in_w;
    pixels[i] = inside ? source.pixels + static_cast<size_t>(y * shape_.in_w + x) * source.stride : source.zeros;
  }
  transforms_.input({pixels, source.channels, out, place_stride});
}

// sums[tile][z][n] = sum over winners of transformed[z][tile] * weights[z], for one block of columns.
void WinogradConv2D::MultiplyBlock(const Factors& factors, int block, Range range, float* sums, float* panel) const {
  const int vectors = BlockVectors(block);
  RgemmTiles product = {};
  product.cols = product.width = vectors * kernels_.lanes;
  product.taps = 1;
  product.winners = factors.winners;
  product.a_stride = static_cast<ptrdiff_t>(factors.row_stride);
  product.pixels = rows_.data() + range.first;
  product.index = factors.index;
  product.w_rows = shape_.in_c;
  product.panel = panel;
  product.bias = factors.zeros;
  product.out_stride = places_ * product.width;
  product.min = -kInfinity;
  product.max = kInfinity;
  const RowTiles::Steps steps = {factors.gather ? kernels_.rgemm.gather_w : nullptr, kernels_.rgemm.plain};
  const RowTiles row_tiles(range.last - range.first, kernels_.mr);
  const float* const weights = weights_.get() + static_cast<size_t>(block * block_width_ * shape_.in_c);
  for (int z = 0; z < places_; ++z) {
    product.a = factors.transformed + static_cast<size_t>(z) * factors.place_stride;
    product.w = weights + static_cast<size_t>(z) * place_floats_;
    product.w_far = factors.gather ? product.w + place_floats_ : nullptr;
    product.out = sums + z * product.width;
    row_tiles.Run(steps, {0, row_tiles.count()}, vectors, product);
  }
}

void WinogradConv2D::WriteOutputs(const float* sums, int block, Range range, float* scores, float* y) const {
  WinogradOutputTile tile = {};
  tile.width = BlockVectors(block) * kernels_.lanes;
  tile.cols = std::min(shape_.out_c - block * block_width_, tile.width);
  tile.bias = bias_.get() + block * block_width_;
  tile.out_row_stride = static_cast<ptrdiff_t>(shape_.out_w) * shape_.out_c;
  tile.out_stride = shape_.out_c;
  tile.scores = scores;
  tile.min = clamp_.min;
  tile.max = clamp_.max;
  for (int t = range.first; t < range.last; ++t, sums += places_ * tile.width) {
    const int top = t / tiles_across_ * tile_;
    const int left = t % tiles_across_ * tile_;
    tile.sums = sums;
    tile.out_rows = std::min(tile_, shape_.out_h - top);
    tile.out_cols = std::min(tile_, shape_.out_w - left);
    tile.out = y + top * tile.out_row_stride + left * tile.out_stride + block * block_width_;
    transforms_.output(tile);
  }
}

void WinogradConv2D::Run(const float* x, const int32_t* winners, int count, float* y, float* scores, void* memory,
                         ThreadPool& pool, PhaseTimes* times) const {
  assert(count <= winners_ && pool.num_threads() <= num_threads_);
  Scratch scratch = CarveScratch(memory);
  if (scores != nullptr) scratch.scores.Clear();
  const Source source = MakeSource(x, winners, count, scratch, pool, times);
  for (int i = 0; i < count + kLookahead && count > 0; ++i) scratch.index[i] = winners[i % count];

  Factors factors = {};
  factors.winners = count;
  factors.gather = count < shape_.in_c;
  factors.index = scratch.index;
  factors.row_stride = compactor_.Stride(count);
  factors.place_stride = PlaceStride(factors.row_stride);
  factors.transformed = scratch.transformed;
  factors.zeros = scratch.zeros;
  const int parts = TileParts(pool.num_threads());
  for (int first = 0; first < tiles_; first += tiles_per_pass_) {
    const int tiles = std::min(tiles_per_pass_, tiles_ - first);
    {
      const PhaseTimer timer(times, &PhaseTimes::gather);
      pool.ParallelFor(DivideUp(tiles, kTilesPerTask), [&](int task, int) {
        for (int t = task * kTilesPerTask; t < std::min((task + 1) * kTilesPerTask, tiles); ++t) {
          TransformTile(source, first + t, scratch.transformed + static_cast<size_t>(t) * factors.row_stride,
                        factors.place_stride);
        }
      });
    }
    const PhaseTimer timer(times, &PhaseTimes::gemm);
    pool.ParallelFor(blocks_ * parts, [&](int task, int worker) {
      const int block = task / parts;
      const Range range = Share(tiles, parts, task % parts);
      float* const sums = scratch.sums + static_cast<size_t>(worker) * scratch.sums_floats;
      MultiplyBlock(factors, block, range, sums, scratch.panels + static_cast<size_t>(worker) * scratch.panel_floats);
      float* const highest = scores == nullptr ? nullptr : scratch.scores.At(task % parts, block * block_width_);
      WriteOutputs(sums, block, {first + range.first, first + range.last}, highest, y);
    });
  }
  if (scores != nullptr) scratch.scores.Write(scores);
}

// Winners side by side; x itself where all channels win and whole vectors can be read.
WinogradConv2D::Source WinogradConv2D::MakeSource(const float* x, const int32_t* winners, int count,
                                                  const Scratch& scratch, ThreadPool& pool, PhaseTimes* times) const {
  const PhaseTimer timer(times, &PhaseTimes::gather);
  const size_t channels = RoundUp(static_cast<size_t>(count), static_cast<size_t>(kernels_.lanes));
  std::fill_n(scratch.zeros, ZeroFloats(), 0.0f);
  if (count == 0 || (count == shape_.in_c && count % kernels_.lanes == 0)) {
    return {x, static_cast<size_t>(shape_.in_c), scratch.zeros, channels};
  }
  const float* const copy = compactor_.Run(x, winners, count, scratch.compact, pool);
  return {copy, compactor_.Stride(count), scratch.zeros, channels};
}

// Blocks of columns are shared out first; where threads outnumber them, tiles are, too.
int WinogradConv2D::TileParts(int threads) const {
  return std::min(DivideUp(tiles_per_pass_, kernels_.mr), DivideUp(threads, std::min(blocks_, threads)));
}

}  // namespace tfsparse::core
