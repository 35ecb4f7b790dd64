/// `pellucid judge`: methods × metrics over many images, on one machine or many.
#include "commands.hpp"
#include "fetch_mnist.hpp"
#include "input_options.hpp"
#include "inputs.hpp"
#include "json_writer.hpp"
#include "output.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/data/sha256.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/study/judge.hpp"
#include "resource_options.hpp"
#include "study_options.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace pellucid::cli {

namespace {

struct JudgeCommand {
    std::string model, data, methods, target = "predicted";
    std::string metrics =
        "deletion,insertion,pixel_flipping,pointing_game:companion=next,max_sensitivity,model_randomisation";
    InputOptions input;
    ResourceOptions resources;
    StudyOptions study;
    std::size_t count = 100;
    bool fetch = false, json = false;
};

/// All images that are judged on, as numbers of the network's range: some megabytes at most times a thousand.
study::JudgedImages images_of(const JudgeCommand& options, const Network& network) {
    study::JudgedImages images;
    std::error_code unknown;
    if (!options.data.empty() && std::filesystem::is_regular_file(options.data, unknown)) {
        const auto inputs = std::make_shared<const Inputs>(options.data, options.input.form(network));
        inputs->check(network);
        images.count = options.count == 0 ? inputs->count() : std::min(options.count, inputs->count());
        images.read = [inputs](std::size_t first, std::size_t count) { return inputs->portion(first, count); };
        images.name = std::filesystem::path(options.data).filename().string();
        images.sha256 = sha256_of_file(options.data);
        return images;
    }
    const auto mnist =
        std::make_shared<const LabelledImages>(load_mnist(ensure_mnist(options.data, options.fetch), MnistPart::test));
    const InputRange range = input_range(network);
    images.count = options.count == 0 ? mnist->size() : std::min(options.count, mnist->size());
    images.read = [mnist, range](std::size_t first, std::size_t count) {
        Tensor batch = to_tensor(mnist->images, first, count);
        scale_to_range(batch, range);
        return batch;
    };
    images.name = "MNIST, test images";
    images.sha256 = sha256(std::span(mnist->images.pixels));
    return images;
}

/// Every thread has a network of its own.
class JudgeWorker final : public study::Worker {
public:
    JudgeWorker(const Explainer& like, const study::JudgePlan& plan) : explainer_(like.network()), plan_(plan) {
        explainer_.set_resources(like.resources());
    }
    study::Numbers compute(std::size_t chunk) override { return plan_.compute(explainer_, chunk); }

private:
    Explainer explainer_;
    const study::JudgePlan& plan_;
};

/// What the methods need; what is not there leaves those out that cannot do without.
std::vector<Role> needed_by(const std::vector<study::Setting>& methods) {
    std::vector<Role> needed;
    for (const study::Setting& setting : methods) {
        for (const Role role : find_method(setting.id).card.needs) {
            if (std::ranges::find(needed, role) == needed.end()) needed.push_back(role);
        }
    }
    return needed;
}

void print_league(const Json& league) {
    print("{}: {} images of {}\n", league["model"].get<std::string>(), league["images"].get<std::size_t>(),
          league["data"].get<std::string>());
    for (const auto& [method, metrics] : league["league"].items()) {
        print("{}\n", method);
        for (const auto& [metric, outputs] : metrics.items()) {
            for (const auto& [name, numbers] : outputs.items()) {
                if (numbers["mean"].is_null()) {
                    print("  {:32} {:18} –\n", metric, name);
                    continue;
                }
                print("  {:32} {:18} {:10.5g}  ({:.5g} … {:.5g})\n", metric, name, numbers["mean"].get<double>(),
                      numbers["low"].get<double>(), numbers["high"].get<double>());
            }
        }
    }
    for (const Json& pair : league["left_out"])
        print("left out: {} by {}: {}\n", pair["method"].get<std::string>(), pair["metric"].get<std::string>(),
              pair["why"].get<std::string>());
}

void show(const JudgeCommand& options, const study::Finished& finished) {
    const std::string text = study::league(finished);
    if (options.json) {
        print_text(text + "\n");
    } else {
        print_league(Json::parse(text));
    }
}

void run_judge(const JudgeCommand& options) {
    options.study.check();
    if (options.study.merges()) return show(options, study::merged(options.study.merge));
    if (options.model.empty())
        fail(ErrorCode::bad_argument, "judge needs --model FILE.onnx (or --merge, for finished shards)");
    if (options.methods.empty())
        fail(ErrorCode::bad_argument, "judge needs --methods, as in gradient,lrp:composite=gamma");
    Network network = load_onnx(options.model);
    options.input.declare_range(network);
    const std::vector<study::Setting> methods = study::parse_settings_list(options.methods);
    Explainer explainer(network);
    options.resources.attach_to(explainer, options.model, needed_by(methods));
    const study::JudgePlan plan(explainer,
                                {.methods = methods,
                                 .metrics = study::parse_settings_list(options.metrics),
                                 .target = options.target,
                                 .model = std::filesystem::path(options.model).filename().string(),
                                 .model_sha256 = sha256_of_file(options.model),
                                 .range = to_string(input_range(network))},
                                images_of(options, network));
    const auto finished = run_study(options.study, "judge", plan.description(), plan.chunks(),
                                    [&] { return std::make_unique<JudgeWorker>(explainer, plan); });
    if (finished) show(options, *finished);
}

}  // namespace

void add_judge_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "judge", "Judges explanations: methods by metrics over many images, with confidence intervals");
    auto options = std::make_shared<JudgeCommand>();
    command->add_option("--model", options->model, "the network, an ONNX file");
    command->add_option(
        "--data", options->data,
        "folder with MNIST's four files (its test images), or a file of inputs; else PELLUCID_MNIST_DIR, else "
        "the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    options->input.add_to(*command);
    command->add_option("--methods", options->methods, "methods that are judged: ID,ID:key=value,…");
    command->add_option(
        "--metrics", options->metrics,
        "methods that judge: ID,ID:key=value,… (companion=next: the next image that is taken for something else)");
    command->add_option("--target", options->target, "what is explained, as in `explain`");
    command->add_option("--count", options->count, "only the first so many images; 0: all");
    options->resources.add_to(*command);
    options->study.add_to(*command);
    command->add_flag("--json", options->json, "the figures as JSON");
    command->callback([options] { run_judge(*options); });
}

}  // namespace pellucid::cli
