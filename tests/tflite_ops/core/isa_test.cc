// SPDX-License-Identifier: Apache-2.0
#include "core/isa.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tfsparse::core {
namespace {

// Sets TFSPARSE_ISA for one test.
class ScopedIsaVariable {
 public:
  explicit ScopedIsaVariable(const char* value) { setenv("TFSPARSE_ISA", value, 1); }
  ~ScopedIsaVariable() { unsetenv("TFSPARSE_ISA"); }
};

Isa Resolved(const std::string& name) {
  Isa isa = Isa::kPortable;
  std::string error;
  EXPECT_TRUE(ResolveIsa(name, &isa, &error)) << error;
  return isa;
}

TEST(IsaTest, PortableIsAlwaysUsable) { EXPECT_EQ(UsableIsas().front(), Isa::kPortable); }

TEST(IsaTest, NeonIsUsableOnArmAlone) {
#if defined(__aarch64__) || defined(__arm__)
  EXPECT_EQ(UsableIsas(), (std::vector<Isa>{Isa::kPortable, Isa::kNeon}));
#else
  EXPECT_FALSE(IsaIsUsable(Isa::kNeon));
#endif
}

TEST(IsaTest, AutoIsTheFastestUsable) { EXPECT_EQ(Resolved("auto"), UsableIsas().back()); }

TEST(IsaTest, AutoObeysTheEnvironment) {
  const ScopedIsaVariable variable("portable");
  EXPECT_EQ(Resolved("auto"), Isa::kPortable);
}

TEST(IsaTest, ANameBeatsTheEnvironment) {
  const ScopedIsaVariable variable("portable");
  EXPECT_EQ(Resolved(IsaName(UsableIsas().back())), UsableIsas().back());
}

TEST(IsaTest, EmptyOrAutoInTheEnvironmentChangesNothing) {
  for (const char* value : {"", "auto"}) {
    const ScopedIsaVariable variable(value);
    EXPECT_EQ(Resolved("auto"), UsableIsas().back());
    EXPECT_TRUE(IsaIsOpen("auto"));
  }
}

TEST(IsaTest, IsOpenUnlessAskedFor) {
  EXPECT_TRUE(IsaIsOpen("auto"));
  EXPECT_FALSE(IsaIsOpen("portable"));
  const ScopedIsaVariable variable("portable");
  EXPECT_FALSE(IsaIsOpen("auto"));
}

TEST(IsaTest, EveryUsableNameResolvesToItself) {
  for (const Isa isa : UsableIsas()) EXPECT_EQ(Resolved(IsaName(isa)), isa);
}

TEST(IsaTest, RefusesUnknownNames) {
  Isa isa;
  std::string error;
  EXPECT_FALSE(ResolveIsa("sse9", &isa, &error));
  EXPECT_NE(error.find("Expected one of: auto, portable"), std::string::npos) << error;
  EXPECT_NE(error.find("sse9"), std::string::npos) << error;
}

TEST(IsaTest, NamesTheVariableThatHoldsAnUnknownName) {
  const ScopedIsaVariable variable("fast");
  Isa isa;
  std::string error;
  EXPECT_FALSE(ResolveIsa("auto", &isa, &error));
  EXPECT_NE(error.find("TFSPARSE_ISA"), std::string::npos) << error;
}

}  // namespace
}  // namespace tfsparse::core
