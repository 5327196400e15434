// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/depthwise_rows.h"

#include <algorithm>

#include "core/math.h"
#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// Input rows or columns that `out` results in a row reach over.
int Reach(int out, int stride, int kernel, int dilation) { return (out - 1) * stride + (kernel - 1) * dilation + 1; }

size_t ParamRows(const Conv2DShape& shape) { return static_cast<size_t>(shape.kernel_h * shape.kernel_w) + 2; }

float Clamped(float value, Clamp clamp) { return std::min(std::max(value, clamp.min), clamp.max); }

}  // namespace

DepthwiseRows::DepthwiseRows(const Conv2DShape& shape, const float* filter, const float* bias, Clamp clamp, Base base,
                             int winners, Isa isa)
    : shape_(shape),
      kernels_(KernelsFor(isa)),
      clamp_(clamp),
      stride_(CompactStride(winners, kernels_.lanes)),
      ring_rows_(std::min(Reach(1, 1, shape.kernel_h, shape.dilation_h), shape.in_h)),
      ring_w_(Reach(shape.out_w, shape.stride_w, shape.kernel_w, shape.dilation_w)),
      copied_w_(std::min(shape.in_w, ring_w_ - shape.pad_left)) {
  const size_t channels = static_cast<size_t>(shape.in_c);
  const size_t weights = (ParamRows(shape) - 2) * channels;
  params_ = AllocateFloats(ParamRows(shape) * channels);
  losers_ = AllocateFloats(RoundUp(channels, static_cast<size_t>(kernels_.lanes)));
  float* const shift = std::copy(filter, filter + weights, params_.get() + channels);
  for (size_t c = 0; c < channels; ++c) {
    params_[c] = bias == nullptr ? 0.0f : bias[c];
    losers_[c] = Clamped(params_[c], clamp);
    shift[c] = base == Base::kLoser ? -losers_[c] : -0.0f;  // -0 changes no number
  }
  std::fill(losers_.get() + channels, losers_.get() + RoundUp(channels, static_cast<size_t>(kernels_.lanes)), 0.0f);
}

DepthwiseRows::Sample::Sample(const DepthwiseRows& rows, ScratchCarver* carver)
    : plan_memory(rows.shape_.in_c, rows.kernels_.lanes, carver),
      params(carver->Floats(ParamRows(rows.shape_) * rows.stride_)) {}

void DepthwiseRows::Sample::Set(const DepthwiseRows& rows, const float* sample_x, const int32_t* winners,
                                int winner_count) {
  x = sample_x;
  count = winner_count;
  if (count == 0) return;
  const size_t channels = static_cast<size_t>(rows.shape_.in_c);
  plan = MakeCompactPlan(winners, count, rows.kernels_.lanes, plan_memory);
  rows.kernels_.compact(rows.params_.get(), ParamRows(rows.shape_), channels, channels, plan, rows.stride_, params);
}

DepthwiseRows::Walk::Walk(const DepthwiseRows& rows, ScratchCarver* carver)
    : rows_(rows),
      ring_(carver->Floats(static_cast<size_t>(rows.ring_rows_) * static_cast<size_t>(rows.ring_w_) * rows.stride_)),
      taps_(reinterpret_cast<const float**>(
          carver->Floats(static_cast<size_t>(rows.shape_.kernel_h) * sizeof(float*) / sizeof(float)))) {}

float* DepthwiseRows::InRing(float* ring, int row) const {
  return ring + static_cast<size_t>(row % ring_rows_) * static_cast<size_t>(ring_w_) * stride_;
}

void DepthwiseRows::Walk::Begin(const Sample& sample) {
  sample_ = &sample;
  next_ = 0;
  const size_t left = static_cast<size_t>(rows_.shape_.pad_left) * rows_.stride_;
  const size_t filled = left + static_cast<size_t>(rows_.copied_w_) * rows_.stride_;
  const size_t row_floats = static_cast<size_t>(rows_.ring_w_) * rows_.stride_;
  for (int row = 0; row < rows_.ring_rows_; ++row) {
    float* const pixels = rows_.InRing(ring_, row);
    std::fill(pixels, pixels + left, 0.0f);
    std::fill(pixels + filled, pixels + row_floats, 0.0f);
  }
}

void DepthwiseRows::Walk::CompactInputUpTo(int row) {
  const Conv2DShape& shape = rows_.shape_;
  const size_t channels = static_cast<size_t>(shape.in_c);
  for (; next_ <= row; ++next_) {
    const float* const source = sample_->x + static_cast<size_t>(next_) * static_cast<size_t>(shape.in_w) * channels;
    float* const pixels = rows_.InRing(ring_, next_) + static_cast<size_t>(shape.pad_left) * rows_.stride_;
    rows_.kernels_.compact(source, static_cast<size_t>(rows_.copied_w_), channels, channels, sample_->plan,
                           rows_.stride_, pixels);
  }
}

void DepthwiseRows::Walk::ComputeRow(int row, float* out) {
  const Conv2DShape& shape = rows_.shape_;
  if (sample_->count == 0) return;
  const int top = row * shape.stride_h - shape.pad_top;
  next_ = std::max(next_, top);
  CompactInputUpTo(std::min(top + (shape.kernel_h - 1) * shape.dilation_h, shape.in_h - 1));

  const ptrdiff_t stride = static_cast<ptrdiff_t>(rows_.stride_);
  DepthwiseTile tile = {};
  tile.taps_h = shape.kernel_h;
  tile.taps_w = shape.kernel_w;
  tile.channels = sample_->count;
  tile.rows = taps_;
  tile.tap_step = shape.dilation_w * stride;
  tile.pixel_step = shape.stride_w * stride;
  tile.params = sample_->params;
  tile.params_stride = stride;
  tile.out_stride = stride;
  tile.min = rows_.clamp_.min;
  tile.max = rows_.clamp_.max;
  const int tiles = DivideUp(shape.out_w, kDepthwisePixels);
  for (int t = 0; t < tiles; ++t) {
    const int first = ShareBegin(shape.out_w, tiles, t);
    tile.pixels = ShareBegin(shape.out_w, tiles, t + 1) - first;
    for (int ky = 0; ky < shape.kernel_h; ++ky) {
      const int y = top + ky * shape.dilation_h;
      taps_[ky] = y < 0 || y >= shape.in_h ? nullptr : rows_.InRing(ring_, y) + first * tile.pixel_step;
    }
    tile.out = out + first * stride;
    rows_.kernels_.depthwise[tile.pixels - 1](tile);
  }
}

}  // namespace tfsparse::core
