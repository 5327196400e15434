// SPDX-License-Identifier: Apache-2.0
#include "tflite/slow_path_notice.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace tfsparse::tflite {
namespace {

using core::Isa;

const std::vector<Isa> kPortableAlone = {Isa::kPortable};

TEST(SlowPathNotice, IsGivenOnce) {
  SlowPathNotice notice;
  const char* const text = notice.Take(kPortableAlone);
  ASSERT_NE(text, nullptr);
  EXPECT_NE(std::string(text).find("portable kernels"), std::string::npos);
  EXPECT_EQ(notice.Take(kPortableAlone), nullptr);
}

TEST(SlowPathNotice, IsGivenToOneOfSeveralThreads) {
  SlowPathNotice notice;
  std::atomic<int> given{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { given += notice.Take(kPortableAlone) != nullptr; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(given, 1);
}

TEST(SlowPathNotice, IsNotGivenWhereThereIsAFastPath) {
  SlowPathNotice notice;
  for (const Isa isa : {Isa::kNeon, Isa::kAvx2, Isa::kAvx512}) EXPECT_EQ(notice.Take({Isa::kPortable, isa}), nullptr);
  EXPECT_NE(notice.Take(kPortableAlone), nullptr);  // it was still there to be given
}

}  // namespace
}  // namespace tfsparse::tflite
