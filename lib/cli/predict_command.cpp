/// `pellucid predict`: what a network gives for a file of inputs, before and behind its head.
#include "json_writer.hpp"
#include "commands.hpp"
#include "input_options.hpp"
#include "inputs.hpp"
#include "output.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/evidence.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/predictor.hpp"
#include "read_as.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace pellucid::cli {

namespace {

struct PredictOptions {
    std::string model, input;
    InputOptions input_options;
    bool json = false;
};

/// Inputs at a time.
constexpr std::size_t predicted_at_once = 256;

Json listed(std::span<const float> numbers) {
    Json list = Json::array();
    for (const float v : numbers) list.push_back(std::isfinite(v) ? Json(v) : Json(nullptr));
    return list;
}

Json answers(const Network& network, const Inputs& inputs) {
    Predictor output(network, network.output()), logits(network);
    const Shape& shape = network.shape(network.logits());
    const Evidence evidence = evidence_of(network);
    Json all = Json::array();
    for (std::size_t first = 0; first < inputs.count(); first += predicted_at_once) {
        const Tensor batch = inputs.portion(first, std::min(predicted_at_once, inputs.count() - first));
        const Tensor& given = output(batch);
        const Tensor& before = logits(batch);
        for (std::size_t n = 0; n < batch.shape()[0]; ++n) {
            Json answer{{"output", listed(sample(given, n))}};
            if (shape[1] * shape[2] == 1) {
                answer["logits"] = listed(sample(before, n));
                answer["probabilities"] = probabilities(network, sample(before, n));
                answer["predicted"] = decision(network, sample(before, n));
                if (evidence != Evidence::none) answer["vacuity"] = Dirichlet(evidence, sample(before, n)).vacuity();
            }
            all.push_back(std::move(answer));
        }
    }
    return all;
}

void run(const PredictOptions& options) {
    Network network = load_onnx(options.model);
    options.input_options.declare_range(network);
    const Inputs inputs(options.input, options.input_options.form(network));
    inputs.check(network);
    const Json json{{"model", options.model},
                    {"input", read_as(inputs.how(), inputs.inverted(), network)},
                    {"head", to_string(head_of(network))},
                    {"answers", answers(network, inputs)}};
    if (options.json) {
        print_json(json);
        return;
    }
    print("head: {}\n  input: {}\n", json["head"].get<std::string>(), inputs.how());
    for (std::size_t n = 0; n < json["answers"].size(); ++n) {
        const Json& answer = json["answers"][n];
        print("  input {}: ", n);
        if (answer.contains("predicted")) {
            print("predicted {}, probabilities", answer["predicted"].dump());
            for (const Json& p : answer["probabilities"]) print(" {:.4f}", p.get<double>());
            if (answer.contains("vacuity")) print(", no evidence for {:.4f}", answer["vacuity"].get<double>());
        } else {
            print("{} numbers (--json shows them)", answer["output"].size());
        }
        print("\n");
    }
}

}  // namespace

void add_predict_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand("predict", "What a network answers for an input");
    auto options = std::make_shared<PredictOptions>();
    command->add_option("--model", options->model, "the network, an ONNX file")->required();
    command->add_option("--input", options->input, "inputs: .npy, .png, or an IDX file with #index; ink 1, paper 0")
        ->required();
    options->input_options.add_to(*command);
    command->add_flag("--json", options->json, "outputs, logits and probabilities as JSON");
    command->callback([options] { run(*options); });
}

}  // namespace pellucid::cli
