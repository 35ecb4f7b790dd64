// Writes random networks as ONNX files with what native kernels answer about them, for tests/wasm/random.test.mjs.
// Skipped unless asked for: PELLUCID_RANDOM_FIXTURES=folder pellucid_tests --no-skip --test-case="random fixtures"
#include "generate.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/onnx.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>

using namespace pellucid;
using namespace pellucid::test;

namespace {

nlohmann::json numbers(std::span<const float> values) { return std::vector<float>(values.begin(), values.end()); }

/// One method's map, or why there is none.
nlohmann::json answer(Explainer& explainer, const Tensor& input, const char* id,
                      const std::vector<std::pair<const char*, ParamValue>>& settings) {
    const Method& method = find_method(id);
    Params params(method.card);
    nlohmann::json json{{"method", id}, {"params", nlohmann::json::object()}};
    for (const auto& [name, value] : settings) {
        params.set(name, value);
        if (const auto* whole = std::get_if<std::int64_t>(&value)) json["params"][name] = *whole;
        if (const auto* text = std::get_if<std::string>(&value)) json["params"][name] = *text;
    }
    try {
        json["data"] = numbers(elements(explain(method, {explainer, input, Target::of_class(1), params}).map()));
    } catch (const Error& error) {
        json["error"] = error.what();
    }
    return json;
}

}  // namespace

TEST_CASE("random fixtures" * doctest::skip()) {
    const char* folder = std::getenv("PELLUCID_RANDOM_FIXTURES");
    REQUIRE_MESSAGE(folder != nullptr, "PELLUCID_RANDOM_FIXTURES names no folder");
    const char* seed = std::getenv("PELLUCID_RANDOM_SEED");
    const auto first = static_cast<std::uint32_t>(seed == nullptr ? 0 : std::strtoul(seed, nullptr, 10));
    for (std::uint32_t i = first; i < first + 40; ++i) {
        const Plan plan = random_network_plan(i);
        Network network = build(plan);
        // Inputs have both signs; what stands for nothing is the middle of their range, 0.
        set_input_range(network, "-16,16");
        const std::pair<const char*, ParamValue> zero{"baseline", std::string("noise_mean")};
        const Tensor input = batch_slice(input_of(plan), 0, 1);
        Explainer explainer(network);
        const auto smallest = static_cast<std::int64_t>(std::min(plan.input[1], plan.input[2]));
        const std::int64_t window = 1 + i % std::min<std::int64_t>(smallest, 5), stride = 1 + i % window;
        nlohmann::json json{{"structure", to_text(plan)},
                            {"input", numbers(elements(input))},
                            {"logits", numbers(elements(predict_logits(network, input)))},
                            {"maps",
                             {answer(explainer, input, "gradient", {}),
                              answer(explainer, input, "occlusion",
                                     {{"window", window}, {"stride", stride}, {"value", std::int64_t{0}}}),
                              answer(explainer, input, "integrated_gradients", {zero}),
                              answer(explainer, input, "lrp", {}), answer(explainer, input, "deeplift", {zero})}}};
        const std::string path = fmt::format("{}/{}", folder, i);
        save_onnx(network, path + ".onnx");
        std::ofstream file(path + ".json");
        file << json;
        REQUIRE(file.flush().good());
    }
}
