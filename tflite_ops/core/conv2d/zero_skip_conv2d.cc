// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/zero_skip_conv2d.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "core/conv2d/choose_method.h"
#include "core/math.h"
#include "core/microkernels/kernels.h"
#include "core/scratch_carver.h"

namespace tfsparse::core {
namespace {

// Channels of a slice of weights: with the 64 columns of a block it fills at most a first-level cache of 32 KiB.
constexpr int kChunkChannels = 128;

// Output pixels that share a slice while it is in the cache. Their sums, 64 KiB, stay in the second-level cache.
constexpr int kBlockPixels = 256;

// With several threads: blocks for each to choose from, as the non-zeros may lie unevenly; but no smaller than this.
constexpr int kBlocksPerThread = 4;
constexpr int kLeastBlockPixels = 32;

// One pixel of so many is looked at to estimate the density.
constexpr int kSampleStep = 5;

// The rule for where skipping zeros pays: its time over that of the direct convolution is about
//   density * (kMultiply + kFetch / columns) + kVisit / channels + kList / (taps * outputs)
// with the columns of a block, the channels of a slice, and the taps per pixel of input. A non-zero costs its
// multiply-adds, and a fixed time for fetching it and its channel; every output pixel loads and stores its sums once
// per slice; and every input pixel is listed once. The constants fit the times of zero_skip_bench on Zen 4 with AVX2
// and AVX-512 kernels: for 64 channels and outputs, 3x3, a ratio of 0.21, 0.46, 0.72 and 1.07 at 10, 30, 50 and 80 %
// non-zeros (0.23, 0.48, 0.72 and 1.08 by the rule), and for 16 channels and outputs 0.65, 1.1, 1.6 and 2.2
// (0.67, 1.1, 1.5 and 2.2).
constexpr double kMultiply = 0.9;
constexpr double kFetch = 20;
constexpr double kVisit = 5;
constexpr double kList = 20;

// What skipping zeros has to promise. In networks weights are colder than in the benchmark, and pointwise convolutions
// of the suite took up to 1.2 of the dense time where the rule saw the two break even.
constexpr double kPromise = 0.85;

int PixelBlocks(int pixels, int column_blocks, int num_threads) {
  const int blocks = DivideUp(pixels, kBlockPixels);
  if (num_threads <= 1) return blocks;
  const int wanted = DivideUp(num_threads * kBlocksPerThread, column_blocks);
  return std::max(blocks, std::min(wanted, pixels / kLeastBlockPixels));
}

// Which of `in` input rows, or columns, the taps of `out` output ones read: strides may leave some out.
std::vector<bool> ReadAlong(int in, int out, int kernel, int stride, int dilation, int pad) {
  std::vector<bool> read(static_cast<size_t>(in), false);
  for (int o = 0; o < out; ++o) {
    for (int k = 0; k < kernel; ++k) {
      const int i = o * stride + k * dilation - pad;
      if (i >= 0 && i < in) read[static_cast<size_t>(i)] = true;
    }
  }
  return read;
}

std::vector<bool> ReadRows(const Conv2DShape& shape) {
  return ReadAlong(shape.in_h, shape.out_h, shape.kernel_h, shape.stride_h, shape.dilation_h, shape.pad_top);
}

std::vector<bool> ReadColumns(const Conv2DShape& shape) {
  return ReadAlong(shape.in_w, shape.out_w, shape.kernel_w, shape.stride_w, shape.dilation_w, shape.pad_left);
}

double Count(const std::vector<bool>& flags) {
  return static_cast<double>(std::count(flags.begin(), flags.end(), true));
}

int Chunks(const Conv2DShape& shape) { return DivideUp(shape.in_c, kChunkChannels); }

int ColumnBlocks(const Conv2DShape& shape, const Kernels& kernels) {
  return DivideUp(shape.out_c, kernels.zero_skip.max_vectors * kernels.lanes);
}

}  // namespace

double ZeroSkipConv2D::BreakEven(const Conv2DShape& shape, Conv2DMethod fallback, Isa isa) {
  const Kernels& kernels = KernelsFor(isa);
  const double columns = static_cast<double>(DivideUp(shape.out_c, ColumnBlocks(shape, kernels)));
  const double channels = static_cast<double>(DivideUp(shape.in_c, Chunks(shape)));
  const double taps = static_cast<double>(shape.out_h) * shape.out_w * shape.kernel_h * shape.kernel_w;
  const double listed = Count(ReadRows(shape)) * Count(ReadColumns(shape));
  const double fixed = kVisit / channels + kList * listed / (taps * shape.out_c);
  const double fallback_cost =
      MethodCost(shape, shape.in_c, fallback) / MethodCost(shape, shape.in_c, Conv2DMethod::kDirect);
  return (kPromise * fallback_cost - fixed) / (kMultiply + kFetch / columns);
}

// The non-zeros of the input, in scratch memory. The lists of a row of pixels follow one another, chunk by chunk.
struct ZeroSkipConv2D::Lists {
  float* values;      // [in_h][RowEntries()]
  int32_t* channels;  // likewise: counted from the beginning of the chunk
  int32_t* begin;     // [in_h][chunk][in_w + 1] the beginning of each pixel's list in its row
  float* sums;        // [thread][pixels of a block][columns of a block]
  size_t sums_floats;
  size_t bytes;
};

// The part of the output that one task computes.
struct ZeroSkipConv2D::Block {
  int first_pixel;
  int last_pixel;
  int first_column;
  int width;  // columns, in whole vectors
};

ZeroSkipConv2D::ZeroSkipConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, Conv2DMethod fallback,
                               double break_even, Isa isa, int num_threads)
    : shape_(shape),
      kernels_(KernelsFor(isa)),
      clamp_(constants.clamp),
      num_threads_(std::max(num_threads, 1)),
      chunks_(Chunks(shape)),
      column_blocks_(ColumnBlocks(shape, kernels_)),
      pixel_blocks_(PixelBlocks(shape.out_h * shape.out_w, column_blocks_, num_threads_)),
      break_even_(break_even),
      fallback_(MakeConv2D(shape, constants, shape.in_c, fallback, isa, num_threads)),
      read_rows_(ReadRows(shape)),
      read_columns_(ReadColumns(shape)) {
  for (int kx = 0; kx < shape.kernel_w; ++kx) {
    const int shift = kx * shape.dilation_w - shape.pad_left;  // from ox * stride to the input column
    const int first = shift >= 0 ? 0 : DivideUp(-shift, shape.stride_w);
    const int last = shape.in_w - shift <= 0 ? 0 : DivideUp(shape.in_w - shift, shape.stride_w);
    first_x_.push_back(first);
    last_x_.push_back(std::min(last, shape.out_w));
  }
  PackConstants(constants);
}

