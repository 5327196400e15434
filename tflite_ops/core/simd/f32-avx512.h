// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_SIMD_F32_AVX512_H_
#define TFSPARSE_CORE_SIMD_F32_AVX512_H_

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

// GCC's own intrinsics start from a deliberately undefined vector (https://gcc.gnu.org/PR105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

namespace tfsparse::core {
// Unnamed, so that code compiled for this instruction set is never the copy that the linker keeps for the others.
namespace {

using F32 = __m512;
constexpr int kLanes = 16;
constexpr int kGeneralRegisters = 16;

inline __mmask16 FirstLanes(int count) { return static_cast<__mmask16>((1u << count) - 1u); }

inline F32 Zero() { return _mm512_setzero_ps(); }
inline F32 Splat(float value) { return _mm512_set1_ps(value); }
inline F32 Load(const float* p) { return _mm512_loadu_ps(p); }
inline F32 LoadFirst(const float* p, int count) { return _mm512_maskz_loadu_ps(FirstLanes(count), p); }
inline void Store(float* p, F32 v) { _mm512_storeu_ps(p, v); }
inline void StoreFirst(float* p, F32 v, int count) { _mm512_mask_storeu_ps(p, FirstLanes(count), v); }

inline F32 Add(F32 a, F32 b) { return _mm512_add_ps(a, b); }
inline F32 Subtract(F32 a, F32 b) { return _mm512_sub_ps(a, b); }
inline F32 MultiplyAdd(F32 a, F32 b, F32 c) { return _mm512_fmadd_ps(a, b, c); }
inline F32 MultiplyAdd(float a, F32 b, F32 c) { return MultiplyAdd(Splat(a), b, c); }
inline F32 Abs(F32 v) { return _mm512_abs_ps(v); }

// The second operand where it is NaN, as the x86 instructions do.
inline F32 Min(F32 bound, F32 v) { return _mm512_min_ps(bound, v); }
inline F32 Max(F32 bound, F32 v) { return _mm512_max_ps(bound, v); }

// Maximum of floats without sign, compared as integers: NaN is above infinity.
inline F32 MaxUnsigned(F32 a, F32 b) {
  return _mm512_castsi512_ps(_mm512_max_epi32(_mm512_castps_si512(a), _mm512_castps_si512(b)));
}

// Lane i of the result is lane lanes[i] of v.
inline F32 Permute(F32 v, const int32_t* lanes) { return _mm512_permutexvar_ps(_mm512_loadu_si512(lanes), v); }

// Lanes whose bits, taken as an integer, are those of `bound` or more, for floats without sign; zero for the others.
inline F32 KeepFrom(F32 bound, F32 v) {
  return _mm512_maskz_mov_ps(_mm512_cmpge_epi32_mask(_mm512_castps_si512(v), _mm512_castps_si512(bound)), v);
}

// The lanes that hold a number other than zero, or NaN, one bit each.
inline uint32_t NonZeroLanes(F32 v) { return _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ); }

// How many lanes such a set has.
inline int CountLanes(uint32_t set) { return __builtin_popcount(set); }

// Writes the non-zero lanes of v side by side, and `first` plus their numbers; returns how many they are. What follows
// them, up to a whole vector, is written too.
inline int StoreNonZeros(F32 v, int32_t first, float* values, int32_t* numbers) {
  const uint32_t set = NonZeroLanes(v);
  const __mmask16 mask = static_cast<__mmask16>(set);
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  _mm512_storeu_ps(values, _mm512_maskz_compress_ps(mask, v));
  _mm512_storeu_si512(numbers, _mm512_maskz_compress_epi32(mask, _mm512_add_epi32(lanes, _mm512_set1_epi32(first))));
  return CountLanes(set);
}

// Where lanes come from.
struct Lanes {
  __m512i index;
  __mmask16 from_v;
};

inline Lanes LoadLanes(const int32_t* lanes) {
  const __m512i index = _mm512_loadu_si512(lanes);
  return {index, _mm512_cmpge_epi32_mask(index, _mm512_setzero_si512())};
}

// Lane i of the result is lane lanes[i] of v, or lane i of `other` where lanes[i] is negative.
inline F32 PermuteOr(F32 other, F32 v, Lanes lanes) {
  return _mm512_mask_permutexvar_ps(other, lanes.from_v, lanes.index, v);
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

#endif  // TFSPARSE_CORE_SIMD_F32_AVX512_H_
