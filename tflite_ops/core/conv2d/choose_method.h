// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_CONV2D_CHOOSE_METHOD_H_
#define TFSPARSE_CORE_CONV2D_CHOOSE_METHOD_H_

#include "core/conv2d/conv2d_algorithm.h"

namespace tfsparse::core {

// The cost rule: the method to use for a shape of which at most `winners` channels win. `wanted`, unless that is kAuto
// or cannot compute the shape; never kAuto.
Conv2DMethod ChooseMethod(const Conv2DShape& shape, int winners, Conv2DMethod wanted);

// What the rule expects a method, not kAuto, to cost: the number of multiply-accumulates that take as long.
double MethodCost(const Conv2DShape& shape, int winners, Conv2DMethod method);

// Memory that the method's transformed weights take, in bytes; 0 for methods that transform none.
size_t WinogradWeightBytes(const Conv2DShape& shape, Conv2DMethod method, Isa isa);

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_CONV2D_CHOOSE_METHOD_H_