int ZeroSkipConv2D::ChunkBegin(int chunk) const { return ShareBegin(shape_.in_c, chunks_, chunk); }

int ZeroSkipConv2D::ColumnBegin(int block) const {
  return ShareBegin(DivideUp(shape_.out_c, kernels_.lanes), column_blocks_, block) * kernels_.lanes;
}

void ZeroSkipConv2D::PackConstants(const Conv2DConstants& constants) {
  const size_t rows = static_cast<size_t>(shape_.kernel_h * shape_.kernel_w) * static_cast<size_t>(shape_.in_c);
  const size_t out = static_cast<size_t>(shape_.out_c);
  padded_out_ = RoundUp(out, static_cast<size_t>(kernels_.lanes));
  std::string layout = "zero skip";
  for (const int part : {shape_.in_c, shape_.out_c, kernels_.lanes, kernels_.zero_skip.max_vectors}) {
    layout += " " + std::to_string(part);
  }
  weights_ = ShareWeights(layout, constants.filter, rows * out, CountFloats(rows, padded_out_),
                          [&](float* packed) { PackWeights(constants.filter, packed); });
  bias_ = CopyPadded(constants.bias, out, padded_out_);
}

void ZeroSkipConv2D::PackWeights(const float* filter, float* packed) const {
  const int taps = shape_.kernel_h * shape_.kernel_w;
  const size_t rows = static_cast<size_t>(taps) * static_cast<size_t>(shape_.in_c);
  for (int block = 0; block < column_blocks_; ++block) {
    const int first = ColumnBegin(block);
    const int width = ColumnBegin(block + 1) - first;
    const int columns = std::min(shape_.out_c - first, width);
    for (int chunk = 0; chunk < chunks_; ++chunk) {
      for (int tap = 0; tap < taps; ++tap) {
        for (int c = ChunkBegin(chunk); c < ChunkBegin(chunk + 1); ++c) {
          const float* const column = filter + static_cast<size_t>(first) * rows +
                                      static_cast<size_t>(tap) * static_cast<size_t>(shape_.in_c) + c;
          for (int n = 0; n < columns; ++n) packed[n] = column[static_cast<size_t>(n) * rows];
          std::fill(packed + columns, packed + width, 0.0f);
          packed += width;
        }
      }
    }
  }
}

