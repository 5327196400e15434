// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/choose_method.h"

#include "core/conv2d/winograd_conv2d.h"
#include "core/math.h"

namespace tfsparse::core {
namespace {

// The rule counts multiply-accumulates, and everything else in the number of them that takes as long. Its constants
// were measured with tflite_ops/bench on a Zen 4 core with AVX-512 and AVX2 kernels (docs/kernels.md has the table);
// they decide between times that differ little, so they need not be exact elsewhere.

// Reading one weight of a winner for the first time takes as long as multiplying it with this many rows, where the
// weights lie in a cache, and where they come from memory: skipping over losers defeats the processor's own
// prefetching.
constexpr double kCachedWeight = 8;
constexpr double kScatteredWeight = 30;
constexpr double kCachedBytes = 20e6;

// Transforming one place of a patch of one channel, in or out.
constexpr double kTransform = 12;

double WeightCost(const Conv2DShape& shape, int winners, int products) {
  const double bytes = 4.0 * products * shape.in_c * shape.out_c;
  return winners < shape.in_c && bytes > kCachedBytes ? kScatteredWeight : kCachedWeight;
}

double DirectCost(const Conv2DShape& shape, int winners) {
  const int taps = shape.kernel_h * shape.kernel_w;
  const double rows = static_cast<double>(shape.out_h) * shape.out_w;
  return (rows + WeightCost(shape, winners, taps)) * taps * winners * shape.out_c;
}

double WinogradCost(const Conv2DShape& shape, int winners, int tile) {
  const int places = (tile + 2) * (tile + 2);
  const double tiles = static_cast<double>(DivideUp(shape.out_h, tile)) * DivideUp(shape.out_w, tile);
  const double products = (tiles + WeightCost(shape, winners, places)) * places * winners * shape.out_c;
  return products + kTransform * tiles * places * (winners + shape.out_c);
}

}  // namespace

double MethodCost(const Conv2DShape& shape, int winners, Conv2DMethod method) {
  const int tile = TileOf(method);
  return tile == 0 ? DirectCost(shape, winners) : WinogradCost(shape, winners, tile);
}

Conv2DMethod ChooseMethod(const Conv2DShape& shape, int winners, Conv2DMethod wanted) {
  if (!WinogradConv2D::CanCompute(shape)) return Conv2DMethod::kDirect;
  if (wanted != Conv2DMethod::kAuto) return wanted;
  const double direct = DirectCost(shape, winners);
  const double small = WinogradCost(shape, winners, 2);
  const double large = WinogradCost(shape, winners, 4);
  if (direct <= small && direct <= large) return Conv2DMethod::kDirect;
  return small <= large ? Conv2DMethod::kWinograd2x2 : Conv2DMethod::kWinograd4x4;
}

size_t WinogradWeightBytes(const Conv2DShape& shape, Conv2DMethod method, Isa isa) {
  const int tile = TileOf(method);
  return tile == 0 ? 0 : WinogradConv2D::WeightBytes(shape, tile, isa);
}

}  // namespace tfsparse::core
