// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tfsparse::core::reference {
namespace {

// The score of one channel of one sample; NaN if any of its values is.
double ChannelScore(const float* x, int pixels, int channels, int channel, Score score) {
  double highest = 0.0;
  double sum = 0.0;
  for (int p = 0; p < pixels; ++p) {
    const double magnitude = std::fabs(x[p * channels + channel]);
    if (std::isnan(magnitude)) return magnitude;
    highest = std::max(highest, magnitude);
    sum += magnitude;
  }
  return score == Score::kMax ? highest : sum / pixels;
}

// Indices of the k highest scores, ascending, then -1.
std::vector<int32_t> Highest(const std::vector<double>& scores, int k) {
  std::vector<int32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](int32_t i) { return std::isnan(scores[i]) ? INFINITY : scores[i]; };
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    if (std::isnan(scores[a]) != std::isnan(scores[b])) return std::isnan(scores[a]);
    return key(a) > key(b);
  });
  order.resize(k);
  order.erase(std::remove_if(order.begin(), order.end(), [&](int32_t i) { return scores[i] == 0.0; }), order.end());
  std::sort(order.begin(), order.end());
  order.resize(k, -1);
  return order;
}

// Whether each of `size` units wins.
std::vector<bool> Wins(const int32_t* winners, int capacity, int size) {
  std::vector<bool> wins(size, false);
  for (int i = 0; i < capacity; ++i) {
    if (winners[i] >= 0) wins[winners[i]] = true;
  }
  return wins;
}

float Clamped(double value, Clamp clamp) {
  if (std::isnan(value)) return static_cast<float>(value);
  return std::min(std::max(static_cast<float>(value), clamp.min), clamp.max);
}

// Calls body(tap, pixel) for every tap of the filter that lies on the map, with the pixel of the batch that it meets.
template <typename Body>
void ForEachTap(const Conv2DShape& shape, int sample, int oy, int ox, Body body) {
  for (int ky = 0; ky < shape.kernel_h; ++ky) {
    for (int kx = 0; kx < shape.kernel_w; ++kx) {
      const int iy = oy * shape.stride_h + ky * shape.dilation_h - shape.pad_top;
      const int ix = ox * shape.stride_w + kx * shape.dilation_w - shape.pad_left;
      if (iy < 0 || iy >= shape.in_h || ix < 0 || ix >= shape.in_w) continue;
      body(ky * shape.kernel_w + kx, (sample * shape.in_h + iy) * shape.in_w + ix);
    }
  }
}

}  // namespace

std::vector<int32_t> SelectWinners(const WinnerSelectShape& shape, const float* x) {
  std::vector<int32_t> winners;
  for (int sample = 0; sample < shape.batch; ++sample, x += shape.pixels * shape.channels) {
    if (shape.unit == Unit::kChannel && shape.winners == shape.channels && shape.pixels > 1) {
      for (int c = 0; c < shape.channels; ++c) winners.push_back(c);
      continue;
    }
    std::vector<double> scores;
    if (shape.unit == Unit::kChannel) {
      for (int c = 0; c < shape.channels; ++c) {
        scores.push_back(ChannelScore(x, shape.pixels, shape.channels, c, shape.score));
      }
    } else {
      for (int i = 0; i < shape.pixels * shape.channels; ++i) scores.push_back(std::fabs(x[i]));
    }
    const std::vector<int32_t> row = Highest(scores, shape.winners);
    winners.insert(winners.end(), row.begin(), row.end());
  }
  return winners;
}

std::vector<float> MaskWinners(const WinnerMaskShape& shape, const float* x, const int32_t* winners) {
  const int units = shape.unit == Unit::kChannel ? shape.channels : shape.pixels * shape.channels;
  std::vector<float> y;
  for (int sample = 0; sample < shape.batch; ++sample) {
    const std::vector<bool> wins = Wins(winners + sample * shape.winners, shape.winners, units);
    for (int i = 0; i < shape.pixels * shape.channels; ++i, ++x) y.push_back(wins[i % units] ? *x : 0.0f);
  }
  return y;
}

std::vector<float> WinnerConv2D(const Conv2DShape& shape, const float* x, const int32_t* winners, int capacity,
                                const float* filter, const float* bias, Clamp clamp) {
  std::vector<float> y;
  for (int sample = 0; sample < shape.batch; ++sample) {
    const std::vector<bool> wins = Wins(winners + sample * capacity, capacity, shape.in_c);
    for (int oy = 0; oy < shape.out_h; ++oy) {
      for (int ox = 0; ox < shape.out_w; ++ox) {
        for (int o = 0; o < shape.out_c; ++o) {
          double sum = bias == nullptr ? 0.0 : bias[o];
          ForEachTap(shape, sample, oy, ox, [&](int tap, int pixel) {
            for (int c = 0; c < shape.in_c; ++c) {
              if (!wins[c]) continue;
              const double a = x[pixel * shape.in_c + c];
              sum += a * filter[(o * shape.kernel_h * shape.kernel_w + tap) * shape.in_c + c];
            }
          });
          y.push_back(Clamped(sum, clamp));
        }
      }
    }
  }
  return y;
}

std::vector<float> WinnerDepthwiseConv2D(const Conv2DShape& shape, const float* x, const int32_t* winners, int capacity,
                                         const float* filter, const float* bias, Clamp clamp) {
  std::vector<float> y;
  for (int sample = 0; sample < shape.batch; ++sample) {
    const std::vector<bool> wins = Wins(winners + sample * capacity, capacity, shape.in_c);
    for (int oy = 0; oy < shape.out_h; ++oy) {
      for (int ox = 0; ox < shape.out_w; ++ox) {
        for (int c = 0; c < shape.in_c; ++c) {
          double sum = bias == nullptr ? 0.0 : bias[c];
          ForEachTap(shape, sample, oy, ox, [&](int tap, int pixel) {
            if (!wins[c]) return;
            const double a = x[pixel * shape.in_c + c];
            sum += a * filter[tap * shape.in_c + c];
          });
          y.push_back(Clamped(sum, clamp));
        }
      }
    }
  }
  return y;
}

std::vector<float> WinnerFullyConnected(const FullyConnectedShape& shape, const float* x, const int32_t* winners,
                                        int capacity, const float* weights, const float* bias, Clamp clamp) {
  const int inputs = shape.taps * shape.channels;
  std::vector<float> y;
  for (int row = 0; row < shape.batch * shape.rows; ++row) {
    const std::vector<bool> wins = Wins(winners + row / shape.rows * capacity, capacity, shape.channels);
    for (int o = 0; o < shape.out; ++o) {
      double sum = bias == nullptr ? 0.0 : bias[o];
      for (int i = 0; i < inputs; ++i) {
        if (wins[i % shape.channels]) sum += static_cast<double>(x[row * inputs + i]) * weights[o * inputs + i];
      }
      y.push_back(Clamped(sum, clamp));
    }
  }
  return y;
}

}  // namespace tfsparse::core::reference