// A slack for what listing writes past the last non-zero.
size_t ZeroSkipConv2D::RowEntries() const {
  const size_t row = CountFloats(shape_.in_w, shape_.in_c);
  return RoundUp(row + static_cast<size_t>(kernels_.lanes), kAlignment / sizeof(float));
}

ZeroSkipConv2D::Lists ZeroSkipConv2D::CarveLists(void* scratch) const {
  Lists lists = {};
  ScratchCarver carver(scratch);
  lists.values = carver.Floats(shape_.in_h, RowEntries());
  lists.channels = carver.Ints(shape_.in_h, RowEntries());
  lists.begin = carver.Ints(shape_.in_h, chunks_, shape_.in_w + 1);
  const int pixels = DivideUp(shape_.out_h * shape_.out_w, pixel_blocks_);
  lists.sums_floats = CountFloats(pixels, kernels_.zero_skip.max_vectors, kernels_.lanes);
  lists.sums = carver.Floats(num_threads_, lists.sums_floats);
  lists.bytes = carver.bytes();
  return lists;
}

size_t ZeroSkipConv2D::scratch_bytes() const { return std::max(CarveLists(nullptr).bytes, fallback_->scratch_bytes()); }

size_t ZeroSkipConv2D::weight_bytes() const {
  const size_t rows = static_cast<size_t>(shape_.kernel_h * shape_.kernel_w) * static_cast<size_t>(shape_.in_c);
  return rows * padded_out_ * sizeof(float) + fallback_->weight_bytes();
}

double ZeroSkipConv2D::EstimateDensity(const float* x) const {
  const int pixels = shape_.in_h * shape_.in_w;
  const size_t channels = static_cast<size_t>(shape_.in_c);
  size_t found = 0;
  size_t seen = 0;
  for (int pixel = 0; pixel < pixels; pixel += kSampleStep) {
    found += kernels_.zero_skip.count(x + static_cast<size_t>(pixel) * channels, channels);
    seen += channels;
  }
  return static_cast<double>(found) / static_cast<double>(seen);
}

bool ZeroSkipConv2D::IsSparse(const float* x, PhaseTimes* times) const {
  const PhaseTimer timer(times, &PhaseTimes::gather);
  return EstimateDensity(x) <= break_even_;
}

void ZeroSkipConv2D::ListRow(const float* x, int row, const Lists& lists) const {
  const size_t first = static_cast<size_t>(row) * RowEntries();
  float* const values = lists.values + first;
  int32_t* const channels = lists.channels + first;
  int32_t* begin = lists.begin + static_cast<size_t>(row) * static_cast<size_t>(chunks_ * (shape_.in_w + 1));
  x += static_cast<size_t>(row) * static_cast<size_t>(shape_.in_w) * static_cast<size_t>(shape_.in_c);
  int listed = 0;
  for (int chunk = 0; chunk < chunks_; ++chunk) {
    const int chunk_begin = ChunkBegin(chunk);
    const int count = ChunkBegin(chunk + 1) - chunk_begin;
    const float* pixel = x + chunk_begin;
    for (int i = 0; i < shape_.in_w; ++i, pixel += shape_.in_c) {
      *begin++ = listed;
      if (!read_columns_[static_cast<size_t>(i)]) continue;
      listed += kernels_.zero_skip.list(pixel, count, values + listed, channels + listed);
    }
    *begin++ = listed;
  }
}

