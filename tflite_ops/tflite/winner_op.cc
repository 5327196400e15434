// SPDX-License-Identifier: Apache-2.0
#include "tflite/winner_op.h"

namespace tfsparse::tflite {

const WinnerOpType* FindWinnerOpType(std::string_view name) {
  static constexpr WinnerOpType kTypes[] = {
      {kSelectWinners, CreateSelectWinners},
      {kMaskWinners, CreateMaskWinners},
      {kWinnerConv2D, CreateWinnerConv2D},
      {kWinnerFullyConnected, CreateWinnerFullyConnected},
      {kWinnerDepthwiseConv2D, CreateWinnerDepthwiseConv2D},
      {kWinnerSeparableConv2D, CreateWinnerSeparableConv2D},
      {kProbe, CreateProbe, kTfLiteInplaceOpDataUnmodified | kTfLiteInplaceOpInput0Shared},
  };
  for (const WinnerOpType& type : kTypes) {
    if (type.spec.name == name) return &type;
  }
  return nullptr;
}

}  // namespace tfsparse::tflite
