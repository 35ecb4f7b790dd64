/// `pellucid evaluate`: accuracy on the MNIST test images, clean and under attack.
///
/// Under attack an image holds that is answered rightly and still is when the attack is done: wrong answers stay wrong,
/// so the accuracy never rises.
#include "attack_batch.hpp"
#include "commands.hpp"
#include "fetch_mnist.hpp"
#include "input_options.hpp"
#include "json_writer.hpp"
#include "output.hpp"
#include "parameters.hpp"
#include "pellucid/border/describe.hpp"
#include "pellucid/data/file.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/parallel.hpp"
#include "progress.hpp"
#include "resource_options.hpp"
#include "study_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace pellucid::cli {

namespace {

constexpr std::size_t evaluation_batch = 50;

struct EvaluateOptions {
    std::string model, data, attack, csv;
    std::vector<std::string> params;
    ResourceOptions resources;
    InputOptions input;
    StudyOptions study;
    std::size_t limit = 0;
    bool fetch = false, json = false;
};

using Outcomes = std::map<std::size_t, ImageOutcome>;

/// Images and their labels.
struct EvaluationData {
    std::string name;
    std::function<Tensor(std::span<const std::size_t>)> images;  ///< as shares, 0 paper and 1 ink
    std::vector<std::size_t> labels;
};

EvaluationData read_mnist(const EvaluateOptions& options) {
    auto mnist =
        std::make_shared<const LabelledImages>(load_mnist(ensure_mnist(options.data, options.fetch), MnistPart::test));
    EvaluationData data{"mnist", {}, {mnist->labels.begin(), mnist->labels.end()}};
    data.images = [mnist](std::span<const std::size_t> numbers) { return to_tensor(mnist->images, numbers); };
    return data;
}

/// The built-in pen digits.
EvaluationData read_digits() {
    EvaluationData data{"digits", {}, {}};
    for (std::size_t i = 0; i < pen_digit_count(); ++i) data.labels.push_back(i % 10);
    data.images = [](std::span<const std::size_t> numbers) {
        Tensor images(Shape{numbers.size(), image_size, image_size, 1});
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const Tensor one = normalise(pen_digit(numbers[i]).drawing).image;
            std::ranges::copy(elements(one), sample(images, i).begin());
        }
        return images;
    };
    return data;
}

std::size_t wanted(const EvaluateOptions& options, const EvaluationData& data) {
    return options.limit == 0 ? data.labels.size() : std::min(options.limit, data.labels.size());
}

/// What a process evaluates with; each thread makes its own explainer.
struct Evaluation {
    const EvaluateOptions& options;
    const Explainer& like;
    const Method* attack;
    std::optional<Params> params;
    const EvaluationData& data;

    std::size_t total() const { return wanted(options, data); }
    std::size_t chunks() const { return (total() + evaluation_batch - 1) / evaluation_batch; }
};

/// A batch of images as a chunk: six numbers for each.
class EvaluateWorker final : public study::Worker {
public:
    explicit EvaluateWorker(const Evaluation& of) : of_(of), explainer_(of.like.network()) {
        explainer_.set_resources(of.like.resources());
    }

    Outcomes outcomes(std::size_t chunk) {
        const std::size_t first = chunk * evaluation_batch;
        std::vector<std::size_t> numbers, labels;
        for (std::size_t i = first; i < std::min(first + evaluation_batch, of_.total()); ++i) {
            numbers.push_back(i);
            labels.push_back(of_.data.labels[i]);
        }
        Tensor images = of_.data.images(numbers);
        scale_to_range(images, input_range(explainer_.network()));
        return evaluate_batch(explainer_, of_.attack, of_.params ? &*of_.params : nullptr, images, numbers, labels);
    }

    study::Numbers compute(std::size_t chunk) override {
        study::Numbers numbers;
        for (const auto& [image, of] : outcomes(chunk)) {
            for (const std::size_t whole : {of.label, of.predicted, of.attacked})
                numbers.push_back(static_cast<double>(whole));
            for (const double real : {of.l0, of.l2, of.linf}) numbers.push_back(real);
        }
        return numbers;
    }

private:
    const Evaluation& of_;
    Explainer explainer_;
};

