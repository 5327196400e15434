// SPDX-License-Identifier: Apache-2.0
//
// Times layers by tfsparse's own kernels, dense and at several winner rates, interleaved run by run. It needs no other
// library, so that a static build of it runs under `adb shell`.
//
//   tfsparse_bench [--layers FILE] [--layer NETWORK,LAYER,OPERATOR,HEIGHT,WIDTH,CHANNELS,OUTPUTS,KERNEL,STRIDE]...
//                  [--network NAME]... [--winner-rates 0.1,0.3,0.5] [--threads 1] [--runs 50] [--warmup 5] [--isa auto]
//   tfsparse_bench --version
//
// FILE is a CSV with the columns of tfsparse/bench/models/layer_shapes.csv, or - for the standard input. OPERATOR is
// conv2d or fully_connected. --network keeps the layers of these networks only. Padding "same", relu, random positive
// input. A line per layer on the standard error tells of progress; at the end one JSON document goes to the standard
// output:
//
//   {"schema": "tfsparse-kernel-bench", "schema_version": 1, "version": string, "isa": string, "threads": int,
//    "runs": int, "warmup": int, "cores": int,         cores that are online
//    "affinity": [int, ...],                           those that this process may use
//    "layers": [{"network": string, "layer": string, "operator": string, "height": int, "width": int, "channels": int,
//                "outputs": int, "kernel": int, "stride": int,
//                "dense": {"kernel": string, "macs": int, "ms": times},   every channel wins, none is ranked
//                "sparse": [{"winner_rate": number, "winners": int, "kernel": string, "macs": int,
//                            "ms": times,              ranking and computing
//                            "ranking_ms": times,      finding the winners alone
//                            "speedup": number},       median of dense / median of this
//                           ...]}, ...]}               where times is {"min": number, "median": number, "max": number}
//
// Exit status: 0; 2 for arguments or layers that cannot be served; 1 where memory runs out.
#include <sched.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/bench_options.h"
#include "bench/layer_times.h"
#include "tflite/text.h"
#include "tflite/version.h"

namespace tfsparse::core {
namespace {

using tflite::JsonString;

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::string TimesJson(const std::vector<double>& milliseconds) {
  const auto [least, most] = std::minmax_element(milliseconds.begin(), milliseconds.end());
  std::ostringstream json;
  json << "{\"min\": " << *least << ", \"median\": " << Median(milliseconds) << ", \"max\": " << *most << "}";
  return json.str();
}

std::string CaseJson(const Layer& layer, const LayerCase& one) {
  std::ostringstream json;
  json << "\"kernel\": " << JsonString(one.kernel()) << ", \"macs\": " << layer.macs(one.winners())
       << ", \"ms\": " << TimesJson(one.milliseconds());
  return json.str();
}

std::string LayerJson(const Layer& layer, const std::vector<LayerCase>& cases) {
  std::ostringstream json;
  json << "{\"network\": " << JsonString(layer.network) << ", \"layer\": " << JsonString(layer.name)
       << ", \"operator\": \"" << (layer.fully_connected ? "fully_connected" : "conv2d")
       << "\", \"height\": " << layer.height << ", \"width\": " << layer.width << ", \"channels\": " << layer.in_c
       << ", \"outputs\": " << layer.out_c << ", \"kernel\": " << layer.kernel << ", \"stride\": " << layer.stride
       << ", \"dense\": {" << CaseJson(layer, cases.front()) << "}, \"sparse\": [";
  const double dense = Median(cases.front().milliseconds());
  for (size_t i = 1; i < cases.size(); ++i) {
    const LayerCase& one = cases[i];
    json << (i == 1 ? "" : ", ") << "{\"winner_rate\": " << *one.winner_rate() << ", \"winners\": " << one.winners()
         << ", " << CaseJson(layer, one) << ", \"ranking_ms\": " << TimesJson(one.ranking_milliseconds())
         << ", \"speedup\": " << dense / Median(one.milliseconds()) << "}";
  }
  json << "]}";
  return json.str();
}

std::vector<int> Affinity() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed)) cores.push_back(core);
  }
  return cores;
}

// The kernel lists them as "0-3,6"; the C library would count those that this process may use.
int OnlineCores() {
  std::ifstream file("/sys/devices/system/cpu/online");
  int cores = 0;
  for (std::string range; std::getline(file, range, ',');) {
    const size_t dash = range.find('-');
    const int first = std::stoi(range);
    cores += dash == std::string::npos ? 1 : std::stoi(range.substr(dash + 1)) - first + 1;
  }
  return cores;
}

std::string MachineJson() {
  const std::vector<int> affinity = Affinity();
  const int online = OnlineCores();
  std::ostringstream json;
  json << "\"cores\": " << (online > 0 ? online : static_cast<int>(affinity.size())) << ", \"affinity\": [";
  for (size_t i = 0; i < affinity.size(); ++i) json << (i == 0 ? "" : ", ") << affinity[i];
  json << "]";
  return json.str();
}

void Bench(const BenchOptions& options) {
  std::ostringstream json;
  json << "{\"schema\": \"tfsparse-kernel-bench\", \"schema_version\": 1, \"version\": \"" << TFSPARSE_VERSION
       << "\", \"isa\": \"" << IsaName(options.isa) << "\", \"threads\": " << options.threads
       << ", \"runs\": " << options.runs << ", \"warmup\": " << options.warmup << ", " << MachineJson()
       << ", \"layers\": [";
  ThreadPool pool(options.threads);
  for (size_t i = 0; i < options.layers.size(); ++i) {
    const Layer& layer = options.layers[i];
    json << (i == 0 ? "" : ", ") << LayerJson(layer, TimeLayer(layer, options, pool));
    std::cerr << i + 1 << "/" << options.layers.size() << " " << layer.network << "/" << layer.name << std::endl;
  }
  std::cout << json.str() << "]}" << std::endl;
}

}  // namespace
}  // namespace tfsparse::core

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments == std::vector<std::string>{"--version"}) {
    std::cout << TFSPARSE_VERSION << std::endl;
    return 0;
  }
  try {
    tfsparse::core::Bench(tfsparse::core::ParseBenchOptions(arguments));
    return std::cout ? 0 : 1;
  } catch (const std::invalid_argument& error) {
    std::cerr << "tfsparse_bench: " << error.what() << std::endl;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "tfsparse_bench: " << error.what() << std::endl;
    return 1;
  }
}
