// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_CONV2D_CONV2D_ALGORITHM_H_
#define TFSPARSE_CORE_CONV2D_CONV2D_ALGORITHM_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/conv2d/conv2d_shape.h"
#include "core/isa.h"
#include "core/phase_times.h"
#include "core/thread_pool.h"

namespace tfsparse::core {

// The constants of a convolution as a model holds them.
struct Conv2DConstants {
  const float* filter;  // [out_c, kernel_h, kernel_w, in_c]
  const float* bias;    // [out_c], or null
  Clamp clamp;
};

// One way to compute the convolution of a single sample over its winners.
class Conv2DAlgorithm {
 public:
  virtual ~Conv2DAlgorithm() = default;

  // Memory that Run needs, in bytes. It holds nothing between calls.
  virtual size_t scratch_bytes() const = 0;

  // Memory of the packed weights, in bytes.
  virtual size_t weight_bytes() const = 0;

  // x [in_h, in_w, in_c], y [out_h, out_w, out_c], `count` winners in ascending order; `scratch` is 64-byte aligned.
  // Channels that are not listed count as zero, whatever x holds there. scores [out_c] gets the highest |y| of each
  // output channel, unless it is null.
  virtual void Run(const float* x, const int32_t* winners, int count, float* y, float* scores, void* scratch,
                   ThreadPool& pool, PhaseTimes* times) const = 0;
};

// Which algorithm computes a convolution; kAuto stands for the one that the cost rule expects to be the fastest.
enum class Conv2DMethod { kAuto, kDirect, kWinograd2x2, kWinograd4x4 };
inline constexpr Conv2DMethod kConv2DMethods[] = {Conv2DMethod::kAuto, Conv2DMethod::kDirect,
                                                  Conv2DMethod::kWinograd2x2, Conv2DMethod::kWinograd4x4};

// Pixels along a side of a tile of Winograd's algorithm; 0 for other methods.
int TileOf(Conv2DMethod method);

// "auto", "direct", "winograd_2x2" or "winograd_4x4".
const char* MethodName(Conv2DMethod method);

// Packs the constants, which are not read again. `method` is not kAuto.
std::unique_ptr<Conv2DAlgorithm> MakeConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners,
                                            Conv2DMethod method, Isa isa, int num_threads);

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_CONV2D_CONV2D_ALGORITHM_H_
