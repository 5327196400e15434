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

// How often a worker looks for work before it sleeps, some tens of microseconds: the operators of a network follow each
// other closely, and waking a thread takes longer than many of them do.
constexpr int kSpins = 4000;

inline void SpinOnce() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

struct ThreadPool::Shared {
  // The loop being run; written before `generation` is raised, read after it is seen.
  Call call = nullptr;
  const void* context = nullptr;
  int tasks = 0;

  std::atomic<int> next_task{0};
  std::atomic<int> busy_workers{0};
  std::atomic<uint32_t> generation{0};  // counts loops
  std::atomic<bool> stop{false};

  std::mutex mutex;  // guards sleeping only
  std::condition_variable wake;
  std::vector<std::thread> threads;

  void RunTasks(int worker) {
    for (int task; (task = next_task.fetch_add(1, std::memory_order_relaxed)) < tasks;) call(context, task, worker);
  }

  // Returns once a loop other than number `seen` has started, or the pool stops.
  void Wait(uint32_t seen) {
    const auto ready = [&] { return generation.load(std::memory_order_acquire) != seen; };
    for (int i = 0; i < kSpins; ++i) {
      if (ready()) return;
      SpinOnce();
    }
    std::unique_lock<std::mutex> lock(mutex);
    wake.wait(lock, ready);
  }

  void Work(int worker) {
    for (uint32_t seen = 0;; ++seen) {
      Wait(seen);
      if (stop.load(std::memory_order_relaxed)) return;
      RunTasks(worker);
      busy_workers.fetch_sub(1, std::memory_order_release);
    }
  }

  void Announce() {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      generation.fetch_add(1, std::memory_order_release);
    }
    wake.notify_all();
  }
};

ThreadPool::ThreadPool(int num_threads) : num_threads_(std::max(num_threads, 1)) {
  if (num_threads_ == 1) return;
  shared_ = std::make_unique<Shared>();
  for (int worker = 1; worker < num_threads_; ++worker) {
    shared_->threads.emplace_back([this, worker] { shared_->Work(worker); });
  }
}

ThreadPool::~ThreadPool() {
  if (shared_ == nullptr) return;
  shared_->stop.store(true, std::memory_order_relaxed);
  shared_->Announce();
  for (std::thread& thread : shared_->threads) thread.join();
}

void ThreadPool::Dispatch(int tasks, Call call, const void* context) {
  Shared& shared = *shared_;
  shared.call = call;
  shared.context = context;
  shared.tasks = tasks;
  shared.next_task.store(0, std::memory_order_relaxed);
  shared.busy_workers.store(num_threads_ - 1, std::memory_order_relaxed);
  shared.Announce();
  shared.RunTasks(0);
  // Every worker must have left the loop before its context goes away; yield, as there may be fewer cores than threads.
  for (int i = 0; shared.busy_workers.load(std::memory_order_acquire) != 0; ++i) {
    if (i < kSpins) {
      SpinOnce();
    } else {
      std::this_thread::yield();
    }
  }
}

}  // namespace tfsparse::core
