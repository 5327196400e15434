// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_WINNERS_H_
#define TFSPARSE_CORE_WINNERS_H_

#include <cstdint>

namespace tfsparse::core {

// Number of real winners in a row of `capacity` indices: those before the first -1. Returns -1 if the row is malformed,
// that is unless its indices ascend strictly within [0, limit) and nothing but -1 follows them.
int CountWinners(const int32_t* winners, int capacity, int limit);

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_WINNERS_H_
