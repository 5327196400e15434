// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_SIMD_F32_NEON_H_
#define TFSPARSE_CORE_SIMD_F32_NEON_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

namespace tfsparse::core {
// Unnamed like the other instruction sets' headers, which use the same names.
namespace {

using F32 = float32x4_t;
constexpr int kLanes = 4;

// Where 64-bit and 32-bit processors differ. The latter's vectors take numbers below the smallest normal one for zero
// in arithmetic and in comparisons, so what must tell those from zero looks at bits.
#if defined(__aarch64__)

constexpr int kGeneralRegisters = 31;

inline F32 MultiplyAdd(F32 a, F32 b, F32 c) { return vfmaq_f32(c, a, b); }
inline F32 MultiplyAdd(float a, F32 b, F32 c) { return vfmaq_n_f32(c, b, a); }

// Byte i of the result is byte bytes[i] of v, zero for what is past its end.
inline uint8x16_t LookUp(uint8x16_t v, uint8x16_t bytes) { return vqtbl1q_u8(v, bytes); }

// The lanes that hold a number other than zero, or NaN, one bit each.
inline uint32_t NonZeroLanes(F32 v) {
  const uint32x4_t zeros = vceqzq_f32(v);
  return vaddvq_u32(vbicq_u32(uint32x4_t{1, 2, 4, 8}, zeros));
}

// How many lanes such a set has.
inline int CountLanes(uint32_t set) { return __builtin_popcount(set); }

#else

constexpr int kGeneralRegisters = 14;

// Rounds twice: fused ones came later than NEON. A number for all lanes is loaded as a vector: as a lane of one, GCC
// takes it through general registers.
inline F32 MultiplyAdd(F32 a, F32 b, F32 c) { return vmlaq_f32(c, a, b); }
inline F32 MultiplyAdd(float a, F32 b, F32 c) { return vmlaq_f32(c, b, vdupq_n_f32(a)); }

inline uint8x16_t LookUp(uint8x16_t v, uint8x16_t bytes) {
  const uint8x8x2_t table = {{vget_low_u8(v), vget_high_u8(v)}};
  return vcombine_u8(vtbl2_u8(table, vget_low_u8(bytes)), vtbl2_u8(table, vget_high_u8(bytes)));
}

inline uint32_t NonZeroLanes(F32 v) {
  const uint32x4_t others = vtstq_u32(vreinterpretq_u32_f32(v), vdupq_n_u32(0x7fffffffu));
  const uint32x4_t bits = vandq_u32(uint32x4_t{1, 2, 4, 8}, others);
  const uint32x2_t pairs = vpadd_u32(vget_low_u32(bits), vget_high_u32(bits));
  return vget_lane_u32(vpadd_u32(pairs, pairs), 0);
}

// There is no instruction that counts bits.
inline int CountLanes(uint32_t set) {
  constexpr uint8_t kCounts[1 << kLanes] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
  return kCounts[set];
}

#endif

inline F32 Zero() { return vdupq_n_f32(0.0f); }
inline F32 Splat(float value) { return vdupq_n_f32(value); }
inline F32 Load(const float* p) { return vld1q_f32(p); }
inline void Store(float* p, F32 v) { vst1q_f32(p, v); }

inline F32 LoadFirst(const float* p, int count) {
  if (count >= kLanes) return Load(p);
  F32 v = Zero();
  if (count > 0) v = vsetq_lane_f32(p[0], v, 0);
  if (count > 1) v = vsetq_lane_f32(p[1], v, 1);
  if (count > 2) v = vsetq_lane_f32(p[2], v, 2);
  return v;
}
inline void StoreFirst(float* p, F32 v, int count) {
  if (count >= kLanes) return Store(p, v);
  if (count > 0) p[0] = vgetq_lane_f32(v, 0);
  if (count > 1) p[1] = vgetq_lane_f32(v, 1);
  if (count > 2) p[2] = vgetq_lane_f32(v, 2);
}

inline F32 Add(F32 a, F32 b) { return vaddq_f32(a, b); }
inline F32 Subtract(F32 a, F32 b) { return vsubq_f32(a, b); }
inline F32 Abs(F32 v) { return vabsq_f32(v); }

// NaN where either operand is, as with any `bound` that is a number on the other instruction sets.
inline F32 Min(F32 bound, F32 v) { return vminq_f32(bound, v); }
inline F32 Max(F32 bound, F32 v) { return vmaxq_f32(bound, v); }

// Maximum of floats without sign, compared as integers: NaN is above infinity.
inline F32 MaxUnsigned(F32 a, F32 b) {
  return vreinterpretq_f32_u32(vmaxq_u32(vreinterpretq_u32_f32(a), vreinterpretq_u32_f32(b)));
}

// Lane i of the result is lane lanes[i] of v. The instruction looks bytes up: byte j of lane l is byte 4 l + j.
inline F32 Permute(F32 v, const int32_t* lanes) {
  const uint32x4_t index = vreinterpretq_u32_s32(vld1q_s32(lanes));
  const uint32x4_t bytes = vmlaq_n_u32(vdupq_n_u32(0x03020100u), index, 0x04040404u);
  return vreinterpretq_f32_u8(LookUp(vreinterpretq_u8_f32(v), vreinterpretq_u8_u32(bytes)));
}

// Lanes whose bits, taken as an integer, are those of `bound` or more, for floats without sign; zero for the others.
inline F32 KeepFrom(F32 bound, F32 v) {
  const uint32x4_t bits = vreinterpretq_u32_f32(v);
  return vreinterpretq_f32_u32(vandq_u32(bits, vcgeq_u32(bits, vreinterpretq_u32_f32(bound))));
}

// For each set of lanes, their numbers in ascending order, then 0.
constexpr int32_t kLaneLists[1 << kLanes][kLanes] = {{},     {0},       {1},       {0, 1},      {2},    {0, 2},
                                                     {1, 2}, {0, 1, 2}, {3},       {0, 3},      {1, 3}, {0, 1, 3},
                                                     {2, 3}, {0, 2, 3}, {1, 2, 3}, {0, 1, 2, 3}};

// Writes the non-zero lanes of v side by side, and `first` plus their numbers; returns how many they are. What follows
// them, up to a whole vector, is written too.
inline int StoreNonZeros(F32 v, int32_t first, float* values, int32_t* numbers) {
  const uint32_t set = NonZeroLanes(v);
  vst1q_f32(values, Permute(v, kLaneLists[set]));
  vst1q_s32(numbers, vaddq_s32(vld1q_s32(kLaneLists[set]), vdupq_n_s32(first)));
  return CountLanes(set);
}

// Where lanes come from.
struct Lanes {
  uint8x16_t bytes;
  uint32x4_t from_other;
};

inline Lanes LoadLanes(const int32_t* lanes) {
  const int32x4_t index = vld1q_s32(lanes);
  const uint32x4_t bytes = vmlaq_n_u32(vdupq_n_u32(0x03020100u), vreinterpretq_u32_s32(index), 0x04040404u);
  return {vreinterpretq_u8_u32(bytes), vcltq_s32(index, vdupq_n_s32(0))};
}

// Lane i of the result is lane lanes[i] of v, or lane i of `other` where lanes[i] is negative.
inline F32 PermuteOr(F32 other, F32 v, Lanes lanes) {
  const uint8x16_t permuted = LookUp(vreinterpretq_u8_f32(v), lanes.bytes);
  return vbslq_f32(lanes.from_other, other, vreinterpretq_f32_u8(permuted));
}

// Inlined always: GCC takes a function that only prefetches for one without effect, and may drop its calls.
inline __attribute__((always_inline)) void Prefetch(const float* p) { __builtin_prefetch(p); }
// Into the second-level cache.
inline __attribute__((always_inline)) void PrefetchFar(const float* p) { __builtin_prefetch(p, 0, 2); }

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_SIMD_F32_NEON_H_
