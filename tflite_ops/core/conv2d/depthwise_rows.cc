// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/depthwise_rows.h"

#include <algorithm>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// The rows of a plane that are in use: half of a first-level cache.
constexpr size_t kPlaneFloats = 4 * 1024;

// Input rows or columns that `out` neighbouring results reach over.
int Reach(int out, int stride, int kernel, int dilation) { return (out - 1) * stride + (kernel - 1) * dilation + 1; }

size_t ParamRows(const Conv2DShape& shape) { return static_cast<size_t>(shape.kernel_h * shape.kernel_w) + 2; }

int RowsAtOnce(const Conv2DShape& shape, int ring_w, int lanes) {
  const int input_rows = static_cast<int>(kPlaneFloats / static_cast<size_t>(ring_w) / static_cast<size_t>(lanes));
  const int more = std::max(input_rows - Reach(1, 1, shape.kernel_h, shape.dilation_h), 0) / shape.stride_h;
  return std::min(1 + more, shape.out_h);
}

float Clamped(float value, Clamp clamp) { return std::min(std::max(value, clamp.min), clamp.max); }

}  // namespace

DepthwiseRows::DepthwiseRows(const Conv2DShape& shape, const Conv2DConstants& constants, Base base, int winners,
                             Isa isa)
    : shape_(shape),
      kernels_(KernelsFor(isa)),
      clamp_(constants.clamp),
      vectors_(DivideUp(winners, kernels_.lanes)),
      stride_(SpreadStride(static_cast<size_t>((vectors_ + 1) * kernels_.lanes))),
      ring_w_(Reach(shape.out_w, shape.stride_w, shape.kernel_w, shape.dilation_w)),
      copied_w_(std::min(shape.in_w, ring_w_ - shape.pad_left)),
      rows_at_once_(RowsAtOnce(shape, ring_w_, kernels_.lanes)),
      ring_rows_(std::min(Reach(rows_at_once_, shape.stride_h, shape.kernel_h, shape.dilation_h), shape.in_h)) {
  const size_t channels = static_cast<size_t>(shape.in_c);
  const size_t padded = RoundUp(channels, static_cast<size_t>(kernels_.lanes));
  params_ = AllocateFloats(CountFloats(ParamRows(shape), channels));
  losers_ = AllocateFloats(padded);
  std::fill(losers_.get(), losers_.get() + padded, 0.0f);
  float* const shift =
      std::copy(constants.filter, constants.filter + (ParamRows(shape) - 2) * channels, params_.get() + channels);
  for (size_t c = 0; c < channels; ++c) {
    params_[c] = constants.bias == nullptr ? 0.0f : constants.bias[c];
    losers_[c] = Clamped(params_[c], clamp_);
    shift[c] = base == Base::kLoser ? -losers_[c] : -0.0f;  // -0 changes no number
  }
}

size_t DepthwiseRows::row_floats() const { return CountFloats(ring_w_, kernels_.lanes); }

size_t DepthwiseRows::plane_floats() const { return CountFloats(ring_rows_, row_floats()); }

size_t DepthwiseRows::param_floats() const { return CountFloats(ParamRows(shape_), kernels_.lanes); }

DepthwiseRows::Sample::Sample(const DepthwiseRows& rows, ScratchCarver* carver)
    : planner(rows.shape_.in_c, rows.vectors_ * rows.kernels_.lanes, rows.kernels_.lanes, carver),
      params(carver->Floats(rows.vectors_, rows.param_floats())) {}

void DepthwiseRows::Sample::Set(const DepthwiseRows& rows, const float* sample_x, const int32_t* winners,
                                int winner_count) {
  x = sample_x;
  count = winner_count;
  plan = planner.Make(winners, count);
  const size_t channels = static_cast<size_t>(rows.shape_.in_c);
  rows.kernels_.compact(rows.params_.get(), ParamRows(rows.shape_), channels, channels, plan,
                        static_cast<size_t>(rows.kernels_.lanes), rows.param_floats(), params);
}