// Adds what one tap of one chunk gives to the sums of a block, row of output pixels by row.
void ZeroSkipConv2D::AddTap(const Block& block, int chunk, int ky, int kx, const Lists& lists, float* sums) const {
  const int taps = shape_.kernel_h * shape_.kernel_w;
  const size_t width = static_cast<size_t>(block.width);
  const size_t chunk_begin = static_cast<size_t>(ChunkBegin(chunk));
  const size_t channels = static_cast<size_t>(ChunkBegin(chunk + 1)) - chunk_begin;
  const size_t tap = static_cast<size_t>(ky * shape_.kernel_w + kx);
  const size_t earlier_columns = static_cast<size_t>(block.first_column) * static_cast<size_t>(shape_.in_c);
  ZeroSkipRun run = {};
  run.width = block.width;
  run.step = shape_.stride_w;
  run.w = weights_.get() + static_cast<size_t>(taps) * (earlier_columns + chunk_begin * width) + tap * channels * width;
  const ZeroSkipKernel kernel = kernels_.zero_skip.add[block.width / kernels_.lanes - 1];
  for (int pixel = block.first_pixel; pixel < block.last_pixel;) {
    const int oy = pixel / shape_.out_w;
    const int row_begin = oy * shape_.out_w;
    const int row_end = std::min(row_begin + shape_.out_w, block.last_pixel);
    const int first = std::max(pixel - row_begin, first_x_[static_cast<size_t>(kx)]);
    const int last = std::min(row_end - row_begin, last_x_[static_cast<size_t>(kx)]);
    const int iy = oy * shape_.stride_h + ky * shape_.dilation_h - shape_.pad_top;
    pixel = row_end;
    if (iy < 0 || iy >= shape_.in_h || first >= last) continue;
    const int ix = first * shape_.stride_w + kx * shape_.dilation_w - shape_.pad_left;
    run.pixels = last - first;
    run.values = lists.values + static_cast<size_t>(iy) * RowEntries();
    run.channels = lists.channels + static_cast<size_t>(iy) * RowEntries();
    run.begin = lists.begin + static_cast<size_t>(iy * chunks_ + chunk) * static_cast<size_t>(shape_.in_w + 1) + ix;
    run.sums = sums + static_cast<size_t>(row_begin + first - block.first_pixel) * width;
    kernel(run);
  }
}

void ZeroSkipConv2D::RunBlock(const Block& block, const Lists& lists, float* sums, float* y) const {
  const float* const bias = bias_.get() + block.first_column;
  const int pixels = block.last_pixel - block.first_pixel;
  for (int i = 0; i < pixels; ++i) std::copy(bias, bias + block.width, sums + static_cast<ptrdiff_t>(i) * block.width);
  for (int chunk = 0; chunk < chunks_; ++chunk) {
    for (int ky = 0; ky < shape_.kernel_h; ++ky) {
      for (int kx = 0; kx < shape_.kernel_w; ++kx) AddTap(block, chunk, ky, kx, lists, sums);
    }
  }
  const size_t out = static_cast<size_t>(shape_.out_c);
  kernels_.zero_skip.clamp(sums, pixels, block.width, std::min(block.width, shape_.out_c - block.first_column),
                           clamp_.min, clamp_.max,
                           y + static_cast<size_t>(block.first_pixel) * out + block.first_column, shape_.out_c);
}

void ZeroSkipConv2D::Run(const float* x, const int32_t* winners, int count, float* y, float* scores, void* scratch,
                         ThreadPool& pool, PhaseTimes* times) const {
  assert(count == shape_.in_c && pool.num_threads() <= num_threads_);
  if (!IsSparse(x, times)) {
    fallback_->Run(x, winners, count, y, scores, scratch, pool, times);
    return;
  }
  const Lists lists = CarveLists(scratch);
  {
    const PhaseTimer timer(times, &PhaseTimes::gather);
    pool.ParallelFor(shape_.in_h, [&](int row, int) {
      if (read_rows_[static_cast<size_t>(row)]) ListRow(x, row, lists);
    });
  }
  const PhaseTimer timer(times, &PhaseTimes::gemm);
  const int pixels = shape_.out_h * shape_.out_w;
  pool.ParallelFor(pixel_blocks_ * column_blocks_, [&](int task, int worker) {
    const int columns = task % column_blocks_;
    const int first_column = ColumnBegin(columns);
    const Block block = {ShareBegin(pixels, pixel_blocks_, task / column_blocks_),
                         ShareBegin(pixels, pixel_blocks_, task / column_blocks_ + 1), first_column,
                         ColumnBegin(columns + 1) - first_column};
    RunBlock(block, lists, lists.sums + static_cast<size_t>(worker) * lists.sums_floats, y);
  });
  if (scores == nullptr) return;
  const size_t outputs = static_cast<size_t>(shape_.out_c);
  std::fill(scores, scores + outputs, 0.0f);
  kernels_.rank_max(y, static_cast<size_t>(pixels), outputs, outputs, scores);
}

}  // namespace tfsparse::core
