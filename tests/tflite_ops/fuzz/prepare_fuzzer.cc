// SPDX-License-Identifier: Apache-2.0
//
// Makes a node of one operator from the fuzzer's bytes and lets the delegate prepare it, and run it where it is small.
// Zero bytes give a node that is in order; other bytes break its options, shapes, types and sizes one at a time.
#include <fuzzer/FuzzedDataProvider.h>

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "c_api/tfsparse.h"
#include "core/isa.h"
#include "tests/tflite_ops/tflite/fake_runtime.h"
#include "tests/tflite_ops/tflite/flexbuffer_writer.h"
#include "tflite/op_options.h"

namespace tfsparse::tflite {
namespace {

constexpr int64_t kMostConstantElements = 1 << 14;
constexpr int64_t kMostElements = 1 << 18;
constexpr int64_t kMostProducts = 1 << 24;  // of a node that is run

// Elements of a tensor; -1 if a dimension is negative or they do not fit into an int.
int64_t Elements(const std::vector<int>& dims) {
  int64_t elements = 1;
  for (const int dim : dims) {
    if (dim < 0) return -1;
    elements *= dim;
    if (elements > std::numeric_limits<int>::max()) return -1;
  }
  return elements;
}

class NodeMaker {
 public:
  explicit NodeMaker(FuzzedDataProvider& bytes) : bytes_(bytes) {}

  std::string MakeName() { return std::string(kOpSpecs[op_].name); }

  std::vector<uint8_t> MakeOptions() {
    if (Breaks()) return bytes_.ConsumeBytes<uint8_t>(bytes_.ConsumeIntegralInRange<size_t>(0, 64));
    std::map<std::string, FlexValue> map;
    for (const std::string_view key : kOpSpecs[op_].keys) {
      if (key.empty() || Breaks()) continue;
      map[std::string(key)] = Breaks() ? AnyValue() : ProperValue(key);
    }
    if (Breaks()) map[bytes_.ConsumeRandomLengthString(8)] = AnyValue();
    std::vector<uint8_t> written = FlexBufferWriter(4).Write(map);
    if (Breaks()) written.resize(bytes_.ConsumeIntegralInRange<size_t>(0, written.size()));
    if (Breaks() && !written.empty()) {
      written[bytes_.ConsumeIntegralInRange<size_t>(0, written.size() - 1)] ^= bytes_.ConsumeIntegral<uint8_t>();
    }
    return written;
  }

  std::vector<FakeTensor> MakeInputs() {
    std::vector<FakeTensor> inputs;
    if (MakeName() == kProbe.name) return MakePassed();
    const bool is_dense = MakeName() == kWinnerFullyConnected.name;
    inputs.push_back(MakeTensor(kTfLiteFloat32, is_dense ? Dims{n_, h_ * c_} : Dims{n_, h_, w_, c_}, false));
    if (MakeName() == kSelectWinners.name) return inputs;
    inputs.push_back(MakeTensor(kTfLiteInt32, {n_, k_}, false));
    if (MakeName() == kMaskWinners.name) return inputs;
    const bool is_depthwise = MakeName() == kWinnerDepthwiseConv2D.name;
    const bool is_separable = MakeName() == kWinnerSeparableConv2D.name;
    if (is_depthwise || is_separable) inputs.push_back(MakeConstant({1, kernel_, kernel_, c_}));
    if (is_separable) {
      inputs.push_back(MakeConstant({o_, 1, 1, c_}));
      inputs.push_back(MakeConstant({c_}));
    } else if (!is_depthwise) {
      inputs.push_back(MakeConstant(is_dense ? Dims{o_, h_ * c_} : Dims{o_, kernel_, kernel_, c_}));
    }
    inputs.push_back(MakeConstant({is_depthwise ? c_ : o_}));
    return inputs;
  }

  // Which tensor each input is; -1 for one that is absent.
  std::vector<int> MakeOrder(size_t count) {
    std::vector<int> order;
    for (size_t i = 0; i < count; ++i) {
      if (Breaks()) continue;
      const bool is_absent = Breaks() || (i == 1 && !has_winners_);
      order.push_back(is_absent ? kTfLiteOptionalTensor : static_cast<int>(i));
    }
    return order;
  }

  std::vector<TfLiteType> MakeOutputTypes(const std::vector<FakeTensor>& inputs) {
    if (MakeName() != kProbe.name) return {MakeType(MakeName() == kSelectWinners.name ? kTfLiteInt32 : kTfLiteFloat32)};
    std::vector<TfLiteType> types;
    for (const FakeTensor& input : inputs) types.push_back(Breaks() ? MakeType(kTfLiteFloat32) : input.type);
    if (Breaks()) types.resize(static_cast<size_t>(Small(4)), kTfLiteInt64);
    return types;
  }

