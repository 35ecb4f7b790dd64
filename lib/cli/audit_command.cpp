/// `pellucid audit`: which of MNIST's labels look wrong, by cross-validated confident learning.
#include "commands.hpp"
#include "fetch_mnist.hpp"
#include "json_writer.hpp"
#include "output.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/data/sha256.hpp"
#include "pellucid/error.hpp"
#include "pellucid/study/audit.hpp"
#include "progress.hpp"
#include "study_options.hpp"

#include <memory>
#include <string>

namespace pellucid::cli {

namespace {

struct AuditCommand {
    std::string data, recipe;
    StudyOptions study;
    std::size_t folds = 5, epochs = 0, limit = 0, top = 50;
    bool fetch = false, json = false;
};

/// The first `limit` ones; 0: all.
LabelledImages first_of(LabelledImages data, std::size_t limit) {
    if (limit == 0 || limit >= data.size()) return data;
    data.labels.resize(limit);
    data.images.count = limit;
    data.images.pixels.resize(limit * data.images.rows * data.images.columns);
    return data;
}

std::string sum_of(const LabelledImages& training, const LabelledImages& test) {
    std::string sums;
    for (const LabelledImages* data : {&training, &test})
        sums += sha256(std::span(data->images.pixels)) + sha256(std::span(data->labels));
    return sha256(std::span(reinterpret_cast<const std::uint8_t*>(sums.data()), sums.size()));
}

class AuditWorker final : public study::Worker {
public:
    explicit AuditWorker(const study::AuditPlan& plan) : plan_(plan) {}
    study::Numbers compute(std::size_t chunk) override { return plan_.compute(chunk, interrupted); }

private:
    const study::AuditPlan& plan_;
};

void print_part(const char* name, const Json& part) {
    print("{}: {} images, {:.2f} % answered as labelled; {} labels are suspicious, {:.3f} % estimated wrong\n", name,
          part["images"].get<std::size_t>(), 100 * part["accuracy"].get<double>(),
          part["suspicious"].get<std::size_t>(), 100 * part["wrong_labels_estimated"].get<double>());
    for (const Json& issue : part["issues"]) {
        print("  image {:5}  labelled {} ({:.4f})  rather {} ({:.4f})\n", issue["image"].get<std::size_t>(),
              issue["label"].get<std::size_t>(), issue["of_label"].get<double>(), issue["suggested"].get<std::size_t>(),
              issue["of_suggested"].get<double>());
    }
}

void run_audit_command(const AuditCommand& options) {
    options.study.check();
    train::Recipe recipe = options.recipe.empty() ? train::parse_recipe(study::audit_recipe(), "the recipe of audit")
                                                  : train::read_recipe(options.recipe);
    if (options.epochs != 0) recipe.training.epochs = options.epochs;
    const std::string directory = ensure_mnist(options.data, options.fetch);
    const LabelledImages training = first_of(load_mnist(directory, MnistPart::train), options.limit);
    const LabelledImages test = first_of(load_mnist(directory, MnistPart::test), options.limit);
    std::optional<study::Finished> finished;
    if (options.study.merges()) {
        finished = study::merged(options.study.merge);
    } else {
        const study::AuditPlan plan({.recipe = recipe, .folds = options.folds, .data_sha256 = sum_of(training, test)},
                                    training, test);
        finished = run_study(options.study, "audit", plan.description(), plan.chunks(),
                             [&] { return std::make_unique<AuditWorker>(plan); });
    }
    if (!finished) return;
    const std::string report = study::audit_report(*finished, training, test, options.top);
    if (options.json) {
        print_text(report + "\n");
        return;
    }
    const Json json = Json::parse(report);
    print_part("training", json["training"]);
    print_part("test", json["test"]);
}

}  // namespace

void add_audit_command(CLI::App& app) {
    CLI::App* command =
        app.add_subcommand("audit", "Finds MNIST's suspicious labels, by networks that did not see them");
    auto options = std::make_shared<AuditCommand>();
    command->add_option("--data", options->data,
                        "folder with MNIST's four files; else PELLUCID_MNIST_DIR, else the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    command->add_option("--recipe", options->recipe,
                        "how the networks are trained, in place of a short recipe of its own");
    command->add_option("--folds", options->folds, "networks; each sees all training images but its fold")
        ->check(CLI::Range(2, 1000));
    command->add_option("--epochs", options->epochs, "epochs, in place of the recipe's")
        ->check(CLI::Range(1, 1'000'000));
    command->add_option("--limit", options->limit, "only the first so many images of each part; 0: all");
    command->add_option("--top", options->top, "how many suspicious labels are told");
    options->study.add_to(*command);
    command->add_flag("--json", options->json, "the report as JSON");
    command->callback([options] { run_audit_command(*options); });
}

}  // namespace pellucid::cli