DepthwiseRows::Walk::Walk(const DepthwiseRows& rows, ScratchCarver* carver)
    : rows_(rows),
      ring_(carver->Floats(rows.vectors_, rows.plane_floats())),
      taps_(reinterpret_cast<const float**>(
          carver->Floats(CountFloats(rows.shape_.kernel_h) * sizeof(float*) / sizeof(float)))) {}

void DepthwiseRows::Walk::Begin(const Sample& sample) {
  sample_ = &sample;
  next_ = 0;
  const size_t lanes = static_cast<size_t>(rows_.kernels_.lanes);
  const size_t left = static_cast<size_t>(rows_.shape_.pad_left) * lanes;
  const size_t filled = left + static_cast<size_t>(rows_.copied_w_) * lanes;
  const size_t row_floats = rows_.row_floats();
  float* row = ring_;
  for (int i = 0; i < sample.plan.vectors * rows_.ring_rows_; ++i, row += row_floats) {
    std::fill(row, row + left, 0.0f);
    std::fill(row + filled, row + row_floats, 0.0f);
  }
}

void DepthwiseRows::Walk::ComputeRows(Range rows, float* out) {
  const Conv2DShape& shape = rows_.shape_;
  const int top = rows.first * shape.stride_h - shape.pad_top;
  const int reach = Reach(rows.size(), shape.stride_h, shape.kernel_h, shape.dilation_h);
  next_ = std::max(next_, top);
  CompactInputUpTo(std::min(top + reach, shape.in_h));
  const size_t out_row = static_cast<size_t>(shape.out_w) * rows_.stride_;
  for (int vector = 0; vector < sample_->plan.vectors; ++vector) {
    float* first = out + static_cast<size_t>(vector * rows_.kernels_.lanes);
    for (int row = rows.first; row < rows.last; ++row, first += out_row) ComputeRow(vector, row, first);
  }
}

void DepthwiseRows::Walk::CompactInputUpTo(int row) {
  const Conv2DShape& shape = rows_.shape_;
  const size_t channels = static_cast<size_t>(shape.in_c);
  const size_t left = static_cast<size_t>(shape.pad_left * rows_.kernels_.lanes);
  for (; next_ < row; ++next_) {
    const float* const source = sample_->x + static_cast<size_t>(next_) * static_cast<size_t>(shape.in_w) * channels;
    rows_.kernels_.compact(source, static_cast<size_t>(rows_.copied_w_), channels, channels, sample_->plan,
                           static_cast<size_t>(rows_.kernels_.lanes), rows_.plane_floats(),
                           ring_ + static_cast<size_t>(next_ % rows_.ring_rows_) * rows_.row_floats() + left);
  }
}

void DepthwiseRows::Walk::ComputeRow(int vector, int row, float* out) {
  const Conv2DShape& shape = rows_.shape_;
  const ptrdiff_t lanes = rows_.kernels_.lanes;
  const float* const plane = ring_ + static_cast<size_t>(vector) * rows_.plane_floats();
  const int top = row * shape.stride_h - shape.pad_top;
  int outside = 0;  // rows of taps above the map
  int inside = 0;
  for (int ky = 0; ky < shape.kernel_h; ++ky) {
    const int y = top + ky * shape.dilation_h;
    if (y < 0) ++outside;
    if (y >= 0 && y < shape.in_h) {
      taps_[inside++] = plane + static_cast<size_t>(y % rows_.ring_rows_) * rows_.row_floats();
    }
  }
  const float* const bias = sample_->params + static_cast<size_t>(vector) * rows_.param_floats();
  const float* const w = bias + lanes;
  const float* const shift = w + shape.kernel_h * shape.kernel_w * lanes;
  rows_.kernels_.depthwise({shape.out_w, inside, shape.kernel_w, taps_, shape.dilation_w * lanes,
                            shape.stride_w * lanes, bias, w + outside * shape.kernel_w * lanes, shift, out,
                            static_cast<ptrdiff_t>(rows_.stride_), rows_.clamp_.min, rows_.clamp_.max});
}

}  // namespace tfsparse::core