Outcomes outcomes_in(const study::Finished& finished) {
    constexpr std::size_t of_each = 6;
    Outcomes outcomes;
    for (const auto& [chunk, n] : finished.numbers) {
        if (n.size() % of_each != 0 || n.size() > of_each * evaluation_batch)
            fail(ErrorCode::bad_file, "chunk {} has {} numbers, which are no images' results", chunk, n.size());
        for (std::size_t i = 0; i < n.size(); i += of_each) {
            const auto whole = [&](std::size_t k) { return static_cast<std::size_t>(n[i + k]); };
            outcomes[chunk * evaluation_batch + i / of_each] = {whole(0), whole(1), whole(2),
                                                                n[i + 3], n[i + 4], n[i + 5]};
        }
    }
    return outcomes;
}

/// All chunks, or those before it was interrupted.
Outcomes evaluate(const Evaluation& of) {
    Outcomes outcomes;
    std::mutex guard;
    ProgressBar bar("evaluate");
    parallel_for(of.chunks(), 1, [&](std::size_t begin, std::size_t end) {
        EvaluateWorker worker(of);
        for (std::size_t chunk = begin; chunk < end && !interrupted(); ++chunk) {
            const Outcomes done = worker.outcomes(chunk);
            const std::lock_guard lock(guard);
            outcomes.insert(done.begin(), done.end());
            bar.show(static_cast<double>(outcomes.size()) / static_cast<double>(of.total()));
        }
    });
    return outcomes;
}

