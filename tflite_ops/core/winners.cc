// SPDX-License-Identifier: Apache-2.0
#include "core/winners.h"

namespace tfsparse::core {

int CountWinners(const int32_t* winners, int capacity, int limit) {
  int count = 0;
  int32_t previous = -1;
  while (count < capacity && winners[count] > previous && winners[count] < limit) previous = winners[count++];
  for (int i = count; i < capacity; ++i) {
    if (winners[i] != -1) return -1;
  }
  return count;
}

}  // namespace tfsparse::core
