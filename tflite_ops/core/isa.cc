// SPDX-License-Identifier: Apache-2.0
#include "core/isa.h"

#include <cstdlib>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__arm__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace tfsparse::core {
namespace {

constexpr Isa kAllIsas[] = {Isa::kPortable, Isa::kNeon, Isa::kAvx2, Isa::kAvx512};
constexpr char kAuto[] = "auto";
constexpr char kEnvironmentVariable[] = "TFSPARSE_ISA";

std::string JoinUsableNames() {
  std::string names = kAuto;
  for (const Isa isa : UsableIsas()) names += std::string(", ") + IsaName(isa);
  return names;
}

// What TFSPARSE_ISA asks for.
std::string WantedByEnvironment() {
  const char* const variable = std::getenv(kEnvironmentVariable);
  return variable == nullptr || *variable == '\0' ? kAuto : variable;
}

#if defined(__x86_64__)
// Asked of the processor itself: __builtin_cpu_supports finds nothing where a compiler brings a runtime of its own. A
// register set counts only if the operating system saves it.
bool CpuHas(Isa isa) {
  unsigned int a, b, c, d;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0 || (c & bit_FMA) == 0) return false;
  unsigned int saved, unused;
  __asm__("xgetbv" : "=a"(saved), "=d"(unused) : "c"(0));
  constexpr unsigned int kYmm = 0x06, kZmm = 0xE6;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (b & bit_AVX2) == 0 || (saved & kYmm) != kYmm) return false;
  return isa == Isa::kAvx2 || ((b & bit_AVX512F) != 0 && (saved & kZmm) == kZmm);
}
#endif

}  // namespace

const char* IsaName(Isa isa) {
  switch (isa) {
    case Isa::kPortable:
      return "portable";
    case Isa::kNeon:
      return "neon";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
  }
  return "unknown";
}

bool IsaIsUsable(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx2 || isa == Isa::kAvx512) return CpuHas(isa);
#elif defined(__aarch64__)
  if (isa == Isa::kNeon) return true;  // part of the architecture
#elif defined(__arm__) && defined(__linux__)
  constexpr unsigned long kHwcapNeon = 1 << 12;
  if (isa == Isa::kNeon) return (getauxval(AT_HWCAP) & kHwcapNeon) != 0;
#endif
  return isa == Isa::kPortable;
}

std::vector<Isa> UsableIsas() {
  std::vector<Isa> usable;
  for (const Isa isa : kAllIsas) {
    if (IsaIsUsable(isa)) usable.push_back(isa);
  }
  return usable;
}

bool IsaIsOpen(const std::string& name) { return name == kAuto && WantedByEnvironment() == kAuto; }

bool ResolveIsa(const std::string& name, Isa* isa, std::string* error) {
  std::string wanted = name;
  std::string source = "the instruction set";
  if (wanted == kAuto) {
    wanted = WantedByEnvironment();
    source = std::string("the environment variable ") + kEnvironmentVariable;
  }
  if (wanted == kAuto) {
    *isa = UsableIsas().back();
    return true;
  }
  for (const Isa candidate : kAllIsas) {
    if (wanted != IsaName(candidate)) continue;
    if (IsaIsUsable(candidate)) {
      *isa = candidate;
      return true;
    }
    *error = "This machine cannot run " + source + " \"" + wanted + "\"; it can run: " + JoinUsableNames() + ".";
    return false;
  }
  *error = "Unknown value of " + source + ". Expected one of: " + JoinUsableNames() + ". Received: \"" + wanted + "\".";
  return false;
}

}  // namespace tfsparse::core
