// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_CONV2D_DIRECT_CONV2D_H_
#define TFSPARSE_CORE_CONV2D_DIRECT_CONV2D_H_

#include "core/conv2d/conv2d_algorithm.h"
#include "core/rgemm.h"

namespace tfsparse::core {

// Convolution as one reduced matrix product: any kernel, stride, dilation and padding. A table of the input pixels that
// each output pixel reads stands in for a copy of them.
class DirectConv2D : public Conv2DAlgorithm {
 public:
  DirectConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners, Isa isa, int num_threads);

  size_t scratch_bytes() const override { return gemm_.scratch_bytes(); }
  size_t weight_bytes() const override { return gemm_.weight_bytes(); }
  void Run(const float* x, const int32_t* winners, int count, float* y, float* scores, void* scratch, ThreadPool& pool,
           PhaseTimes* times) const override;

 private:
  const ReducedGemm gemm_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_CONV2D_DIRECT_CONV2D_H_
