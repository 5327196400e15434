// SPDX-License-Identifier: Apache-2.0
#include "tflite/profile.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "tflite/text.h"

namespace tfsparse::tflite {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<Profile>> profiles;
};

// Never destroyed, so that an interpreter which outlives main's static objects still finds it.
Registry& GetRegistry() {
  static Registry& registry = *new Registry;
  return registry;
}

}  // namespace

NodeProfile::NodeProfile(int node, std::string op, std::string layer)
    : node_(node), op_(std::move(op)), layer_(std::move(layer)) {}

void NodeProfile::Add(const core::PhaseTimes& times) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++calls_;
  times_.rank += times.rank;
  times_.select += times.select;
  times_.gather += times.gather;
  times_.gemm += times.gemm;
  times_.mask += times.mask;
  times_.layer += times.layer;
  times_.copy += times.copy;
}

void NodeProfile::SetKernel(std::string name, size_t weight_bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  kernel_ = std::move(name);
  weight_bytes_ = weight_bytes;
}

void NodeProfile::Reset() {
  const std::lock_guard<std::mutex> lock(mutex_);
  calls_ = 0;
  times_ = {};
}

std::string NodeProfile::ToJson() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::ostringstream json;
  json << "{\"node\": " << node_ << ", \"op\": " << JsonString(op_) << ", \"layer\": " << JsonString(layer_)
       << ", \"kernel\": " << JsonString(kernel_) << ", \"weight_bytes\": " << weight_bytes_
       << ", \"calls\": " << calls_ << ", \"phases\": {\"rank\": " << times_.rank << ", \"select\": " << times_.select
       << ", \"gather\": " << times_.gather << ", \"gemm\": " << times_.gemm << ", \"mask\": " << times_.mask
       << ", \"layer\": " << times_.layer << ", \"copy\": " << times_.copy << "}}";
  return json.str();
}

std::shared_ptr<NodeProfile> Profile::AddNode(int node, std::string op, std::string layer) {
  auto profile = std::make_shared<NodeProfile>(node, std::move(op), std::move(layer));
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto is_gone = [](const std::weak_ptr<NodeProfile>& known) { return known.expired(); };
  nodes_.erase(std::remove_if(nodes_.begin(), nodes_.end(), is_gone), nodes_.end());
  nodes_.push_back(profile);
  return profile;
}

void Profile::Reset() {
  for (const auto& node : LivingNodes()) node->Reset();
}

std::string Profile::ToJson() const {
  std::string json = "[";
  for (const auto& node : LivingNodes()) {
    if (json.size() > 1) json += ", ";
    json += node->ToJson();
  }
  return json + "]";
}

std::vector<std::shared_ptr<NodeProfile>> Profile::LivingNodes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::shared_ptr<NodeProfile>> living;
  for (const auto& known : nodes_) {
    if (auto node = known.lock()) living.push_back(std::move(node));
  }
  return living;
}

std::shared_ptr<Profile> OpenProfile(const std::string& id) {
  Registry& registry = GetRegistry();
  const std::lock_guard<std::mutex> lock(registry.mutex);
  for (auto entry = registry.profiles.begin(); entry != registry.profiles.end();) {
    entry = entry->second.expired() ? registry.profiles.erase(entry) : std::next(entry);
  }
  std::shared_ptr<Profile> profile = registry.profiles[id].lock();
  if (profile == nullptr) {
    profile = std::make_shared<Profile>();
    registry.profiles[id] = profile;
  }
  return profile;
}

std::shared_ptr<Profile> FindProfile(const std::string& id) {
  Registry& registry = GetRegistry();
  const std::lock_guard<std::mutex> lock(registry.mutex);
  const auto found = registry.profiles.find(id);
  return found == registry.profiles.end() ? nullptr : found->second.lock();
}

}  // namespace tfsparse::tflite
