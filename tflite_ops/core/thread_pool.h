// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_THREAD_POOL_H_
#define TFSPARSE_CORE_THREAD_POOL_H_

#include <memory>

namespace tfsparse::core {

// A fixed set of threads that share out the tasks of one loop at a time. The calling thread works too, so a pool of one
// starts no thread at all. A pool serves one caller at a time and loops do not nest.
class ThreadPool {
 public:
  // Starts `num_threads - 1` threads; less than 1 counts as 1.
  explicit ThreadPool(int num_threads);
  ~ThreadPool();

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int num_threads() const { return num_threads_; }

  // Calls function(task, worker) once for every task in [0, tasks) and returns when all calls have. `worker` in
  // [0, num_threads) is never shared by two calls at once, so it can index scratch memory. Which worker gets which task
  // is left open.
  template <typename Function>
  void ParallelFor(int tasks, const Function& function) {
    if (num_threads_ == 1 || tasks <= 1) {
      for (int task = 0; task < tasks; ++task) function(task, 0);
      return;
    }
    const auto call = [](const void* context, int task, int worker) {
      (*static_cast<const Function*>(context))(task, worker);
    };
    Dispatch(tasks, call, &function);
  }

 private:
  struct Shared;
  using Call = void (*)(const void* context, int task, int worker);

  void Dispatch(int tasks, Call call, const void* context);

  const int num_threads_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_THREAD_POOL_H_
