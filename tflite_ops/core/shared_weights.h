// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_SHARED_WEIGHTS_H_
#define TFSPARSE_CORE_SHARED_WEIGHTS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace tfsparse::core {

using SharedFloats = std::shared_ptr<const float[]>;

// Packed weights of which a process keeps one copy, however many interpreters of a model it has. What decides is the
// content: the same `source` [source_count], packed in the way that `layout` describes in full, gives the same memory
// as long as anybody holds it. Otherwise `pack` is called to fill [packed_count], aligned to kAlignment.
//
// Safe to call from several threads. Contents are told apart by a hash of 128 bits. Throws std::bad_alloc.
SharedFloats ShareWeights(const std::string& layout, const float* source, size_t source_count, size_t packed_count,
                          const std::function<void(float*)>& pack);

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_SHARED_WEIGHTS_H_
