// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_PROFILE_H_
#define TFSPARSE_TFLITE_PROFILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/phase_times.h"

namespace tfsparse::tflite {

// Calls of one node and the time that they took, summed since the last reset.
class NodeProfile {
 public:
  NodeProfile(int node, std::string op, std::string layer);

  // Says what computes the node: the kernel's name and the memory of its packed weights.
  void SetKernel(std::string name, size_t weight_bytes);

  void Add(const core::PhaseTimes& times);
  void Reset();
  std::string ToJson() const;

 private:
  const int node_;
  const std::string op_;
  const std::string layer_;
  mutable std::mutex mutex_;
  std::string kernel_;
  size_t weight_bytes_ = 0;
  int64_t calls_ = 0;
  core::PhaseTimes times_;
};

// The profile of all nodes of one delegate. Safe to read while the nodes run.
class Profile {
 public:
  // Starts to record a node, for as long as the caller keeps what it gets.
  std::shared_ptr<NodeProfile> AddNode(int node, std::string op, std::string layer);

  void Reset();
  std::string ToJson() const;  // a list with one object per living node

 private:
  std::vector<std::shared_ptr<NodeProfile>> LivingNodes() const;

  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<NodeProfile>> nodes_;
};

// The profile known by `id`, made if there is none; it is known as long as somebody holds it.
std::shared_ptr<Profile> OpenProfile(const std::string& id);

// The profile known by `id`, or null.
std::shared_ptr<Profile> FindProfile(const std::string& id);

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_PROFILE_H_
