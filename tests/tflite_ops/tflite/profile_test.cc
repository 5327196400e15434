// SPDX-License-Identifier: Apache-2.0
#include "tflite/profile.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tfsparse::tflite {
namespace {

core::PhaseTimes Times(int64_t gather, int64_t gemm) {
  core::PhaseTimes times;
  times.gather = gather;
  times.gemm = gemm;
  return times;
}

TEST(Profile, SumsTheCallsOfANode) {
  Profile profile;
  const auto node = profile.AddNode(3, "TfSparseWinnerConv2D", "conv \"1\"");
  node->SetKernel("direct", 4096);
  node->Add(Times(10, 100));
  node->Add(Times(1, 2));
  EXPECT_EQ(profile.ToJson(),
            "[{\"node\": 3, \"op\": \"TfSparseWinnerConv2D\", \"layer\": \"conv \\\"1\\\"\", \"kernel\": \"direct\", "
            "\"weight_bytes\": 4096, \"calls\": 2, "
            "\"phases\": {\"rank\": 0, \"select\": 0, \"gather\": 11, \"gemm\": 102, \"mask\": 0, "
            "\"layer\": 0, \"copy\": 0}}]");
}

TEST(Profile, ResetStartsFromZero) {
  Profile profile;
  const auto node = profile.AddNode(0, "op", "");
  node->Add(Times(5, 5));
  profile.Reset();
  EXPECT_NE(profile.ToJson().find("\"calls\": 0"), std::string::npos);
  EXPECT_NE(profile.ToJson().find("\"gemm\": 0"), std::string::npos);
}

TEST(Profile, ForgetsANodeThatIsGone) {
  Profile profile;
  auto first = profile.AddNode(0, "first", "");
  const auto second = profile.AddNode(1, "second", "");
  first.reset();
  EXPECT_EQ(profile.ToJson().find("first"), std::string::npos);
  EXPECT_NE(profile.ToJson().find("second"), std::string::npos);
}

TEST(Profile, IsFoundByItsIdWhileItLives) {
  auto profile = OpenProfile("some id");
  EXPECT_EQ(OpenProfile("some id"), profile);
  EXPECT_EQ(FindProfile("some id"), profile);
  EXPECT_EQ(FindProfile("another id"), nullptr);
  profile.reset();
  EXPECT_EQ(FindProfile("some id"), nullptr);
}

TEST(Profile, CanBeReadWhileNodesRun) {
  Profile profile;
  const auto node = profile.AddNode(0, "op", "");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < 1000; ++call) node->Add(Times(1, 1));
    });
  }
  for (int i = 0; i < 100; ++i) profile.ToJson();
  for (auto& thread : threads) thread.join();
  EXPECT_NE(profile.ToJson().find("\"calls\": 4000"), std::string::npos);
}

}  // namespace
}  // namespace tfsparse::tflite
