// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_ISA_H_
#define TFSPARSE_CORE_ISA_H_

#include <string>
#include <vector>

namespace tfsparse::core {

// Instruction sets that kernels are written for, slowest first.
enum class Isa { kPortable, kNeon, kAvx2, kAvx512 };

// "portable", "neon", "avx2" or "avx512".
const char* IsaName(Isa isa);

// Whether this library was built for `isa` and both the processor and the operating system support it.
bool IsaIsUsable(Isa isa);

// Every usable instruction set, slowest first; never empty.
std::vector<Isa> UsableIsas();

// Whether neither `name` nor the environment variable TFSPARSE_ISA asks for a certain instruction set.
bool IsaIsOpen(const std::string& name);

// Finds the instruction set that `name` ("auto", "portable", "neon", "avx2", "avx512") stands for. "auto" means the one
// named by the environment variable TFSPARSE_ISA, and the fastest usable one where that is unset, empty or "auto".
// Returns false, with the reason in `error`, for an unknown or unusable name.
bool ResolveIsa(const std::string& name, Isa* isa, std::string* error);

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_ISA_H_
