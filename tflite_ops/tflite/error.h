// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_ERROR_H_
#define TFSPARSE_TFLITE_ERROR_H_

#include <sstream>
#include <stdexcept>

namespace tfsparse::tflite {

// What a caller got wrong: a model or an option that cannot be served. Thrown inside the library only; no exception
// crosses its C ABI.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws an Error whose message is the parts one after the other.
template <typename... Parts>
[[noreturn]] void Fail(const Parts&... parts) {
  std::ostringstream message;
  (message << ... << parts);
  throw Error(message.str());
}

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_ERROR_H_
