// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_KEPT_KERNEL_H_
#define TFSPARSE_TFLITE_KEPT_KERNEL_H_

#include <cstddef>
#include <cstring>
#include <optional>
#include <type_traits>

namespace tfsparse::tflite {

// The kernel of a node, kept while nothing but the batch changes: packing the weights takes longer than a run. Shapes
// are structs of integers with a member `batch`.
template <typename Kernel, typename Shape>
class KeptKernel {
 public:
  // Calls make(sample, kernel), which emplaces the kernel for `shape` with a batch of 1, unless the kernel at hand was
  // made for the same shape and number of winners. Returns the bytes of scratch memory that a run needs. An empty batch
  // needs no kernel.
  template <typename Make>
  size_t Prepare(Shape shape, int winners, const Make& make) {
    static_assert(std::has_unique_object_representations_v<Shape>);
    batch_ = shape.batch;
    if (batch_ == 0) return 0;
    shape.batch = 1;
    if (!kernel_ || std::memcmp(&shape, &shape_, sizeof shape) != 0 || winners != winners_) {
      kernel_.reset();  // first: two sets of weights need not be in memory at once
      make(shape, kernel_);
      shape_ = shape;
      winners_ = winners;
    }
    return kernel_->scratch_bytes();
  }

  int batch() const { return batch_; }

  // Null before the first batch that is not empty.
  const Kernel* get() const { return kernel_ ? &*kernel_ : nullptr; }

 private:
  int batch_ = 0;
  Shape shape_ = {};
  int winners_ = 0;
  std::optional<Kernel> kernel_;
};

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_KEPT_KERNEL_H_
