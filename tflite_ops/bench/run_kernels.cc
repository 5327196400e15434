// SPDX-License-Identifier: Apache-2.0
//
// Runs each kernel of an instruction set once, always on the same case, so that what it executes can be counted:
// run_kernels ISA. Exits with 77 where the machine lacks the instruction set.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "core/microkernels/kernels.h"

namespace tfsparse {
namespace {

using core::Kernels;

constexpr int kChannels = 256;
constexpr int kWinners = 128;  // every second channel
constexpr int kTaps = 9;
constexpr int kPixels = 64;
constexpr int kColumns = 64;  // of the widest row of weights
constexpr float kMin = 0.0f;
constexpr float kMax = 6.0f;

// Memory of the cases. Half of the activations are zero, in no simple order.
struct Buffers {
  std::vector<float> activations = std::vector<float>(size_t{kPixels} * kChannels);
  std::vector<float> weights = std::vector<float>(size_t{kTaps + 2} * kChannels * kColumns, 0.5f);
  std::vector<float> panel = std::vector<float>(weights.size());
  std::vector<float> out = std::vector<float>(size_t{kPixels} * kChannels);
  std::vector<float> values = std::vector<float>(size_t{kPixels} * kChannels);
  std::vector<int32_t> index = std::vector<int32_t>(size_t{kWinners} + core::kLookahead);
  std::vector<int32_t> pixels = std::vector<int32_t>(size_t{kTaps} * kPixels);
  std::vector<int32_t> lanes = std::vector<int32_t>(kChannels);
  std::vector<int32_t> zeros = std::vector<int32_t>(kChannels);

  Buffers() {
    for (size_t i = 0; i < activations.size(); ++i) activations[i] = i * 2654435761u >> 8 & 1u ? 1.0f : 0.0f;
    for (size_t i = 0; i < index.size(); ++i) index[i] = static_cast<int32_t>(2 * i);
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<int32_t>(i % kPixels);
  }
};

void RunProducts(const Kernels& kernels, Buffers& b) {
  for (const auto* const table :
       {kernels.rgemm.plain, kernels.rgemm.gather_w, kernels.rgemm.index_a, kernels.rgemm.index_aw}) {
    core::RgemmTiles tiles = {};
    tiles.count = 1;
    tiles.rows = kernels.mr;
    tiles.cols = tiles.width = 2 * kernels.lanes;
    tiles.taps = kTaps;
    tiles.winners = kWinners;
    tiles.a = b.activations.data();
    tiles.a_stride = kChannels;
    tiles.pixels = b.pixels.data();
    tiles.pixels_stride = kPixels;
    tiles.index = b.index.data();
    tiles.w = b.weights.data();
    tiles.w_rows = kChannels;
    tiles.panel = b.panel.data();
    tiles.bias = b.weights.data();
    tiles.out = b.out.data();
    tiles.out_stride = kChannels;
    tiles.min = kMin;
    tiles.max = kMax;
    table[kernels.mr - 1][1](tiles);
  }
  kernels.rgemv(b.activations.data(), b.index.data(), kWinners, b.weights.data(), kColumns, b.weights.data(), kColumns,
                kMin, kMax, b.out.data());
}

void RunRankingAndMoving(const Kernels& kernels, Buffers& b) {
  const float* const x = b.activations.data();
  kernels.rank_max(x, kPixels, kChannels, kChannels, b.out.data());
  kernels.rank_sum(x, kPixels, kChannels, kChannels, b.out.data());
  const int groups = kChannels / kernels.lanes;
  std::vector<int32_t> source, target, end;
  for (int group = 0; group < groups; ++group) {
    source.push_back(group * kernels.lanes);
    target.push_back(group * kernels.lanes / 2);
    end.push_back(group + 1);
  }
  const size_t lanes = static_cast<size_t>(kernels.lanes);
  const core::CompactPlan compact = {groups, end.data(), source.data(), b.lanes.data()};
  kernels.compact(x, kPixels, kChannels, kChannels, compact, kChannels, lanes, b.out.data());
  const core::ExpandPlan expand = {target.data(), b.lanes.data()};
  kernels.expand(x, kPixels - 1, kChannels, expand, b.weights.data(), kChannels, b.out.data());
}

void RunWinograd(const core::WinogradKernels& kernels, int tile, int lanes, Buffers& b) {
  const int places = (tile + 2) * (tile + 2);
  const std::vector<const float*> pixels(static_cast<size_t>(places), b.activations.data());
  kernels.input({pixels.data(), kChannels, b.panel.data(), kChannels});
  const int width = 2 * lanes;
  kernels.output({b.weights.data(), width, width, b.weights.data(), b.out.data(), tile, tile, ptrdiff_t{width} * tile,
                  width, nullptr, kMin, kMax});
}

void RunZeroSkip(const Kernels& kernels, Buffers& b) {
  const core::ZeroSkipKernels& zero_skip = kernels.zero_skip;
  zero_skip.count(b.activations.data(), b.activations.size());
  const int listed = zero_skip.list(b.activations.data(), kChannels - kernels.lanes, b.values.data(), b.zeros.data());
  const std::vector<int32_t> begin = {0, listed};
  const int width = zero_skip.max_vectors * kernels.lanes;
  zero_skip.add[zero_skip.max_vectors - 1](
      {1, width, b.values.data(), b.zeros.data(), begin.data(), 1, b.weights.data(), b.out.data()});
  zero_skip.clamp(b.activations.data(), kPixels, kColumns, kColumns, kMin, kMax, b.out.data(), kColumns);
}

void RunDepthwise(const Kernels& kernels, Buffers& b) {
  const ptrdiff_t lanes = kernels.lanes;
  const int32_t end[] = {1, 2};
  const int32_t source[] = {0, kernels.lanes};
  const core::CompactPlan plan = {2, end, source, b.lanes.data()};
  kernels.compact(b.activations.data(), kPixels, kChannels, kChannels, plan, static_cast<size_t>(lanes),
                  static_cast<size_t>(kPixels * lanes), b.out.data());
  const std::vector<const float*> taps(3, b.activations.data());
  for (const ptrdiff_t dilation : {1, 2}) {
    for (const ptrdiff_t stride : {1, 2}) {
      kernels.depthwise({kPixels / 2, 3, 3, taps.data(), dilation * lanes, stride * lanes, b.weights.data(),
                         b.weights.data(), b.weights.data(), b.out.data(), kChannels, kMin, kMax});
    }
  }
}

void RunAll(const Kernels& kernels) {
  Buffers buffers;
  RunProducts(kernels, buffers);
  RunRankingAndMoving(kernels, buffers);
  RunWinograd(kernels.winograd_2x2, 2, kernels.lanes, buffers);
  RunWinograd(kernels.winograd_4x4, 4, kernels.lanes, buffers);
  RunZeroSkip(kernels, buffers);
  RunDepthwise(kernels, buffers);
}

}  // namespace
}  // namespace tfsparse

int main(int argc, char** argv) {
  for (const tfsparse::core::Isa isa : tfsparse::core::UsableIsas()) {
    if (argc == 2 && std::string(argv[1]) == tfsparse::core::IsaName(isa)) {
      tfsparse::RunAll(tfsparse::core::KernelsFor(isa));
      return EXIT_SUCCESS;
    }
  }
  std::cerr << "usage: run_kernels ISA, one that this machine has\n";
  return 77;
}
