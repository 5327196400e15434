// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_KERNELS_H_
#define TFSPARSE_CORE_MICROKERNELS_KERNELS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/isa.h"

namespace tfsparse::core {

// Entries that an index list holds past its last winner: how far ahead kernels that follow the list fetch weights.
inline constexpr int kLookahead = 16;

// Tiles of a reduced matrix product, one below the other: out[r][n] = clamp(bias[n] + sum over taps t and winners i of
// a * w). Sizes and strides count floats.
struct RgemmTiles {
  int count;
  int rows;   // 1..mr, of each
  int cols;   // 1..width; what is stored of the width
  int width;  // lanes or 2 * lanes: columns of a row of weights
  int taps;
  int winners;

  const float* a;         // activations [pixel][a_stride]
  ptrdiff_t a_stride;     // from one pixel to the next
  const int32_t* pixels;  // [taps][pixels_stride]: the pixel of each tap and row, -1 for padding
  ptrdiff_t pixels_stride;
  const float* zeros;    // what a padding pixel reads
  const int32_t* index;  // [winners + kLookahead] the winners; null when a and w hold nothing else, in that order

  const float* w;      // packed weights [taps][w_rows][width], or a panel [taps][winners][width]
  ptrdiff_t w_rows;    // rows per tap
  const float* w_far;  // packed weights that will be gathered next, to be fetched from memory meanwhile; or null
  float* panel;        // [taps][winners][width]: where a gathering kernel leaves the rows of w it has read
  const float* bias;   // [width]

  float* out;  // [count * rows][out_stride]
  ptrdiff_t out_stride;
  float* scores;  // [width], raised to the highest |out| of each column; or null
  float min;
  float max;
};

using RgemmKernel = void (*)(const RgemmTiles&);

// Kernels for every size of tile: [rows - 1][0] for a width of one vector, [rows - 1][1] for two. So a short tile costs
// what its rows cost. Their names say what follows the index list: nothing, the weights (a is compact), the
// activations, or both.
struct RgemmKernels {
  const RgemmKernel (*plain)[2];     // a[..][i], w[..][i]
  const RgemmKernel (*gather_w)[2];  // a[..][i], w[..][index[i]], and fills the panel
  const RgemmKernel (*index_a)[2];   // a[..][index[i]], w[..][i]
  const RgemmKernel (*index_aw)[2];  // a[..][index[i]], w[..][index[i]], and fills the panel
};

// One patch of input pixels before Winograd's products. Sizes and strides count floats.
struct WinogradInputTile {
  const float* const* pixels;  // [places] row by row
  size_t channels;             // a multiple of lanes
  float* out;                  // [places][out_stride]
  size_t out_stride;
};

// One tile of output pixels after Winograd's products.
struct WinogradOutputTile {
  const float* sums;  // [places][width]
  int width;          // lanes or 2 * lanes
  int cols;           // 1..width; what is stored of the width
  const float* bias;  // [width]
  float* out;         // [out_rows][out_cols]
  int out_rows;       // 1 to the size of a tile; what is stored of it
  int out_cols;       // likewise
  ptrdiff_t out_row_stride;
  ptrdiff_t out_stride;  // from one pixel to the next
  float* scores;         // [width], raised to the highest |out| of each column; or null
  float min;
  float max;
};

// The transforms of Winograd's F(m x m, 3x3), whose patches have (m + 2) x (m + 2) pixels, its `places`.
struct WinogradKernels {
  void (*input)(const WinogradInputTile& tile);
  void (*output)(const WinogradOutputTile& tile);
};

// A run of neighbouring output pixels, to which one tap of a convolution adds the non-zeros of its input pixels.
struct ZeroSkipRun {
  int pixels;
  int width;                // columns: a multiple of lanes
  const float* values;      // the non-zeros of the input pixels, one list after another
  const int32_t* channels;  // their channels
  const int32_t* begin;     // [.. + 1] the list of output pixel i is [begin[i * step], begin[i * step + 1])
  ptrdiff_t step;
  const float* w;  // [channel][width]
  float* sums;     // [pixels][width]
};

using ZeroSkipKernel = void (*)(const ZeroSkipRun&);

// The parts of a product that skips the zeros of the activations. NaN is not zero.
struct ZeroSkipKernels {
  // How many of x[0, count) are not zero.
  size_t (*count)(const float* x, size_t count);

  // Lists those of x[0, count) that are not zero, and their numbers; returns how many they are. Writes up to lanes
  // entries past the last.
  int (*list)(const float* x, int count, float* values, int32_t* numbers);