  // What the tensors hold that are not constant.
  std::vector<float> MakeFloats(size_t count) {
    static constexpr float kValues[] = {1.0f,
                                        0.0f,
                                        -2.5f,
                                        1e30f,
                                        0.0f,
                                        -0.0f,
                                        std::numeric_limits<float>::infinity(),
                                        std::numeric_limits<float>::quiet_NaN()};
    const uint32_t seed = bytes_.ConsumeIntegral<uint32_t>();
    const bool is_odd = bytes_.ConsumeBool();
    std::vector<float> values(count);
    for (size_t i = 0; i < count; ++i) values[i] = kValues[(i * 2654435761u + seed) >> 7 & (is_odd ? 7u : 1u)];
    return values;
  }

  std::vector<int32_t> MakeWinners(size_t count) {
    std::vector<int32_t> winners(count);
    const size_t row = static_cast<size_t>(k_);
    for (size_t i = 0; i < count; ++i) winners[i] = Breaks() ? AnyInt() : static_cast<int32_t>(i % row);
    return winners;
  }

 private:
  using Dims = std::vector<int>;

  // What a probe hands on, and its clock.
  std::vector<FakeTensor> MakePassed() {
    std::vector<FakeTensor> passed;
    for (int i = 0; i < k_ % 3 + 1; ++i) passed.push_back(MakeTensor(kTfLiteFloat32, {n_, h_, c_}, false));
    passed.push_back(MakeTensor(kTfLiteInt64, {1}, false));
    return passed;
  }

  // Whether what comes next shall be out of order: at no more than two of the places that ask, so that a node gets past
  // all checks but one.
  bool Breaks() {
    ++place_;
    return place_ == first_break_ || place_ == second_break_;
  }

  int Small(int most) { return bytes_.ConsumeIntegralInRange(1, most); }

  int AnyInt() {
    static constexpr int kInts[] = {
        0, -1, 1, 2, 7, 64, 1000, 65536, 1 << 30, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()};
    return bytes_.ConsumeBool() ? bytes_.ConsumeIntegral<int>() : bytes_.PickValueInArray(kInts);
  }

  FlexValue AnyValue() {
    switch (bytes_.ConsumeIntegralInRange(0, 3)) {
      case 0:
        return int64_t{AnyInt()};
      case 1:
        return bytes_.ConsumeFloatingPoint<double>();
      case 2:
        return bytes_.ConsumeBool();
      default:
        return bytes_.ConsumeRandomLengthString(12);
    }
  }

  FlexValue ProperValue(std::string_view key) {
    static constexpr const char* kActivations[] = {"none", "relu", "relu6", "relu_n1_to_1"};
    if (key == "format") return int64_t{kOptionsFormat};
    if (key == "layer" || key == "operator") return std::string("layer");
    if (key == "score") return std::string(bytes_.ConsumeBool() ? "mean" : "max");
    if (key == "unit") return std::string(bytes_.ConsumeBool() ? "neuron" : "channel");
    if (key == "winner_rate") return 0.5;
    if (key == "winners") return int64_t{k_};
    if (key == "channels") return int64_t{c_};
    if (key == "padding") return std::string(bytes_.ConsumeBool() ? "valid" : "same");
    if (key == "kernel") return std::string(bytes_.ConsumeBool() ? "direct" : "auto");
    if (key == "skip_zeros") return !has_winners_ && !bytes_.ConsumeBool();
    if (key == "keep_num_dims") return bytes_.ConsumeBool();
    if (key == "activation" || key == "depthwise_activation") return std::string(bytes_.PickValueInArray(kActivations));
    return int64_t{Small(3)};  // strides and dilations
  }

  TfLiteType MakeType(TfLiteType proper) {
    return Breaks() ? static_cast<TfLiteType>(bytes_.ConsumeIntegralInRange(0, 20)) : proper;
  }

  FakeTensor MakeTensor(TfLiteType type, Dims dims, bool is_constant) {
    for (int& dim : dims) {
      if (Breaks()) dim = AnyInt();
    }
    if (Breaks()) dims.resize(bytes_.ConsumeIntegralInRange<size_t>(0, 6), 1);
    const int64_t elements = std::clamp<int64_t>(Elements(dims), 0, kMostConstantElements);
    FakeTensor tensor;
    tensor.type = MakeType(type);
    tensor.is_constant = is_constant != Breaks();
    // A file may say one shape and hold another number of bytes.
    const int64_t held = tensor.is_constant ? elements : std::max<int64_t>(Elements(dims), 0);
    const size_t element_bytes = tensor.type == kTfLiteInt64 ? sizeof(int64_t) : sizeof(float);
    tensor.bytes = static_cast<size_t>(Breaks() ? Small(16) : held) * element_bytes;
    if (tensor.is_constant) tensor.contents = MakeFloats(tensor.bytes / sizeof(float));
    tensor.dims = std::move(dims);
    return tensor;
  }

