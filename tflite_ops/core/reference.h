// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_REFERENCE_H_
#define TFSPARSE_CORE_REFERENCE_H_

#include <cstdint>
#include <vector>

#include "core/conv2d/conv2d_shape.h"
#include "core/winner_fully_connected.h"
#include "core/winner_mask.h"
#include "core/winner_select.h"

// What every operator computes, written to be obviously right: the oracle of the tests. Sums are in double.
namespace tfsparse::core::reference {

std::vector<int32_t> SelectWinners(const WinnerSelectShape& shape, const float* x);

std::vector<float> MaskWinners(const WinnerMaskShape& shape, const float* x, const int32_t* winners);

std::vector<float> WinnerConv2D(const Conv2DShape& shape, const float* x, const int32_t* winners, int capacity,
                                const float* filter, const float* bias, Clamp clamp);

std::vector<float> WinnerDepthwiseConv2D(const Conv2DShape& shape, const float* x, const int32_t* winners, int capacity,
                                         const float* filter, const float* bias, Clamp clamp);

std::vector<float> WinnerFullyConnected(const FullyConnectedShape& shape, const float* x, const int32_t* winners,
                                        int capacity, const float* weights, const float* bias, Clamp clamp);

}  // namespace tfsparse::core::reference

#endif  // TFSPARSE_CORE_REFERENCE_H_
