// SPDX-License-Identifier: Apache-2.0
#include "core/winner_separable_conv2d.h"

#include <algorithm>
#include <limits>

#include "core/microkernels/kernels.h"
#include "core/output_scores.h"
#include "core/row_tiles.h"
#include "core/winners.h"

namespace tfsparse::core {
namespace {

// Depthwise results that are kept at once, and panels of weights that all of their tiles read: together well within a
// second-level cache.
constexpr size_t kDepthwiseFloats = 32 * 1024;
constexpr size_t kPanelFloats = 64 * 1024;

// What gathering a block's weights costs more than reading a panel, in tiles; and what a multiplication of the
// depthwise convolution costs, in those of the product.
constexpr double kGatherTiles = 0.3;
constexpr double kDepthwiseCost = 2.0;

int RowsAtOnce(const Conv2DShape& shape, size_t stride) {
  const size_t row = static_cast<size_t>(shape.out_w) * stride;
  return std::clamp(static_cast<int>(kDepthwiseFloats / row), 1, shape.out_h);
}

}  // namespace

// How the output is cut into tasks. Tasks of the same rows each compute the depthwise convolution of them.
struct WinnerSeparableConv2D::Grid {
  int row_parts;
  int block_parts;
};

// What the tasks of a run share.
struct WinnerSeparableConv2D::Shared {
  Shared(const WinnerSeparableConv2D& op, const Grid& grid, ScratchCarver* carver)
      : sample(op.rows_, carver),
        index(carver->Ints(op.winners_ + kLookahead)),
        scores(op.shape_.out_c, op.weights_.block_width(), grid.row_parts, *carver) {}

  DepthwiseRows::Sample sample;
  int32_t* const index;  // winners + kLookahead
  OutputScores scores;
};

// What one thread works with.
struct WinnerSeparableConv2D::Worker {
  Worker(const WinnerSeparableConv2D& op, const Grid& grid, ScratchCarver* carver)
      : walk(op.rows_, carver), depthwise(carver->Floats(op.rows_at_once_ * op.shape_.out_w, op.rows_.stride())) {
    const int blocks = DivideUp(op.weights_.blocks(), grid.block_parts);
    panels = carver->Floats(blocks, op.weights_.block_width(), op.winners_);
  }

