// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_ENGINE_H_
#define TFSPARSE_TFLITE_ENGINE_H_

#include <cstddef>
#include <mutex>

#include "core/aligned_buffer.h"
#include "core/isa.h"
#include "core/thread_pool.h"

namespace tfsparse::tflite {

// What the nodes of one delegate share: threads and scratch memory. Whoever uses either holds the mutex, so a delegate
// may serve several interpreters at once; its nodes then run one at a time.
class Engine {
 public:
  Engine(int num_threads, core::Isa isa) : pool_(num_threads), isa_(isa) {}

  std::mutex& mutex() { return mutex_; }
  core::ThreadPool& pool() { return pool_; }
  core::Isa isa() const { return isa_; }

  // Memory for one call of one node, aligned to core::kAlignment.
  void* scratch() { return scratch_.get(); }

  // Makes the scratch memory hold at least `bytes`.
  void ReserveScratch(size_t bytes) {
    if (bytes <= scratch_bytes_) return;
    scratch_ = core::AllocateFloats(core::RoundUp(bytes, sizeof(float)) / sizeof(float));
    scratch_bytes_ = bytes;
  }

 private:
  std::mutex mutex_;
  core::ThreadPool pool_;
  const core::Isa isa_;
  core::AlignedFloats scratch_;
  size_t scratch_bytes_ = 0;
};

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_ENGINE_H_