  // sums[i][n] += sum over the list of i of value * w[channel][n], in the order of the list. [v] is for a width of v +
  // 1 vectors.
  const ZeroSkipKernel* add;
  int max_vectors;

  // y[r][n] = clamp(sums[r][n]) for n in [0, cols); width is cols rounded up to whole vectors, or more.
  void (*clamp)(const float* sums, int rows, int width, int cols, float min, float max, float* y, ptrdiff_t y_stride);
};

// How to move compact winners back to their places, one vector of channels at a time.
struct ExpandPlan {
  const int32_t* source;   // [vectors] where the winners of the vector begin
  const int32_t* permute;  // [vectors][lanes] which of them a channel is, -1 for a loser
};

// How to move the winners of a pixel together, into a plane per vector of them. A vector is put together from windows
// of neighbouring channels.
struct CompactPlan {
  int vectors;
  const int32_t* end;      // [vectors] past the last window of the vector
  const int32_t* source;   // [windows] first channel of the window
  const int32_t* permute;  // [windows][lanes] which of its channels moves to a lane, -1 for none
};

// One output row of a depthwise convolution over a plane of compact winners: out[p] = shift + clamp(bias + sum over
// taps of a * w), a vector each. Steps and strides count floats.
struct DepthwiseRow {
  int pixels;  // at least 1
  int taps_h;  // rows of taps that are not in the padding
  int taps_w;

  const float* const* taps;  // [taps_h] what the first tap of each row meets first
  ptrdiff_t tap_step;        // from what one tap meets to what the next does
  ptrdiff_t pixel_step;      // from what one pixel meets to what the next does

  const float* bias;   // [lanes]
  const float* w;      // [taps_h][taps_w][lanes]
  const float* shift;  // [lanes]

  float* out;  // [pixels][out_stride]
  ptrdiff_t out_stride;
  float min;
  float max;
};

// The kernels of one instruction set.
struct Kernels {
  Isa isa;
  int lanes;     // floats in a vector
  int mr;        // rows of the largest tile
  int mr_short;  // rows of the largest tile whose row pointers all stay in registers
  RgemmKernels rgemm;

  // Raises scores[c] to the highest |x[p][c]| for c in [0, count); x advances by `stride` floats per pixel. NaN is
  // above all.
  void (*rank_max)(const float* x, size_t pixels, size_t stride, size_t count, float* scores);

  // Adds the sum of |x[p][c]| to scores[c], in the same order of additions on every instruction set.
  void (*rank_sum)(const float* x, size_t pixels, size_t stride, size_t count, float* scores);

  // How many of the floats, which have no sign, are at least `threshold`, greater than zero: compared as integers, NaN
  // above infinity. `count` is a multiple of lanes.
  size_t (*count_from)(const float* magnitudes, size_t count, float threshold);

  // Lists them: their values and their numbers, in ascending order of number; returns how many. Writes up to lanes - 1
  // of both past the last.
  size_t (*list_from)(const float* magnitudes, size_t count, float threshold, float* values, int32_t* numbers);

  // out[p][v] = vector v of the winners of x[p], zeros where it is not full. Pixels are `x_stride` floats apart in x
  // and `pixel_stride` in the copy, whose vectors are `vector_stride` apart.
  void (*compact)(const float* x, size_t pixels, size_t x_stride, size_t channels, const CompactPlan& plan,
                  size_t pixel_stride, size_t vector_stride, float* out);

  // y[n] = clamp(bias[n] + sum of values[i] * w[index[i]][n]) for n in [0, count), count a multiple of lanes; a row of
  // w has `stride` floats. `index` holds kLookahead entries past its last.
  void (*rgemv)(const float* values, const int32_t* index, int winners, const float* w, size_t stride,
                const float* bias, size_t count, float min, float max, float* y);

  WinogradKernels winograd_2x2;
  WinogradKernels winograd_4x4;
  ZeroSkipKernels zero_skip;
  void (*depthwise)(const DepthwiseRow& row);

  // out[p][c] = the winner c of compact[p], or losers[c]. Reads whole vectors of compact pixels and of `losers`.
  void (*expand)(const float* compact, size_t pixels, size_t compact_stride, const ExpandPlan& plan,
                 const float* losers, size_t channels, float* out);
};

extern const Kernels kPortableKernels;
extern const Kernels kNeonKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

// Those that this library was built with, slowest first, whether this machine can run them or not.
std::vector<const Kernels*> AllKernels();

// The kernels of a usable instruction set.
const Kernels& KernelsFor(Isa isa);

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_KERNELS_H_