  DepthwiseRows::Walk walk;
  float* const depthwise;
  float* panels;
};

// A task.
struct WinnerSeparableConv2D::Part {
  const DepthwiseRows::Sample* sample;
  const int32_t* index;  // winners + kLookahead
  float* y;              // of the sample
  float* scores;         // that the task raises; or null
  Range rows;
  Range blocks;
};

WinnerSeparableConv2D::WinnerSeparableConv2D(const Conv2DShape& shape, const Conv2DConstants& depthwise,
                                             const Conv2DConstants& pointwise, int winners, Isa isa, int num_threads)
    : shape_(shape),
      kernels_(KernelsFor(isa)),
      winners_(winners),
      num_threads_(std::max(num_threads, 1)),
      clamp_(pointwise.clamp),
      rows_(shape, depthwise, DepthwiseRows::Base::kLoser, winners, isa),
      weights_(pointwise.filter, shape.out_c, shape.in_c, kernels_.lanes),
      rows_at_once_(RowsAtOnce(shape, rows_.stride())),
      pixels_(CountUp(rows_at_once_ * shape.out_w)) {
  bias_ = CopyPadded(nullptr, 0, static_cast<size_t>(weights_.blocks() * weights_.block_width()));
  const float* w = pointwise.filter;
  for (int n = 0; n < shape.out_c; ++n) {
    double sum = pointwise.bias == nullptr ? 0.0 : pointwise.bias[n];
    for (int c = 0; c < shape.in_c; ++c) sum += static_cast<double>(rows_.losers()[c]) * *w++;
    bias_[static_cast<size_t>(n)] = static_cast<float>(sum);
  }
}

// The grid whose busiest thread has the least to do, counted in tiles of one block.
WinnerSeparableConv2D::Grid WinnerSeparableConv2D::ChooseGrid() const {
  Grid best = {1, 1};
  double best_cost = std::numeric_limits<double>::max();
  const double tile = static_cast<double>(kernels_.mr) * weights_.block_width();
  const double depthwise_row = kDepthwiseCost * shape_.out_w * shape_.kernel_h * shape_.kernel_w / tile;
  for (int block_parts = 1; block_parts <= std::min(num_threads_, weights_.blocks()); ++block_parts) {
    const int row_parts = std::min(DivideUp(num_threads_, block_parts), shape_.out_h);
    const int rounds = DivideUp(row_parts * block_parts, num_threads_);
    const int rows = DivideUp(shape_.out_h, row_parts);
    const int tiles = DivideUp(rows * shape_.out_w, kernels_.mr);
    const double cost =
        rounds * (rows * depthwise_row + (tiles + kGatherTiles) * DivideUp(weights_.blocks(), block_parts));
    if (cost >= best_cost) continue;
    best_cost = cost;
    best = {row_parts, block_parts};
  }
  return best;
}

size_t WinnerSeparableConv2D::WorkerBytes() const {
  ScratchCarver carver(nullptr);
  const Worker worker(*this, ChooseGrid(), &carver);
  return carver.bytes();
}

size_t WinnerSeparableConv2D::scratch_bytes() const {
  ScratchCarver carver(nullptr);
  const Shared shared(*this, ChooseGrid(), &carver);
  carver.Floats(num_threads_, WorkerBytes() / sizeof(float));
  return carver.bytes();
}

bool WinnerSeparableConv2D::Run(int batch, const float* x, const int32_t* winners, float* y, void* scratch,
                                ThreadPool& pool, PhaseTimes* times, float* scores) const {
  const PhaseTimer timer(times, &PhaseTimes::gemm);
  const Grid grid = ChooseGrid();
  ScratchCarver carver(scratch);
  Shared shared(*this, grid, &carver);
  char* const workers = static_cast<char*>(scratch) + carver.bytes();
  const size_t worker_bytes = WorkerBytes();
  for (int b = 0; b < batch; ++b) {
    const int count = CountWinners(winners, winners_, shape_.in_c);
    if (count < 0) return false;
    shared.sample.Set(rows_, x, winners, count);
    // Past its end the list goes on with the next block's winners, so that their weights are fetched in time.
    for (int i = 0; i < count + kLookahead && count > 0; ++i) {
      shared.index[i] = winners[i % count] + i / count * shape_.in_c;
    }
    if (scores != nullptr) shared.scores.Clear();
    pool.ParallelFor(grid.row_parts * grid.block_parts, [&](int task, int worker) {
      const int row_part = task / grid.block_parts;
      const Range rows = Share(shape_.out_h, grid.row_parts, row_part);
      const Range blocks = Share(weights_.blocks(), grid.block_parts, task % grid.block_parts);
      float* const highest = scores == nullptr ? nullptr : shared.scores.At(row_part, 0);
      RunPart({&shared.sample, shared.index, y, highest, rows, blocks},
              workers + static_cast<size_t>(worker) * worker_bytes);
    });
    if (scores != nullptr) shared.scores.Write(scores);
    if (scores != nullptr) scores += shape_.out_c;
    x += static_cast<size_t>(shape_.in_h * shape_.in_w) * static_cast<size_t>(shape_.in_c);
    y += static_cast<size_t>(shape_.out_h * shape_.out_w) * static_cast<size_t>(shape_.out_c);
    winners += winners_;
  }
  return true;
}

void WinnerSeparableConv2D::RunPart(const Part& part, void* scratch) const {
  ScratchCarver carver(scratch);
  Worker worker(*this, ChooseGrid(), &carver);
  worker.walk.Begin(*part.sample);
  for (int row = part.rows.first; row < part.rows.last; row += rows_at_once_) {
    const Range rows = {row, std::min(row + rows_at_once_, part.rows.last)};
    ComputeDepthwise(rows, &worker);
    MultiplyRows(part, rows, worker.depthwise, worker.panels);
  }
}

void WinnerSeparableConv2D::ComputeDepthwise(Range rows, Worker* worker) const {
  const size_t row_floats = static_cast<size_t>(shape_.out_w) * rows_.stride();
  for (int row = rows.first; row < rows.last; row += rows_.rows_at_once()) {
    worker->walk.ComputeRows({row, std::min(row + rows_.rows_at_once(), rows.last)},
                             worker->depthwise + static_cast<size_t>(row - rows.first) * row_floats);
  }
}

// The panels of all blocks are kept if later rows read them again; otherwise those of the next blocks take their place.
void WinnerSeparableConv2D::MultiplyRows(const Part& part, Range rows, const float* depthwise, float* panels) const {
  const size_t panel = static_cast<size_t>(weights_.block_width()) * static_cast<size_t>(part.sample->count);
  const int at_once = panel == 0 ? part.blocks.size() : std::max(static_cast<int>(kPanelFloats / panel), 1);
  const bool is_only = part.rows.size() <= rows_at_once_;
  float* const y = part.y + static_cast<size_t>(rows.first * shape_.out_w) * static_cast<size_t>(shape_.out_c);
  for (int block = part.blocks.first; block < part.blocks.last; block += at_once) {
    const Range blocks = {block, std::min(block + at_once, part.blocks.last)};
    float* const kept = is_only ? panels : panels + static_cast<size_t>(block - part.blocks.first) * panel;
    MultiplyBlocks(part, blocks, rows.size() * shape_.out_w, depthwise, rows.first == part.rows.first, kept, y);
  }
}

void WinnerSeparableConv2D::MultiplyBlocks(const Part& part, Range blocks, int pixels, const float* depthwise,
                                           bool gather, float* panels, float* y) const {
  const int count = part.sample->count;
  const bool all_win = count == shape_.in_c;
  const size_t panel = static_cast<size_t>(weights_.block_width()) * static_cast<size_t>(count);
  RgemmTiles product = {};
  product.taps = 1;
  product.winners = count;
  product.a = depthwise;
  product.a_stride = static_cast<ptrdiff_t>(rows_.stride());
  product.pixels = pixels_.data();
  product.index = part.index;
  product.w_rows = shape_.in_c;
  product.out_stride = shape_.out_c;
  product.min = clamp_.min;
  product.max = clamp_.max;
  const RowTiles tiles(pixels, MostRows(kernels_, count, shape_.out_c));
  const int strip = tiles.PerStrip(static_cast<size_t>(count + shape_.out_c));
  for (int first = 0; first < tiles.count(); first += strip) {
    const bool gathers = gather && first == 0 && !all_win && count > 0;
    const RowTiles::Steps steps = {gathers ? kernels_.rgemm.gather_w : nullptr, kernels_.rgemm.plain};
    for (int block = blocks.first; block < blocks.last; ++block) {
      const int vectors = weights_.Vectors(block);
      product.width = vectors * kernels_.lanes;
      product.cols = weights_.Columns(block);
      product.bias = bias_.get() + weights_.FirstColumn(block);
      product.scores = part.scores == nullptr ? nullptr : part.scores + weights_.FirstColumn(block);
      product.out = y + weights_.FirstColumn(block);
      product.panel = panels + static_cast<size_t>(block - blocks.first) * panel;
      product.w = gathers || all_win ? weights_.Block(block) : product.panel;
      product.w_far = gathers ? weights_.Block(block + 1) : nullptr;
      tiles.Run(steps, {first, std::min(first + strip, tiles.count())}, vectors, product);
    }
  }
}

}  // namespace tfsparse::core
