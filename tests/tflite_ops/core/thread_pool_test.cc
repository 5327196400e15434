// SPDX-License-Identifier: Apache-2.0
#include "core/thread_pool.h"

#include <gtest/gtest.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace tfsparse::core {
namespace {

class ThreadPoolTest : public testing::TestWithParam<int> {};

TEST_P(ThreadPoolTest, RunsEveryTaskOnce) {
  ThreadPool pool(GetParam());
  for (const int tasks : {0, 1, 2, 3, 100}) {
    std::vector<std::atomic<int>> calls(static_cast<size_t>(tasks));
    pool.ParallelFor(tasks, [&](int task, int) { ++calls[static_cast<size_t>(task)]; });
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
}

TEST_P(ThreadPoolTest, ShowsTheResultsOfManyLoopsToTheCaller) {
  ThreadPool pool(GetParam());
  std::vector<int> values(64, 0);  // not atomic: the end of a loop orders it before the next
  for (int loop = 0; loop < 2000; ++loop) {
    pool.ParallelFor(64, [&](int task, int) { ++values[static_cast<size_t>(task)]; });
  }
  EXPECT_EQ(values, std::vector<int>(64, 2000));
}

TEST_P(ThreadPoolTest, GivesEachWorkerAnIndexOfItsOwn) {
  ThreadPool pool(GetParam());
  std::vector<std::atomic<int>> running(static_cast<size_t>(pool.num_threads()));
  std::atomic<bool> shared{false};
  pool.ParallelFor(500, [&](int, int worker) {
    ASSERT_LT(worker, pool.num_threads());
    if (++running[static_cast<size_t>(worker)] != 1) shared = true;
    std::this_thread::yield();
    --running[static_cast<size_t>(worker)];
  });
  EXPECT_FALSE(shared);
}

TEST_P(ThreadPoolTest, WakesWorkersThatSleep) {
  ThreadPool pool(GetParam());
  for (int loop = 0; loop < 5; ++loop) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::atomic<int> calls{0};
    pool.ParallelFor(10, [&](int, int) { ++calls; });
    EXPECT_EQ(calls, 10);
  }
}

TEST_P(ThreadPoolTest, StopsWithoutHavingWorked) {
  for (int i = 0; i < 50; ++i) const ThreadPool pool(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolTest, testing::Values(1, 2, 3, 8));

double ProcessorSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

TEST(ThreadPoolTest, SleepsWhileItWaitsForAWorker) {
  ThreadPool pool(2);
  std::atomic<bool> worker_began{false};
  std::atomic<bool> caller_began{false};
  double before = 0.0;
  pool.ParallelFor(2, [&](int, int worker) {
    if (worker == 1) {
      worker_began = true;
      while (!caller_began) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    } else {
      caller_began = true;
      while (!worker_began) std::this_thread::yield();
      before = ProcessorSeconds();
    }
  });
  EXPECT_LT(ProcessorSeconds() - before, 0.1);
}

TEST(ThreadPoolTest, CountsLessThanOneAsOne) {
  EXPECT_EQ(ThreadPool(0).num_threads(), 1);
  EXPECT_EQ(ThreadPool(-3).num_threads(), 1);
}

TEST(ThreadPoolTest, OfOneRunsInTheCaller) {
  ThreadPool pool(1);
  pool.ParallelFor(3,
                   [caller = std::this_thread::get_id()](int, int) { EXPECT_EQ(std::this_thread::get_id(), caller); });
}

}  // namespace
}  // namespace tfsparse::core