/// A line for each image.
void write_csv(const std::string& path, const Outcomes& outcomes) {
    if (path.empty()) return;
    std::string text = "image,label,predicted,under_attack,l0,l2,linf\n";
    for (const auto& [image, of] : outcomes) {
        text += fmt::format("{},{},{},{},{},{:.9g},{:.9g}\n", image, of.label, of.predicted, of.attacked, of.l0, of.l2,
                            of.linf);
    }
    write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

/// Of the images that an attack turned.
Json median_of(std::vector<double> sizes) {
    if (sizes.empty()) return {};
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>((sizes.size() - 1) / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    return *middle;
}

/// The figures; `what` holds model, and with an attack its id and parameters.
void report_accuracy(const Json& what, const Outcomes& outcomes, const EvaluateOptions& options,
                     std::optional<double> seconds) {
    write_csv(options.csv, outcomes);
    std::size_t right = 0, holds = 0;
    std::vector<double> l2, linf;
    for (const auto& [image, of] : outcomes) {
        right += of.right() ? 1 : 0;
        holds += of.holds() ? 1 : 0;
        if (!of.right() || of.holds()) continue;
        l2.push_back(of.l2);
        linf.push_back(of.linf);
    }
    const auto share = [&](std::size_t count) {
        return static_cast<double>(count) / static_cast<double>(outcomes.size());
    };
    if (!options.json) {
        print("{} of {} right: {:.2f} %\n", right, outcomes.size(), 100 * share(right));
        if (what.contains("attack"))
            print("under {}: {:.2f} %\n", what["attack"].get<std::string>(), 100 * share(holds));
        return;
    }
    Json json{{"model", what["model"]}, {"images", outcomes.size()}, {"accuracy", share(right)}, {"right", right}};
    if (what.contains("attack")) {
        json["attack"] = what["attack"];
        json["accuracy_under_attack"] = share(holds);
        json["right_under_attack"] = holds;
        json["median_l2"] = median_of(l2);
        json["median_linf"] = median_of(linf);
        json["params"] = what["params"];
    }
    if (seconds) json["seconds"] = *seconds;
    print_json(json);
}

void report_study(const study::Finished& finished, const EvaluateOptions& options) {
    const Json what = Json::parse(finished.description, nullptr, false);
    if (!what.is_object() || what.value("study", "") != "evaluate")
        fail(ErrorCode::bad_argument, "these are chunks of another command's study, and not of evaluate");
    report_accuracy(what, outcomes_in(finished), options, std::nullopt);
}

Json description_of(const Evaluation& of) {
    Json what{{"model", of.options.model}};
    if (of.attack != nullptr) {
        what["attack"] = of.attack->card.id;
        what["params"] = built([&](JsonWriter& out) { write(out, *of.params); });
    }
    return what;
}

/// The work in parts that may be those of other processes. Where a model lies plays no part then, and there is no time:
/// the answer is the same bytes whoever did what.
void evaluate_in_parts(const Evaluation& of) {
    const EvaluateOptions& options = of.options;
    Json what = description_of(of);
    what["study"] = "evaluate";
    what["model"] = std::filesystem::path(options.model).filename().string();
    what["model_sha256"] = sha256_of_file(options.model);
    what["input_range"] = to_string(input_range(of.like.network()));
    what["data"] = of.data.name;
    what["images"] = of.total();
    if (!options.resources.with.empty()) what["with"] = options.resources.with;
    const auto finished =
        run_study(options.study, "evaluate", what.dump(-1, ' ', false, Json::error_handler_t::replace), of.chunks(),
                  [&] { return std::make_unique<EvaluateWorker>(of); });
    if (finished) report_study(*finished, options);
}

void run(const EvaluateOptions& options) {
    options.study.check();
    if (options.study.merges()) return report_study(study::merged(options.study.merge), options);
    if (options.model.empty())
        fail(ErrorCode::bad_argument, "evaluate needs --model FILE.onnx (or --merge, for finished shards)");
    Network network = load_onnx(options.model);
    options.input.declare_range(network);
    if (network.classes() < 10) {
        fail(ErrorCode::bad_argument, "MNIST's digits are of ten classes; the network tells apart {}",
             network.classes());
    }
    const Method* attack = options.attack.empty() ? nullptr : &find_method(options.attack);
    if (attack != nullptr) check_attack(*attack);
    if (attack == nullptr && !options.params.empty())
        fail(ErrorCode::bad_argument, "--param needs an --attack to belong to");
    std::optional<Params> params;
    if (attack != nullptr)
        params = read_params(attack->card, options.params, form_of(network));  // before there is work
    Explainer explainer(network);
    options.resources.attach_to(explainer, options.model, attack != nullptr ? attack->card.needs : std::vector<Role>{});
    const EvaluationData data = options.data == "digits" ? read_digits() : read_mnist(options);
    const Evaluation evaluation{options, explainer, attack, params, data};
    if (options.study.in_parts()) return evaluate_in_parts(evaluation);
    const auto begin = std::chrono::steady_clock::now();
    watch_interrupt();
    const Outcomes outcomes = evaluate(evaluation);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (outcomes.empty()) fail(ErrorCode::cancelled, "stopped before anything was evaluated");

    report_accuracy(description_of(evaluation), outcomes, options, seconds);
    if (outcomes.size() < evaluation.total()) fail(ErrorCode::cancelled, "stopped after {} images", outcomes.size());
}

}  // namespace

void add_evaluate_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand("evaluate", "Accuracy on MNIST's test images, clean and under attack");
    auto options = std::make_shared<EvaluateOptions>();
    command->add_option("--model", options->model, "the network, an ONNX file");
    command->add_option(
        "--data", options->data,
        "folder with MNIST's four files, or 'digits' for the built-in pen digits; else PELLUCID_MNIST_DIR, "
        "else the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    options->input.add_range_to(*command);
    command->add_option("--attack", options->attack, "id of an adversarial method");
    command->add_option("--param", options->params, "a parameter of the attack, key=value")->take_all();
    options->resources.add_to(*command);
    command->add_option("--limit", options->limit, "only the first so many images; 0: all");
    command
        ->add_option("--csv", options->csv, "a file to write: for every image label, answers and norms of the change")
        ->check([](const std::string& file) { return std::string(file.empty() ? "a file needs a name" : ""); });
    options->study.add_to(*command);
    command->add_flag("--json", options->json, "the figures as JSON");
    command->callback([options] { run(*options); });
}

}  // namespace pellucid::cli
