/// `pellucid evaluate`: accuracy on the MNIST test images, clean and under attack.
#include "commands.hpp"
#include "fetch_mnist.hpp"
#include "input_options.hpp"
#include "json_writer.hpp"
#include "output.hpp"
#include "parameters.hpp"
#include "pellucid/border/describe.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/parallel.hpp"
#include "progress.hpp"
#include "resource_options.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

namespace pellucid::cli {

namespace {

constexpr std::size_t evaluation_batch = 50;

struct EvaluateOptions {
    std::string model, data, attack;
    std::vector<std::string> params;
    ResourceOptions resources;
    InputOptions input;
    std::size_t limit = 0;
    bool fetch = false, json = false;
};

struct Counts {
    std::size_t seen = 0, right = 0, right_under_attack = 0;
};

std::size_t count_right(const std::vector<std::size_t>& predicted, const LabelledImages& data, std::size_t first) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < predicted.size(); ++i) right += predicted[i] == data.labels[first + i] ? 1 : 0;
    return right;
}

/// Attacks have a flag of that name where they can lead to a class as well as away from one.
bool is_targeted(const Params& params) {
    for (const auto& [card, value] : params.all()) {
        if (card->name == "targeted") return std::get<bool>(value);
    }
    return false;
}

struct Attacked {
    std::size_t seen = 0, right = 0;
};

/// How many of a batch stay right when every image is attacked as its own label; of those before it was interrupted.
Attacked right_under_attack(const Method& method, const EvaluateOptions& options, Explainer& explainer,
                               const Tensor& batch, const LabelledImages& data, std::size_t first) {
    Attacked attacked;
    const Params params = read_params(method.card, options.params, form_of(explainer.network()));
    const bool targeted = is_targeted(params);
    // One image at a time: each is attacked as the class of its own label (the next one up where targeted).
    for (std::size_t i = 0; i < batch.shape()[0]; ++i) {
        const std::size_t label = data.labels[first + i];
        const std::size_t target = targeted ? (label + 1) % explainer.network().classes() : label;
        const auto run = start(method, {explainer, batch_slice(batch, i, 1), Target::of_class(target), params});
        while (!interrupted() && run->step()) {
        }
        if (interrupted()) break;
        const Tensor logits = predict_logits(explainer.network(), run->snapshot().map());
        attacked.right += decisions(explainer.network(), logits)[0] == label ? 1 : 0;
        ++attacked.seen;
    }
    return attacked;
}

std::size_t wanted(const EvaluateOptions& options, const LabelledImages& data) {
    return options.limit == 0 ? data.size() : std::min(options.limit, data.size());
}

Counts evaluate(const EvaluateOptions& options, const Network& network, const Method* attack,
                const std::shared_ptr<const Resources>& with, const LabelledImages& data) {
    const std::size_t total = wanted(options, data);
    const std::size_t batches = (total + evaluation_batch - 1) / evaluation_batch;
    Counts counts;
    std::mutex guard;
    ProgressBar bar("evaluate");
    parallel_for(batches, 1, [&](std::size_t begin, std::size_t end) {
        Explainer explainer(network);
        explainer.set_resources(with);
        for (std::size_t b = begin; b < end && !interrupted(); ++b) {
            const std::size_t first = b * evaluation_batch, count = std::min(evaluation_batch, total - first);
            Tensor batch = to_tensor(data.images, first, count);
            scale_to_range(batch, input_range(network));
            std::vector<std::size_t> predicted = decisions(network, predict_logits(network, batch));
            Attacked attacked{count, 0};
            if (attack != nullptr) attacked = right_under_attack(*attack, options, explainer, batch, data, first);
            predicted.resize(attacked.seen);
            const std::lock_guard lock(guard);
            counts.seen += attacked.seen;
            counts.right += count_right(predicted, data, first);
            counts.right_under_attack += attacked.right;
            bar.show(static_cast<double>(counts.seen) / static_cast<double>(total));
        }
    });
    return counts;
}

void run(const EvaluateOptions& options) {
    Network network = load_onnx(options.model);
    options.input.declare_range(network);
    if (network.classes() < 10) {
        fail(ErrorCode::bad_argument, "MNIST's digits are of ten classes; the network tells apart {}", network.classes());
    }
    const Method* attack = options.attack.empty() ? nullptr : &find_method(options.attack);
    if (attack != nullptr && attack->card.outputs.front().map != MapKind::image) {
        fail(ErrorCode::bad_argument, "--attack takes an adversarial method, one that changes the input, and {} gives a map of it",
             attack->card.id);
    }
    if (attack == nullptr && !options.params.empty())
        fail(ErrorCode::bad_argument, "--param needs an --attack to belong to");
    if (attack != nullptr) (void)read_params(attack->card, options.params, form_of(network));  // refused before there is work to lose
    Explainer explainer(network);
    options.resources.attach_to(explainer, options.model, attack != nullptr ? attack->card.needs : std::vector<Role>{});
    const std::string directory =
        ensure_mnist(options.data, options.fetch);
    const LabelledImages data = load_mnist(directory, MnistPart::test);
    const auto begin = std::chrono::steady_clock::now();
    watch_interrupt();
    const Counts counts = evaluate(options, network, attack, explainer.resources(), data);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (counts.seen == 0) fail(ErrorCode::cancelled, "stopped before anything was evaluated");

    const auto share = [&](std::size_t right) { return static_cast<double>(right) / static_cast<double>(counts.seen); };
    if (options.json) {
        Json json{{"model", options.model},
                  {"images", counts.seen},
                  {"accuracy", share(counts.right)},
                  {"right", counts.right}};
        if (attack != nullptr) {
            json["attack"] = attack->card.id;
            json["accuracy_under_attack"] = share(counts.right_under_attack);
            json["params"] = built([&](JsonWriter& out) { write(out, read_params(attack->card, options.params, form_of(network))); });
        }
        json["seconds"] = seconds;
        print_json(json);
    } else {
        print("{} of {} right: {:.2f} %\n", counts.right, counts.seen, 100 * share(counts.right));
        if (attack != nullptr)
            print("under {}: {:.2f} %\n", attack->card.id, 100 * share(counts.right_under_attack));
    }
    if (counts.seen < wanted(options, data)) fail(ErrorCode::cancelled, "stopped after {} images", counts.seen);
}

}  // namespace

void add_evaluate_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand("evaluate", "Accuracy on MNIST's test images, clean and under attack");
    auto options = std::make_shared<EvaluateOptions>();
    command->add_option("--model", options->model, "the network, an ONNX file")->required();
    command->add_option("--data", options->data,
                        "folder with MNIST's four files; else PELLUCID_MNIST_DIR, else the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    options->input.add_range_to(*command);
    command->add_option("--attack", options->attack, "id of an adversarial method");
    command->add_option("--param", options->params, "a parameter of the attack, key=value")->take_all();
    options->resources.add_to(*command);
    command->add_option("--limit", options->limit, "only the first so many images; 0: all");
    command->add_flag("--json", options->json, "the figures as JSON");
    command->callback([options] { run(*options); });
}

}  // namespace pellucid::cli
