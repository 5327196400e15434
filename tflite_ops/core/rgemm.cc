// SPDX-License-Identifier: Apache-2.0
#include "core/rgemm.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <limits>
#include <utility>

#include "core/math.h"
#include "core/microkernels/kernels.h"
#include "core/output_scores.h"
#include "core/scratch_carver.h"

namespace tfsparse::core {
namespace {

// Panels of one task, which every tile of rows reads again: about half of a second-level cache.
constexpr size_t kPanelFloats = 64 * 1024;

// Activations of one tile that stay in a first-level cache, and half the distance at which addresses share a set of it.
constexpr size_t kTileBytes = 32 * 1024;
constexpr size_t kSetBytes = 2048;

// Fewest columns for which picking winners again and again costs more than a copy.
constexpr int kFewestColumnsForCopy = 256;

// What reading a block's weights where they lie costs more than reading a panel, in tiles.
constexpr double kGatherTiles = 0.3;

// How the blocks x tiles of a product are cut into tasks.
struct TaskGrid {
  int blocks_per_task;
  int tile_parts;
};

// The grid whose busiest thread has the least to do; among equals the one with the most blocks a task, which read each
// tile's activations while they are in the first-level cache.
TaskGrid ChooseGrid(int blocks, int tiles, int most_blocks, int threads) {
  TaskGrid best = {most_blocks, 1};
  double best_cost = std::numeric_limits<double>::max();
  for (int parts = 1; parts <= std::min(threads, tiles); ++parts) {
    for (int per_task = most_blocks; per_task >= 1; --per_task) {
      const int rounds = DivideUp(DivideUp(blocks, per_task) * parts, threads);
      const double cost = rounds * per_task * (DivideUp(tiles, parts) + kGatherTiles);
      if (cost >= best_cost) continue;
      best_cost = cost;
      best = {per_task, parts};
    }
  }
  return best;
}

}  // namespace

// Where the parts of the scratch memory lie.
struct ReducedGemm::Scratch {
  int32_t* index;  // [winners + kLookahead]
  float* zeros;
  float* compact;
  float* panels;  // [threads][panel_floats]
  size_t panel_floats;
  OutputScores scores;
  size_t bytes;
};

// What every tile of a run shares.
struct ReducedGemm::Operands {
  RgemmTiles product;     // all but the position; its panel is that of a task's first block
  RowTiles::Steps steps;  // gathers nothing where every channel wins: x and the packed weights are read as they are
};

ReducedGemm::ReducedGemm(const ReducedGemmShape& shape, std::vector<int32_t> pixel_table, const float* weights,
                         const float* bias, Clamp clamp, Isa isa, int num_threads)
    : shape_(shape),
      kernels_(KernelsFor(isa)),
      num_threads_(std::max(num_threads, 1)),
      clamp_(clamp),
      weights_(weights, shape.out, shape.taps * shape.channels, kernels_.lanes),
      tiles_(shape.rows, MostRows(kernels_, shape.taps * shape.winners, shape.out)),
      pixel_table_(std::move(pixel_table)),
      compacts_(Compacts()),
      compactor_(shape.taps == 1 ? pixel_table_ : CountUp(shape.pixels), shape.channels, shape.winners, kernels_),
      copied_pixels_(shape.taps == 1 && compacts_ ? CountUp(shape.rows) : std::vector<int32_t>()) {
  assert(pixel_table_.size() == static_cast<size_t>(shape.taps) * static_cast<size_t>(shape.rows));
  const size_t padded = RoundUp(static_cast<size_t>(shape.out), static_cast<size_t>(kernels_.lanes));
  bias_ = CopyPadded(bias, static_cast<size_t>(shape.out), padded);
}

// Whether a compact copy of the winners pays. Without it the tiles pick the winners out of x itself, which is as fast
// as long as the pixels that a tile reads stay in the first-level cache over all its taps. With one tap nothing is read
// twice within a block of columns; then a copy pays where there are many blocks and the pixels lie a multiple of 2 KiB
// apart, and so share few sets of that cache.
bool ReducedGemm::Compacts() const {
  const size_t pixel_bytes = static_cast<size_t>(shape_.channels) * sizeof(float);
  if (shape_.taps == 1) {
    if (shape_.rows == 1 || shape_.out < kFewestColumnsForCopy) return false;
    const size_t distance = static_cast<size_t>(std::abs(pixel_table_[1] - pixel_table_[0])) * pixel_bytes;
    return distance % kSetBytes == 0 && *std::min_element(pixel_table_.begin(), pixel_table_.end()) >= 0;
  }
  const int tile = tiles_.count() / 2;
  std::vector<int32_t> pixels;
  for (int tap = 0; tap < shape_.taps; ++tap) {
    const auto rows = pixel_table_.begin() + static_cast<ptrdiff_t>(tap) * shape_.rows;
    pixels.insert(pixels.end(), rows + tiles_.Begin(tile), rows + tiles_.Begin(tile + 1));
  }
  std::sort(pixels.begin(), pixels.end());
  const auto end = std::unique(pixels.begin(), pixels.end());
  return static_cast<size_t>(end - pixels.begin()) * pixel_bytes > kTileBytes;
}

int ReducedGemm::BlocksPerPanel(int count) const {
  const size_t panel = CountFloats(shape_.taps, count, weights_.block_width());
  return std::clamp(static_cast<int>(kPanelFloats / panel), 1, weights_.blocks());
}

ReducedGemm::Scratch ReducedGemm::CarveScratch(void* memory) const {
  ScratchCarver carver(memory);
  const size_t block = CountFloats(shape_.taps, shape_.winners, weights_.block_width());
  const size_t panel = std::min(std::max(block, kPanelFloats), CountFloats(block, weights_.blocks()));
  Scratch scratch = {carver.Ints(shape_.winners + kLookahead),
                     carver.Floats(shape_.channels),
                     carver.Floats(compacts_ ? compactor_.scratch_floats() : 0),
                     carver.Floats(num_threads_, panel),
                     panel,
                     OutputScores(shape_.out, weights_.block_width(), num_threads_, carver),
                     0};
  scratch.bytes = carver.bytes();
  return scratch;
}

size_t ReducedGemm::scratch_bytes() const { return CarveScratch(nullptr).bytes; }

void ReducedGemm::RunBlocks(const Operands& operands, float* scores, Range blocks, Range tiles) const {
  RgemmTiles product = operands.product;
  const size_t panel_rows = static_cast<size_t>(shape_.taps) * static_cast<size_t>(product.winners);
  const int strip = tiles_.PerStrip(panel_rows + static_cast<size_t>(shape_.out));
  for (int first = tiles.first; first < tiles.last; first += strip) {
    RowTiles::Steps steps = operands.steps;
    if (first != tiles.first) steps.gather = nullptr;  // the panels are there
    for (int block = blocks.first; block < blocks.last; ++block) {
      const size_t first_column = static_cast<size_t>(weights_.FirstColumn(block));
      const int vectors = weights_.Vectors(block);
      product.width = vectors * kernels_.lanes;
      product.cols = weights_.Columns(block);
      product.bias = bias_.get() + first_column;
      product.out = operands.product.out + first_column;
      product.scores = scores == nullptr ? nullptr : scores + first_column;
      product.panel = operands.product.panel +
                      (first_column - static_cast<size_t>(weights_.FirstColumn(blocks.first))) * panel_rows;
      product.w = steps.gather != operands.steps.gather ? product.panel : weights_.Block(block);
      product.w_far = steps.gather != nullptr ? weights_.Block(block + 1) : nullptr;
      tiles_.Run(steps, {first, std::min(first + strip, tiles.last)}, vectors, product);
    }
  }
}

void ReducedGemm::Run(const float* x, const int32_t* winners, int count, float* y, float* scores, void* memory,
                      ThreadPool& pool, PhaseTimes* times) const {
  assert(count <= shape_.winners && pool.num_threads() <= num_threads_);
  Scratch scratch = CarveScratch(memory);
  const bool gather = count < shape_.channels && count > 0;
  // Pixels that share few sets of the cache are copied even where every channel wins.
  const bool compact = compacts_ && count > 0 && (gather || shape_.taps == 1);
  if (compact) {
    const PhaseTimer timer(times, &PhaseTimes::gather);
    x = compactor_.Run(x, winners, count, scratch.compact, pool);
  }

  const PhaseTimer timer(times, &PhaseTimes::gemm);
  std::fill(scratch.zeros, scratch.zeros + shape_.channels, 0.0f);
  // Past its end the list goes on with the next tap's winners, so that their weights are fetched in time.
  for (int i = 0; i < count + kLookahead && count > 0; ++i) {
    scratch.index[i] = winners[i % count] + i / count * shape_.channels;
  }
  Operands operands = {};
  RgemmTiles& product = operands.product;
  product.taps = shape_.taps;
  product.winners = count;
  product.a = x;
  product.a_stride = static_cast<ptrdiff_t>(compact ? compactor_.Stride(count) : static_cast<size_t>(shape_.channels));
  // With one tap the copy has the pixels in the order of the rows.
  product.pixels = compact && shape_.taps == 1 ? copied_pixels_.data() : pixel_table_.data();
  product.pixels_stride = shape_.rows;
  product.zeros = scratch.zeros;
  product.index = scratch.index;
  product.w_rows = shape_.channels;
  product.out = y;
  product.out_stride = shape_.out;
  product.min = clamp_.min;
  product.max = clamp_.max;
  if (gather) operands.steps.gather = compact ? kernels_.rgemm.gather_w : kernels_.rgemm.index_aw;
  operands.steps.rest = compact || !gather ? kernels_.rgemm.plain : kernels_.rgemm.index_a;

  // Blocks whose weights, packed or in a panel, stay in the second-level cache while strips are multiplied with them.
  const int most_blocks = count > 0 ? BlocksPerPanel(count) : weights_.blocks();
  const int blocks = weights_.blocks();
  const TaskGrid grid = ChooseGrid(blocks, tiles_.count(), most_blocks, pool.num_threads());
  const int block_parts = DivideUp(blocks, grid.blocks_per_task);
  if (scores != nullptr) scratch.scores.Clear();
  pool.ParallelFor(block_parts * grid.tile_parts, [&](int task, int worker) {
    Operands mine = operands;
    mine.product.panel = scratch.panels + static_cast<size_t>(worker) * scratch.panel_floats;
    const int block_part = task / grid.tile_parts;
    const int tile_part = task % grid.tile_parts;
    RunBlocks(mine, scores == nullptr ? nullptr : scratch.scores.At(tile_part, 0),
              Share(blocks, block_parts, block_part), Share(tiles_.count(), grid.tile_parts, tile_part));
  });
  if (scores != nullptr) scratch.scores.Write(scores);
}

}  // namespace tfsparse::core
