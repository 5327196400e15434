// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_SIMD_F32_AVX2_H_
#define TFSPARSE_CORE_SIMD_F32_AVX2_H_

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace tfsparse::core {
// Unnamed, so that code compiled for this instruction set is never the copy that the linker keeps for the others.
namespace {

using F32 = __m256;
constexpr int kLanes = 8;
constexpr int kGeneralRegisters = 16;

inline __m256i FirstLanes(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

inline F32 Zero() { return _mm256_setzero_ps(); }
inline F32 Splat(float value) { return _mm256_set1_ps(value); }
inline F32 Load(const float* p) { return _mm256_loadu_ps(p); }
inline F32 LoadFirst(const float* p, int count) { return _mm256_maskload_ps(p, FirstLanes(count)); }
inline void Store(float* p, F32 v) { _mm256_storeu_ps(p, v); }
inline void StoreFirst(float* p, F32 v, int count) { _mm256_maskstore_ps(p, FirstLanes(count), v); }

inline F32 Add(F32 a, F32 b) { return _mm256_add_ps(a, b); }
inline F32 Subtract(F32 a, F32 b) { return _mm256_sub_ps(a, b); }
inline F32 MultiplyAdd(F32 a, F32 b, F32 c) { return _mm256_fmadd_ps(a, b, c); }
inline F32 MultiplyAdd(float a, F32 b, F32 c) { return MultiplyAdd(Splat(a), b, c); }
inline F32 Abs(F32 v) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v); }

// The second operand where it is NaN, as the x86 instructions do.
inline F32 Min(F32 bound, F32 v) { return _mm256_min_ps(bound, v); }
inline F32 Max(F32 bound, F32 v) { return _mm256_max_ps(bound, v); }

// Maximum of floats without sign, compared as integers: NaN is above infinity.
inline F32 MaxUnsigned(F32 a, F32 b) {
  return _mm256_castsi256_ps(_mm256_max_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}

// Lane i of the result is lane lanes[i] of v.
inline F32 Permute(F32 v, const int32_t* lanes) {
  return _mm256_permutevar8x32_ps(v, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes)));
}

// Lanes whose bits, taken as an integer, are those of `bound` or more, for floats without sign; zero for the others.
inline F32 KeepFrom(F32 bound, F32 v) {
  return _mm256_andnot_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_castps_si256(bound), _mm256_castps_si256(v))),
                          v);
}

// The lanes that hold a number other than zero, or NaN, one bit each.
inline uint32_t NonZeroLanes(F32 v) {
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_NEQ_UQ)));
}

// How many lanes such a set has.
inline int CountLanes(uint32_t set) { return __builtin_popcount(set); }

// For each set of lanes, their numbers in ascending order, a byte each.
struct LaneLists {
  uint64_t bytes[1 << kLanes];
};

constexpr LaneLists MakeLaneLists() {
  LaneLists lists = {};
  for (uint32_t set = 0; set < 1u << kLanes; ++set) {
    int listed = 0;
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      if ((set >> lane & 1) != 0) lists.bytes[set] |= uint64_t{lane} << (8 * listed++);
    }
  }
  return lists;
}

constexpr LaneLists kLaneLists = MakeLaneLists();

// Writes the non-zero lanes of v side by side, and `first` plus their numbers; returns how many they are. What follows
// them, up to a whole vector, is written too.
inline int StoreNonZeros(F32 v, int32_t first, float* values, int32_t* numbers) {
  const uint32_t set = NonZeroLanes(v);
  const __m256i lanes = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(&kLaneLists.bytes[set])));
  _mm256_storeu_ps(values, _mm256_permutevar8x32_ps(v, lanes));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(numbers), _mm256_add_epi32(lanes, _mm256_set1_epi32(first)));
  return CountLanes(set);
}

// Where lanes come from.
struct Lanes {
  __m256i index;
};

inline Lanes LoadLanes(const int32_t* lanes) { return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes))}; }

// Lane i of the result is lane lanes[i] of v, or lane i of `other` where lanes[i] is negative.
inline F32 PermuteOr(F32 other, F32 v, Lanes lanes) {
  return _mm256_blendv_ps(_mm256_permutevar8x32_ps(v, lanes.index), other, _mm256_castsi256_ps(lanes.index));
}

// Inlined always: GCC takes a function that only prefetches for one without effect, and may drop its calls.
inline __attribute__((always_inline)) void Prefetch(const float* p) {
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0);
}
// Into the second-level cache.
inline __attribute__((always_inline)) void PrefetchFar(const float* p) {
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T1);
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_SIMD_F32_AVX2_H_
