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
#include "study_options.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

namespace pellucid::cli {

namespace {

constexpr std::size_t evaluation_batch = 50;

struct EvaluateOptions {
    std::string model, data, attack;
    std::vector<std::string> params;
    ResourceOptions resources;
    InputOptions input;
    StudyOptions study;
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

/// A batch of images as a chunk: how many were seen, right, and right under attack.
class EvaluateWorker final : public study::Worker {
public:
    EvaluateWorker(const EvaluateOptions& options, const Explainer& like, const Method* attack, const LabelledImages& data)
        : options_(options), attack_(attack), data_(data), explainer_(like.network()) {
        explainer_.set_resources(like.resources());
    }

    study::Numbers compute(std::size_t chunk) override {
        const std::size_t first = chunk * evaluation_batch;
        const std::size_t count = std::min(evaluation_batch, wanted(options_, data_) - first);
        const Network& network = explainer_.network();
        Tensor batch = to_tensor(data_.images, first, count);
        scale_to_range(batch, input_range(network));
        const std::vector<std::size_t> predicted = decisions(network, predict_logits(network, batch));
        Attacked attacked{count, 0};
        if (attack_ != nullptr) attacked = right_under_attack(*attack_, options_, explainer_, batch, data_, first);
        return {static_cast<double>(attacked.seen), static_cast<double>(count_right(predicted, data_, first)),
                static_cast<double>(attacked.right)};
    }

private:
    const EvaluateOptions& options_;
    const Method* attack_;
    const LabelledImages& data_;
    Explainer explainer_;
};

/// The figures; `what` holds model, and with an attack its id and parameters.
void report_accuracy(const Json& what, const Counts& counts, bool as_json, std::optional<double> seconds) {
    const auto share = [&](std::size_t right) { return static_cast<double>(right) / static_cast<double>(counts.seen); };
    if (!as_json) {
        print("{} of {} right: {:.2f} %\n", counts.right, counts.seen, 100 * share(counts.right));
        if (what.contains("attack"))
            print("under {}: {:.2f} %\n", what["attack"].get<std::string>(), 100 * share(counts.right_under_attack));
        return;
    }
    Json json{{"model", what["model"]},
              {"images", counts.seen},
              {"accuracy", share(counts.right)},
              {"right", counts.right}};
    if (what.contains("attack")) {
        json["attack"] = what["attack"];
        json["accuracy_under_attack"] = share(counts.right_under_attack);
        json["params"] = what["params"];
    }
    if (seconds) json["seconds"] = *seconds;
    print_json(json);
}

void report_study(const study::Finished& finished, bool as_json) {
    const Json what = Json::parse(finished.description, nullptr, false);
    if (!what.is_object() || what.value("study", "") != "evaluate")
        fail(ErrorCode::bad_argument, "these are chunks of another command's study, and not of evaluate");
    Counts counts;
    for (const auto& [chunk, numbers] : finished.numbers) {
        if (numbers.size() != 3) fail(ErrorCode::bad_file, "chunk {} has {} numbers, and not 3", chunk, numbers.size());
        counts.seen += static_cast<std::size_t>(numbers[0]);
        counts.right += static_cast<std::size_t>(numbers[1]);
        counts.right_under_attack += static_cast<std::size_t>(numbers[2]);
    }
    report_accuracy(what, counts, as_json, std::nullopt);
}

Json description_of(const EvaluateOptions& options, const Network& network, const Method* attack) {
    Json what{{"model", options.model}};
    if (attack != nullptr) {
        what["attack"] = attack->card.id;
        what["params"] = built([&](JsonWriter& out) { write(out, read_params(attack->card, options.params, form_of(network))); });
    }
    return what;
}

/// The work in parts that may be those of other processes. Where a model lies plays no part then, and there is no time:
/// the answer is the same bytes whoever did what.
void evaluate_in_parts(const EvaluateOptions& options, const Explainer& explainer, const Method* attack,
                       const LabelledImages& data) {
    Json what = description_of(options, explainer.network(), attack);
    what["study"] = "evaluate";
    what["model"] = std::filesystem::path(options.model).filename().string();
    what["model_sha256"] = sha256_of_file(options.model);
    what["input_range"] = to_string(input_range(explainer.network()));
    what["images"] = wanted(options, data);
    const std::size_t chunks = (wanted(options, data) + evaluation_batch - 1) / evaluation_batch;
    const auto finished =
        run_study(options.study, "evaluate", what.dump(-1, ' ', false, Json::error_handler_t::replace), chunks,
                  [&] { return std::make_unique<EvaluateWorker>(options, explainer, attack, data); });
    if (finished) report_study(*finished, options.json);
}

void run(const EvaluateOptions& options) {
    options.study.check();
    if (options.study.merges()) return report_study(study::merged(options.study.merge), options.json);
    if (options.model.empty()) fail(ErrorCode::bad_argument, "evaluate needs --model FILE.onnx (or --merge, for finished shards)");
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
    if (options.study.in_parts()) return evaluate_in_parts(options, explainer, attack, data);
    const auto begin = std::chrono::steady_clock::now();
    watch_interrupt();
    const Counts counts = evaluate(options, network, attack, explainer.resources(), data);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (counts.seen == 0) fail(ErrorCode::cancelled, "stopped before anything was evaluated");

    report_accuracy(description_of(options, network, attack), counts, options.json, seconds);
    if (counts.seen < wanted(options, data)) fail(ErrorCode::cancelled, "stopped after {} images", counts.seen);
}

}  // namespace

void add_evaluate_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand("evaluate", "Accuracy on MNIST's test images, clean and under attack");
    auto options = std::make_shared<EvaluateOptions>();
    command->add_option("--model", options->model, "the network, an ONNX file");
    command->add_option("--data", options->data,
                        "folder with MNIST's four files; else PELLUCID_MNIST_DIR, else the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    options->input.add_range_to(*command);
    command->add_option("--attack", options->attack, "id of an adversarial method");
    command->add_option("--param", options->params, "a parameter of the attack, key=value")->take_all();
    options->resources.add_to(*command);
    command->add_option("--limit", options->limit, "only the first so many images; 0: all");
    options->study.add_to(*command);
    command->add_flag("--json", options->json, "the figures as JSON");
    command->callback([options] { run(*options); });
}

}  // namespace pellucid::cli
