// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_ENGINE_H_
#define TFSPARSE_TFLITE_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "core/aligned_buffer.h"
#include "core/isa.h"
#include "core/thread_pool.h"
#include "tflite/delegate_options.h"

namespace tfsparse::tflite {

// What the nodes of one delegate share: threads and scratch memory. Whoever uses either holds the mutex, so a delegate
// may serve several interpreters at once; its nodes then run one at a time.
class Engine {
 public:
  Engine(int num_threads, const DelegateOptions& options)
      : pool_(num_threads), isa_(options.isa), method_(options.method), winograd_bytes_(options.winograd_bytes) {}

  std::mutex& mutex() { return mutex_; }
  core::ThreadPool& pool() { return pool_; }
  core::Isa isa() const { return isa_; }

  // How to compute convolutions whose model leaves it open.
  core::Conv2DMethod method() const { return method_; }

  // Takes `bytes` of what transformed weights may take; false, and nothing is taken, if less is left. Nodes give back
  // what they took.
  bool TakeWinogradBytes(size_t bytes) {
    if (winograd_bytes_ && *winograd_bytes_ < bytes) return false;
    if (winograd_bytes_) *winograd_bytes_ -= bytes;
    return true;
  }
  void GiveBackWinogradBytes(size_t bytes) {
    if (winograd_bytes_) *winograd_bytes_ += bytes;
  }

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
  const core::Conv2DMethod method_;
  std::optional<uint64_t> winograd_bytes_;  // what is left of the limit
  core::AlignedFloats scratch_;
  size_t scratch_bytes_ = 0;
};

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_ENGINE_H_
