// SPDX-License-Identifier: Apache-2.0
#include "tflite/kernel_table.h"

#include <sstream>

#include "core/microkernels/kernels.h"

namespace tfsparse::tflite {

std::string KernelsJson() {
  std::ostringstream json;
  json << "[";
  for (const core::Kernels* kernels : core::AllKernels()) {
    if (json.tellp() > 1) json << ", ";
    json << "{\"isa\": \"" << core::IsaName(kernels->isa) << "\", \"dtype\": \"float32\", \"mr\": " << kernels->mr
         << ", \"nr\": " << 2 * kernels->lanes
         << ", \"usable\": " << (core::IsaIsUsable(kernels->isa) ? "true" : "false") << "}";
  }
  json << "]";
  return json.str();
}

}  // namespace tfsparse::tflite
