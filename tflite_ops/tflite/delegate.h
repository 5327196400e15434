// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_DELEGATE_H_
#define TFSPARSE_TFLITE_DELEGATE_H_

#include <memory>
#include <mutex>

#include "c_api/tflite_abi.h"
#include "tflite/delegate_options.h"
#include "tflite/engine.h"
#include "tflite/profile.h"

namespace tfsparse::tflite {

// A delegate: the struct that the runtime sees and what its nodes share. The nodes hold the engine themselves, so an
// interpreter may be freed after its delegate.
class Delegate {
 public:
  explicit Delegate(DelegateOptions options);
  Delegate(const Delegate&) = delete;
  Delegate& operator=(const Delegate&) = delete;

  static Delegate& From(TfLiteDelegate* delegate) { return *static_cast<Delegate*>(delegate->data_); }

  TfLiteDelegate* c_delegate() { return &c_delegate_; }

  // Starts the threads on the first call; `recommended_threads` counts where the options leave their number open.
  std::shared_ptr<Engine> GetEngine(int recommended_threads);

  const DelegateOptions& options() const { return options_; }

  // Null unless the options ask for a profile.
  const std::shared_ptr<Profile>& profile() const { return profile_; }

 private:
  const DelegateOptions options_;
  TfLiteDelegate c_delegate_ = {};
  std::mutex mutex_;
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<Profile> profile_;
};

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_DELEGATE_H_
