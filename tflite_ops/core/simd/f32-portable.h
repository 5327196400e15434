// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_SIMD_F32_PORTABLE_H_
#define TFSPARSE_CORE_SIMD_F32_PORTABLE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tfsparse::core {
// Unnamed like the other instruction sets' headers, which use the same names.
namespace {

constexpr int kLanes = 4;
constexpr int kGeneralRegisters = 16;

struct F32 {
  float lane[kLanes];
};

template <typename Function>
inline F32 Generate(const Function& function) {
  F32 result;
  for (int i = 0; i < kLanes; ++i) result.lane[i] = function(i);
  return result;
}

inline uint32_t Bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

inline float FromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline F32 Zero() { return F32{}; }
inline F32 Splat(float value) {
  return Generate([=](int) { return value; });
}
inline F32 Load(const float* p) {
  return Generate([=](int i) { return p[i]; });
}
inline F32 LoadFirst(const float* p, int count) {
  return Generate([=](int i) { return i < count ? p[i] : 0.0f; });
}
inline void Store(float* p, F32 v) {
  for (int i = 0; i < kLanes; ++i) p[i] = v.lane[i];
}
inline void StoreFirst(float* p, F32 v, int count) {
  for (int i = 0; i < count; ++i) p[i] = v.lane[i];
}

inline F32 Add(F32 a, F32 b) {
  return Generate([&](int i) { return a.lane[i] + b.lane[i]; });
}
inline F32 Subtract(F32 a, F32 b) {
  return Generate([&](int i) { return a.lane[i] - b.lane[i]; });
}
inline F32 MultiplyAdd(F32 a, F32 b, F32 c) {
  return Generate([&](int i) { return a.lane[i] * b.lane[i] + c.lane[i]; });
}
inline F32 MultiplyAdd(float a, F32 b, F32 c) { return MultiplyAdd(Splat(a), b, c); }
inline F32 Abs(F32 v) {
  return Generate([&](int i) { return FromBits(Bits(v.lane[i]) & 0x7fffffffu); });
}

// The second operand where it is NaN.
inline F32 Min(F32 bound, F32 v) {
  return Generate([&](int i) { return bound.lane[i] < v.lane[i] ? bound.lane[i] : v.lane[i]; });
}
inline F32 Max(F32 bound, F32 v) {
  return Generate([&](int i) { return bound.lane[i] > v.lane[i] ? bound.lane[i] : v.lane[i]; });
}

// Maximum of floats without sign, compared as integers: NaN is above infinity.
inline F32 MaxUnsigned(F32 a, F32 b) {
  return Generate([&](int i) { return Bits(a.lane[i]) > Bits(b.lane[i]) ? a.lane[i] : b.lane[i]; });
}

// Lane i of the result is lane lanes[i] of v.
inline F32 Permute(F32 v, const int32_t* lanes) {
  return Generate([&](int i) { return v.lane[lanes[i]]; });
}

// Lanes whose bits, taken as an integer, are those of `bound` or more, for floats without sign; zero for the others.
inline F32 KeepFrom(F32 bound, F32 v) {
  return Generate([&](int i) { return Bits(v.lane[i]) >= Bits(bound.lane[i]) ? v.lane[i] : 0.0f; });
}

// The lanes that hold a number other than zero, or NaN, one bit each.
inline uint32_t NonZeroLanes(F32 v) {
  uint32_t set = 0;
  for (int i = 0; i < kLanes; ++i) set |= (v.lane[i] != 0.0f ? 1u : 0u) << i;
  return set;
}

// How many lanes such a set has.
inline int CountLanes(uint32_t set) { return __builtin_popcount(set); }

// Writes the non-zero lanes of v side by side, and `first` plus their numbers; returns how many they are. What follows
// them, up to a whole vector, is written too.
inline int StoreNonZeros(F32 v, int32_t first, float* values, int32_t* numbers) {
  int listed = 0;
  for (int i = 0; i < kLanes; ++i) {
    values[listed] = v.lane[i];
    numbers[listed] = first + i;
    listed += v.lane[i] != 0.0f;
  }
  return listed;
}

// Where lanes come from.
struct Lanes {
  int32_t index[kLanes];
};

inline Lanes LoadLanes(const int32_t* lanes) {
  Lanes loaded;
  std::memcpy(loaded.index, lanes, sizeof(loaded.index));
  return loaded;
}

// Lane i of the result is lane lanes[i] of v, or lane i of `other` where lanes[i] is negative.
inline F32 PermuteOr(F32 other, F32 v, Lanes lanes) {
  return Generate([&](int i) { return lanes.index[i] < 0 ? other.lane[i] : v.lane[lanes.index[i]]; });
}

inline void Prefetch(const float*) {}
inline void PrefetchFar(const float*) {}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_SIMD_F32_PORTABLE_H_
