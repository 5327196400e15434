// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_options.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>

namespace tfsparse::core {
namespace {

constexpr char kOptions[] = "--layers, --layer, --network, --winner-rates, --threads, --runs, --warmup, --isa";
constexpr size_t kMostRates = 16;

[[noreturn]] void Refuse(const std::string& option, const std::string& expected, const std::string& received) {
  throw std::invalid_argument("Option " + option + " must be " + expected + ". Received: \"" + received + "\".");
}

int ParseCount(const std::string& option, const std::string& text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    Refuse(option, "an integer from " + std::to_string(least) + " to " + std::to_string(most), text);
  }
  return value;
}

std::vector<double> ParseRates(const std::string& option, const std::string& list) {
  std::istringstream texts(list);
  std::vector<double> rates;
  for (std::string text; std::getline(texts, text, ',');) {
    char* end = nullptr;
    const double rate = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !(rate > 0.0 && rate <= 1.0)) Refuse(option, "numbers in (0, 1]", list);
    rates.push_back(rate);
  }
  if (rates.empty() || rates.size() > kMostRates) Refuse(option, "1 to 16 numbers in (0, 1]", list);
  return rates;
}

void KeepNetworks(const std::vector<std::string>& networks, std::vector<Layer>* layers) {
  if (networks.empty()) return;
  const auto is_other = [&](const Layer& layer) {
    return std::find(networks.begin(), networks.end(), layer.network) == networks.end();
  };
  layers->erase(std::remove_if(layers->begin(), layers->end(), is_other), layers->end());
}

}  // namespace

BenchOptions ParseBenchOptions(const std::vector<std::string>& arguments) {
  BenchOptions options;
  std::vector<std::string> networks;
  std::string isa = "auto";
  for (size_t i = 0; i < arguments.size(); ++i) {
    const size_t equals = arguments[i].find('=');
    const std::string option = arguments[i].substr(0, equals);
    if (equals == std::string::npos && i + 1 == arguments.size()) {
      throw std::invalid_argument("Option " + option + " has no value. Options: " + kOptions + ".");
    }
    const std::string value = equals == std::string::npos ? arguments[++i] : arguments[i].substr(equals + 1);
    if (option == "--layers") {
      for (Layer& layer : ReadLayersFile(value)) options.layers.push_back(std::move(layer));
    } else if (option == "--layer") {
      options.layers.push_back(ParseLayer(value));
    } else if (option == "--network") {
      networks.push_back(value);
    } else if (option == "--winner-rates") {
      options.winner_rates = ParseRates(option, value);
    } else if (option == "--threads") {
      options.threads = ParseCount(option, value, 1, 64);
    } else if (option == "--runs") {
      options.runs = ParseCount(option, value, 1, 100000);
    } else if (option == "--warmup") {
      options.warmup = ParseCount(option, value, 0, 10000);
    } else if (option == "--isa") {
      isa = value;
    } else {
      throw std::invalid_argument("Unknown option \"" + option + "\". Options: " + kOptions + ".");
    }
  }
  std::string reason;
  if (!ResolveIsa(isa, &options.isa, &reason)) throw std::invalid_argument("Option --isa: " + reason);
  KeepNetworks(networks, &options.layers);
  if (options.layers.empty()) throw std::invalid_argument("No layer to time: name some with --layers or --layer.");
  return options;
}

}  // namespace tfsparse::core
