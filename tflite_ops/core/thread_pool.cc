// SPDX-License-Identifier: Apache-2.0
#include "core/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace tfsparse::core {
namespace {

// How often a worker looks for work, or the caller for the end of a loop, before it sleeps; some tens of microseconds:
// the operators of a network follow each other closely, and waking a thread takes longer than many of them do.
constexpr int kSpins = 4000;

inline void SpinOnce() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

struct ThreadPool::Shared {
  // The loop being run. Read only by who holds one of its tasks, and a loop ends when none is held.
  Call call = nullptr;
  const void* context = nullptr;

  // Number of tasks in the upper half, next task in the lower: taking one and learning whether it exists is one step,
  // so that a worker which comes late, even during the next loop, does no harm and need not be waited for.
  std::atomic<uint64_t> tasks_and_next{0};
  std::atomic<uint32_t> done{0};
  std::atomic<bool> caller_sleeps{false};

  std::atomic<uint32_t> loops{0};  // how many have started
  std::atomic<bool> stop{false};
  std::mutex mutex;  // guards sleeping only
  std::condition_variable wake;
  std::condition_variable finished;
  std::vector<std::thread> threads;

  void RunTasks(int worker) {
    for (;;) {
      const uint64_t taken = tasks_and_next.fetch_add(1, std::memory_order_acq_rel);
      const uint32_t task = static_cast<uint32_t>(taken);
      const uint32_t tasks = static_cast<uint32_t>(taken >> 32);
      if (task >= tasks) return;
      call(context, static_cast<int>(task), worker);
      if (done.fetch_add(1) + 1 == tasks && caller_sleeps.load()) {
        const std::lock_guard<std::mutex> lock(mutex);
        finished.notify_one();
      }
    }
  }

  // Returns once every task is done. What is left when the caller comes here are tasks that workers are in the middle
  // of, and such a worker may have lost its core to another program's busy thread. A caller that sleeps leaves it its
  // own.
  void Finish(uint32_t tasks) {
    const auto ready = [&] { return done.load() == tasks; };
    for (int i = 0; i < kSpins; ++i) {
      if (ready()) return;
      SpinOnce();
    }
    std::unique_lock<std::mutex> lock(mutex);
    caller_sleeps.store(true);
    finished.wait(lock, ready);
    caller_sleeps.store(false);
  }

  // Returns once more than `seen` loops have started, or the pool stops.
  void Wait(uint32_t seen) {
    const auto ready = [&] { return loops.load(std::memory_order_acquire) != seen; };
    for (int i = 0; i < kSpins; ++i) {
      if (ready()) return;
      SpinOnce();
    }
    std::unique_lock<std::mutex> lock(mutex);
    wake.wait(lock, ready);
  }

  void Work(int worker) {
    uint32_t seen = 0;
    for (;;) {
      Wait(seen);
      seen = loops.load(std::memory_order_acquire);
      if (stop.load(std::memory_order_relaxed)) return;
      RunTasks(worker);
    }
  }

  void Wake() {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      loops.fetch_add(1, std::memory_order_release);
    }
    wake.notify_all();
  }
};

ThreadPool::ThreadPool(int num_threads) : num_threads_(std::max(num_threads, 1)) {
  if (num_threads_ == 1) return;
  shared_ = std::make_unique<Shared>();
  for (int worker = 1; worker < num_threads_; ++worker) {
    shared_->threads.emplace_back([shared = shared_.get(), worker] { shared->Work(worker); });
  }
}

ThreadPool::~ThreadPool() {
  if (shared_ == nullptr) return;
  shared_->stop.store(true, std::memory_order_relaxed);
  shared_->Wake();
  for (std::thread& thread : shared_->threads) thread.join();
}

void ThreadPool::Dispatch(int tasks, Call call, const void* context) {
  Shared& shared = *shared_;
  shared.call = call;
  shared.context = context;
  shared.done.store(0, std::memory_order_relaxed);
  shared.tasks_and_next.store(static_cast<uint64_t>(tasks) << 32, std::memory_order_release);
  shared.Wake();
  shared.RunTasks(0);
  shared.Finish(static_cast<uint32_t>(tasks));
}

}  // namespace tfsparse::core