  FakeTensor MakeConstant(const Dims& dims) { return MakeTensor(kTfLiteFloat32, dims, true); }

  FuzzedDataProvider& bytes_;
  int place_ = 0;
  const int first_break_ = bytes_.ConsumeIntegral<uint8_t>();
  const int second_break_ = bytes_.ConsumeIntegral<uint8_t>();
  const bool has_winners_ = bytes_.ConsumeIntegralInRange(0, 3) < 3;  // where they may be absent
  const size_t op_ = bytes_.ConsumeIntegralInRange<size_t>(0, kOpSpecs.size() - 1);
  const int n_ = Small(3);
  const int h_ = Small(12);
  const int w_ = Small(12);
  const int c_ = Small(40);
  const int k_ = Small(c_);
  const int o_ = Small(40);
  const int kernel_ = Small(4);
};

struct DelegateDeleter {
  void operator()(TfLiteDelegate* delegate) const { tflite_plugin_destroy_delegate(delegate); }
};
using DelegatePointer = std::unique_ptr<TfLiteDelegate, DelegateDeleter>;

DelegatePointer MakeDelegate(FuzzedDataProvider& bytes) {
  const std::vector<core::Isa> isas = core::UsableIsas();
  const char* const keys[] = {"isa", "kernel", "num_threads"};
  const core::Isa isa = isas[bytes.ConsumeIntegralInRange<size_t>(0, isas.size() - 1)];
  const core::Conv2DMethod method = bytes.PickValueInArray(core::kConv2DMethods);
  const char* const values[] = {core::IsaName(isa), core::MethodName(method),
                                bytes.ConsumeIntegral<uint8_t>() > 250 ? "2" : "1"};
  return DelegatePointer(tflite_plugin_create_delegate(keys, values, 3, nullptr));
}

std::vector<int> DimsOf(const TfLiteTensor& tensor) {
  return std::vector<int>(tensor.dims->data, tensor.dims->data + tensor.dims->size);
}

// Runs a prepared node unless it is large.
void RunSmall(FakeRuntime& runtime, const std::vector<FakeTensor>& inputs, NodeMaker& maker) {
  std::vector<int> places = DimsOf(runtime.output());
  if (!places.empty()) places.pop_back();
  int64_t weights = 1;
  for (const FakeTensor& input : inputs) weights += static_cast<int64_t>(input.contents.size());
  if (Elements(places) * weights > kMostProducts) return;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].is_constant) continue;
    const size_t count = runtime.tensor(i).bytes / sizeof(float);
    if (inputs[i].type == kTfLiteInt32) {
      runtime.Allocate(i, maker.MakeWinners(count).data(), count * sizeof(float));
    } else {
      runtime.Allocate(i, maker.MakeFloats(count).data(), count * sizeof(float));
    }
  }
  for (size_t i = 0; i < runtime.output_count(); ++i) runtime.Allocate(inputs.size() + i, nullptr, 0);
  runtime.Run();
}

void RunOne(FuzzedDataProvider& bytes) {
  const DelegatePointer delegate = MakeDelegate(bytes);
  NodeMaker maker(bytes);
  const std::vector<uint8_t> options = maker.MakeOptions();
  const std::vector<FakeTensor> inputs = maker.MakeInputs();
  // Large tensors that are in order cost time and memory and show nothing that small ones do not.
  for (const FakeTensor& input : inputs) {
    if (Elements(input.dims) > kMostElements) return;
  }
  FakeRuntime runtime(maker.MakeName(), options, inputs, maker.MakeOrder(inputs.size()), maker.MakeOutputTypes(inputs));
  if (!runtime.Delegate(delegate.get())) return;
  for (int round = bytes.ConsumeIntegralInRange(1, 2); round > 0; --round) {
    if (runtime.Prepare()) RunSmall(runtime, inputs, maker);
    // The batch changes, or vanishes, and everything is prepared again.
    const int batch = bytes.ConsumeIntegralInRange(0, 4);
    for (size_t i = 0; i < inputs.size(); ++i) {
      std::vector<int> dims = inputs[i].dims;
      if (inputs[i].is_constant || dims.empty() || Elements(dims) < 0) continue;
      dims[0] = batch;
      runtime.Resize(i, dims);
    }
  }
}

}  // namespace
}  // namespace tfsparse::tflite

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider bytes(data, size);
  tfsparse::tflite::RunOne(bytes);
  return 0;
}
