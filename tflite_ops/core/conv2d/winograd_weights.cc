// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/winograd_weights.h"

#include <cassert>

namespace tfsparse::core {
namespace {

// For the interpolation points of the transforms in f32-winograd.h.
constexpr double kG2[4][3] = {{1, 0, 0}, {1.0 / 2, 1.0 / 2, 1.0 / 2}, {1.0 / 2, -1.0 / 2, 1.0 / 2}, {0, 0, 1}};
constexpr double kG4[6][3] = {{1, 0, 0},
                              {-18.0 / 65, -12.0 / 65, -8.0 / 65},
                              {-18.0 / 65, 12.0 / 65, -8.0 / 65},
                              {12.0 / 65, 18.0 / 65, 27.0 / 65},
                              {12.0 / 65, -18.0 / 65, 27.0 / 65},
                              {0, 0, 1}};

template <int kPatch>
void Transform(const double (&g)[kPatch][3], const float* taps, float* places) {
  for (int i = 0; i < kPatch; ++i) {
    double row[3];
    for (int j = 0; j < 3; ++j) row[j] = g[i][0] * taps[j] + g[i][1] * taps[3 + j] + g[i][2] * taps[6 + j];
    for (int j = 0; j < kPatch; ++j) {
      const double sum = row[0] * g[j][0] + row[1] * g[j][1] + row[2] * g[j][2];
      places[kPatch * i + j] = static_cast<float>(sum);
    }
  }
}

}  // namespace

void TransformFilter(const float* taps, int tile, float* places) {
  assert(tile == 2 || tile == 4);
  if (tile == 2) return Transform(kG2, taps, places);
  Transform(kG4, taps, places);
}

}  // namespace tfsparse::core
