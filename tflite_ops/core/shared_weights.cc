// SPDX-License-Identifier: Apache-2.0
#include "core/shared_weights.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <tuple>

#include "core/aligned_buffer.h"

namespace tfsparse::core {
namespace {

struct Key {
  std::string layout;
  size_t count;
  uint64_t hash[2];

  bool operator<(const Key& other) const {
    return std::tie(layout, count, hash[0], hash[1]) <
           std::tie(other.layout, other.count, other.hash[0], other.hash[1]);
  }
};

uint64_t Rotate(uint64_t value, int bits) { return value << bits | value >> (64 - bits); }

// The finalizer of SplitMix64: every bit of the input changes half of the bits of the output.
uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

// Two sums over pairs of floats, with odd multipliers and rotations of their own.
void Hash(const float* data, size_t count, uint64_t hash[2]) {
  hash[0] = 0x9e3779b97f4a7c15u;
  hash[1] = 0xc2b2ae3d27d4eb4fu;
  for (size_t i = 0; i < count; i += 2) {
    uint64_t pair = 0;
    std::memcpy(&pair, data + i, count - i >= 2 ? sizeof pair : sizeof *data);
    hash[0] = Rotate(hash[0] ^ pair, 29) * 0xff51afd7ed558ccdu;
    hash[1] = Rotate(hash[1] + pair, 37) * 0xc4ceb9fe1a85ec53u;
  }
  hash[0] = Mix(hash[0]);
  hash[1] = Mix(hash[1]);
}

// All that somebody holds, and perhaps some that nobody holds any more.
struct Registry {
  std::mutex mutex;
  std::map<Key, std::weak_ptr<const float[]>> entries;
};

// Never destroyed: a library's users may outlive its static objects.
Registry& GetRegistry() {
  static Registry* const registry = new Registry();
  return *registry;
}

SharedFloats Find(Registry& registry, const Key& key) {
  const auto found = registry.entries.find(key);
  return found == registry.entries.end() ? nullptr : found->second.lock();
}

void RemoveExpired(Registry& registry) {
  for (auto entry = registry.entries.begin(); entry != registry.entries.end();) {
    entry = entry->second.expired() ? registry.entries.erase(entry) : std::next(entry);
  }
}

}  // namespace

SharedFloats ShareWeights(const std::string& layout, const float* source, size_t source_count, size_t packed_count,
                          const std::function<void(float*)>& pack) {
  Key key = {layout, source_count, {}};
  Hash(source, source_count, key.hash);
  Registry& registry = GetRegistry();
  {
    const std::lock_guard<std::mutex> lock(registry.mutex);
    if (SharedFloats held = Find(registry, key)) return held;
  }
  AlignedFloats packed = AllocateFloats(packed_count);
  pack(packed.get());
  const std::lock_guard<std::mutex> lock(registry.mutex);
  if (SharedFloats held = Find(registry, key)) return held;  // another thread was faster
  RemoveExpired(registry);
  SharedFloats shared(packed.release(), FreeDeleter());
  registry.entries[key] = shared;
  return shared;
}

}  // namespace tfsparse::core
