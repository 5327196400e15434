// SPDX-License-Identifier: Apache-2.0
//
// Makes a delegate of this project's library for Android and, where a model is named, runs the model by TensorFlow
// Lite's own library for Android with it:
//
//   run_model DELEGATE_LIBRARY|- [KEY=VALUE...] [TFLITE_LIBRARY MODEL INPUT OUTPUT]
//
// INPUT and OUTPUT hold the floats of the only input and output. What the delegate does not take, XNNPACK does.
#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// Libraries for 64-bit Arm keep a constant for their checks of the stack where the thread pointer points 40 bytes
// before; on musl this is where the program's thread-local variables lie.
#ifdef __aarch64__
thread_local volatile char stack_check[64];
#endif

namespace {

[[noreturn]] void Stop(const std::string& reason) {
  std::printf("run_model: %s\n", reason.c_str());
  std::exit(1);
}

void* Open(const char* path) {
  void* const library = dlopen(path, RTLD_NOW);
  if (library == nullptr) Stop(dlerror());
  return library;
}

// A function of a library by its name.
template <typename Result, typename... Arguments>
class Function {
 public:
  Function(void* library, const char* name)
      : address_(reinterpret_cast<Result (*)(Arguments...)>(dlsym(library, name))) {
    if (address_ == nullptr) Stop(dlerror());
  }
  Result operator()(Arguments... arguments) const { return address_(arguments...); }

 private:
  Result (*address_)(Arguments...);
};

void Check(int status, const char* what) {
  if (status != 0) Stop(std::string(what) + " failed");
}

std::vector<char> Read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) Stop(std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void* MakeDelegate(const char* path, const std::vector<std::string>& options) {
  void* const library = Open(path);
  std::printf("isa %s\n", Function<const char*>(library, "tfsparse_isa")());
  std::vector<std::string> keys, values;
  for (const std::string& option : options) {
    const size_t equals = option.find('=');
    keys.push_back(option.substr(0, equals));
    values.push_back(option.substr(equals + 1));
  }
  std::vector<const char*> key_pointers, value_pointers;
  for (const std::string& key : keys) key_pointers.push_back(key.c_str());
  for (const std::string& value : values) value_pointers.push_back(value.c_str());
  using Report = void (*)(const char*);
  const Function<void*, const char* const*, const char* const*, size_t, Report> create(library,
                                                                                       "tflite_plugin_create_delegate");
  void* const delegate = create(key_pointers.data(), value_pointers.data(), keys.size(),
                                [](const char* message) { std::printf("%s\n", message); });
  if (delegate == nullptr) Stop("no delegate");
  return delegate;
}

void Run(void* tflite, const std::vector<char>& model_bytes, void* delegate, const std::vector<char>& input,
         std::vector<char>* output) {
  void* const model =
      Function<void*, const void*, size_t>(tflite, "TfLiteModelCreate")(model_bytes.data(), model_bytes.size());
  if (model == nullptr) Stop("not a model");
  void* const options = Function<void*>(tflite, "TfLiteInterpreterOptionsCreate")();
  void* const xnnpack = Function<void*, void*>(tflite, "TfLiteXNNPackDelegateCreate")(nullptr);
  const Function<void, void*, void*> add_delegate(tflite, "TfLiteInterpreterOptionsAddDelegate");
  if (delegate != nullptr) add_delegate(options, delegate);
  add_delegate(options, xnnpack);
  void* const interpreter = Function<void*, void*, void*>(tflite, "TfLiteInterpreterCreate")(model, options);
  if (interpreter == nullptr) Stop("no interpreter");
  Check(Function<int, void*>(tflite, "TfLiteInterpreterAllocateTensors")(interpreter), "AllocateTensors");
  void* const x = Function<void*, void*, int32_t>(tflite, "TfLiteInterpreterGetInputTensor")(interpreter, 0);
  const void* const y =
      Function<const void*, void*, int32_t>(tflite, "TfLiteInterpreterGetOutputTensor")(interpreter, 0);
  Check(Function<int, void*, const void*, size_t>(tflite, "TfLiteTensorCopyFromBuffer")(x, input.data(), input.size()),
        "the input");
  Check(Function<int, void*>(tflite, "TfLiteInterpreterInvoke")(interpreter), "Invoke");
  output->resize(Function<size_t, const void*>(tflite, "TfLiteTensorByteSize")(y));
  Check(
      Function<int, const void*, void*, size_t>(tflite, "TfLiteTensorCopyToBuffer")(y, output->data(), output->size()),
      "the output");
  Function<void, void*>(tflite, "TfLiteInterpreterDelete")(interpreter);
  Function<void, void*>(tflite, "TfLiteXNNPackDelegateDelete")(xnnpack);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> options;
  int next = 2;
  while (next < argc && std::string(argv[next]).find('=') != std::string::npos) options.push_back(argv[next++]);
  if (argc < 2 || (next != argc && next + 4 != argc)) Stop("wrong arguments");
  void* const delegate = std::string(argv[1]) == "-" ? nullptr : MakeDelegate(argv[1], options);
  if (next == argc) return 0;
  void* const tflite = Open(argv[next]);
  std::printf("tflite %s\n", Function<const char*>(tflite, "TfLiteVersion")());
  std::vector<char> output;
  Run(tflite, Read(argv[next + 1]), delegate, Read(argv[next + 2]), &output);
  std::ofstream file(argv[next + 3], std::ios::binary);
  file.write(output.data(), static_cast<std::streamsize>(output.size()));
  return file.good() ? 0 : 1;
}
