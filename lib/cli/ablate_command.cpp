/// `pellucid ablate`: trains networks without a feature, or without what a method ranks highest, and compares
/// accuracies.
#include "commands.hpp"
#include "fetch_mnist.hpp"
#include "output.hpp"
#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/study/ablation.hpp"
#include "pellucid/study/features.hpp"
#include "pellucid/train/architecture.hpp"
#include "progress.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace pellucid::cli {

namespace {

using AblationJson = nlohmann::ordered_json;

struct AblateOptions {
    std::string recipe, model, data, out;
    std::vector<std::string> methods{"gradient", "lrp", "occlusion"};
    std::vector<double> shares{5, 10, 20};
    std::size_t epochs = 0, images = 0, test = 0, threads = 0;
    bool fetch = false, resume = false, json = false;
};

/// What the table holds beside the accuracy.
AblationJson key_of(const study::Removal& removal) {
    constexpr const char* kinds[] = {"nothing", "feature", "ranked"};
    AblationJson json{{"kind", kinds[static_cast<std::size_t>(removal.kind)]}, {"without", removal.without}};
    if (removal.kind == study::Removal::Kind::ranked) json["share"] = removal.share;
    return json;
}

std::string told(const study::Removal& removal) {
    return removal.kind == study::Removal::Kind::nothing ? "nothing taken out"
                                                         : fmt::format("without {}", removal.words());
}

std::vector<study::Removal> removals_of(const AblateOptions& options) {
    std::vector<study::Removal> removals{{}};
    for (const study::Feature& feature : study::features()) {
        removals.push_back({study::Removal::Kind::feature, std::string(feature.id)});
    }
    if (options.methods.empty()) return removals;
    std::vector<std::string> methods{"chance"};
    methods.insert(methods.end(), options.methods.begin(), options.methods.end());
    for (const std::string& method : methods) {
        for (const double share : options.shares)
            removals.push_back({study::Removal::Kind::ranked, method, share / 100});
    }
    return removals;
}

/// What figures depend on: a table is only gone on with where it is the same.
AblationJson settings_of(const AblateOptions& options, const train::Recipe& recipe, std::size_t images,
                         std::size_t test) {
    AblationJson settings{{"recipe", recipe.name},
                          {"epochs", recipe.training.epochs},
                          {"seed", recipe.training.seed},
                          {"training_images", images},
                          {"test_images", test}};
    if (!options.methods.empty()) settings["ranked_by"] = std::filesystem::path(options.model).filename().string();
    return settings;
}

/// The rows of an earlier run; none where there is no file.
AblationJson earlier_rows(const std::string& path, const AblationJson& settings) {
    std::error_code unknown;
    if (!std::filesystem::exists(path, unknown)) return AblationJson::array();
    const Bytes bytes = read_file(path);
    const AblationJson table = AblationJson::parse(bytes.begin(), bytes.end(), nullptr, false);
    if (!table.is_object() || !table.contains("settings") || !table.contains("rows") || !table["rows"].is_array()) {
        fail(ErrorCode::bad_file,
             "{} is no table of ablations, so there is nothing to go on with; without --resume it is replaced", path);
    }
    if (table["settings"] != settings) {
        fail(ErrorCode::bad_argument,
             "{} was made with {}, and this would be {}: the same settings are right, or no --resume", path,
             table["settings"].dump(), settings.dump());
    }
    return table["rows"];
}

void write_table(const std::string& path, const AblationJson& settings, const AblationJson& rows, std::size_t wanted) {
    AblationJson table{
        {"about",
         "Accuracy of networks that are trained, and tested, on images without a feature, or without the pixels that a "
         "method ranks highest in each image (remove and retrain). A short training on part of MNIST: rows are to be "
         "compared with each other, not with the shipped model."},
        {"settings", settings},
        {"complete", rows.size() == wanted},
        {"rows", rows}};
    const std::string text = table.dump(1) + "\n";
    write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

/// Nothing where it was stopped.
std::optional<double> accuracy_without(study::Ablation& ablation, const study::Removal& removal) {
    ProgressBar bar(told(removal));
    ablation.begin(removal);
    while (!interrupted() && ablation.step()) bar.show(ablation.progress());
    return ablation.accuracy();
}

void run_ablations(const AblateOptions& options) {
    train::Recipe recipe = train::read_recipe(options.recipe);
    if (options.epochs != 0) recipe.training.epochs = options.epochs;
    if (!options.methods.empty() && options.model.empty()) {
        fail(ErrorCode::bad_argument,
             "--methods rank pixels by what a network answers: --model FILE.onnx is right, or --methods none");
    }
    for (const double share : options.shares) {
        if (!(share > 0 && share < 100))
            fail(ErrorCode::bad_argument, "--shares are per cents between 0 and 100, not {}", share);
    }
    if (options.threads != 0) set_thread_limit(options.threads);
    const std::string directory = ensure_mnist(options.data, options.fetch);
    LabelledImages training = study::first_of(load_mnist(directory, MnistPart::train), options.images);
    LabelledImages test = study::first_of(load_mnist(directory, MnistPart::test), options.test);
    const AblationJson settings = settings_of(options, recipe, training.size(), test.size());
    for (const std::string& id : options.methods)
        study::Ranking::check(find_method(id));  // before there is work to lose
    std::optional<Network> ranks;
    if (!options.methods.empty()) ranks = load_onnx(options.model);
    const AblationJson earlier = options.resume ? earlier_rows(options.out, settings) : AblationJson::array();
    const std::vector<study::Removal> wanted = removals_of(options);
    study::Ablation ablation(
        {train::build_network(recipe.input, recipe.layers), recipe.training, std::move(training), std::move(test)},
        ranks ? &*ranks : nullptr);
    watch_interrupt();
    AblationJson rows = AblationJson::array();
    for (const study::Removal& removal : wanted) {
        AblationJson line = key_of(removal);
        const auto known = std::find_if(earlier.begin(), earlier.end(), [&](const AblationJson& each) {
            AblationJson key = each;
            key.erase("accuracy");
            return key == line && each.contains("accuracy");
        });
        if (known != earlier.end()) {
            rows.push_back(*known);
            continue;
        }
        const std::optional<double> accuracy = accuracy_without(ablation, removal);
        if (!accuracy) {
            fail(ErrorCode::cancelled,
                 "stopped after {} of {} trainings; {} holds them, and the same command with --resume goes on",
                 rows.size(), wanted.size(), options.out);
        }
        line["accuracy"] = *accuracy;
        rows.push_back(line);
        write_table(options.out, settings, rows, wanted.size());
        if (options.json) {
            print_json(line, -1);
        } else {
            print("{:6.2f} %  {}\n", 100 * *accuracy, told(removal));
        }
        flush_output();
    }
    write_table(options.out, settings, rows, wanted.size());
}

}  // namespace

void add_ablate_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "ablate", "Trains without a feature, or without what a method ranks highest, and compares accuracies");
    const auto options = std::make_shared<AblateOptions>();
    command->add_option("--recipe", options->recipe, "what is trained, a recipe file")->required();
    command->add_option("--out", options->out, "the table, a JSON file, written after every training")->required();
    command->add_option("--model", options->model, "the network whose maps rank pixels, an ONNX file");
    command
        ->add_option("--methods", options->methods,
                     "methods that rank pixels, with commas between; none: features only")
        ->delimiter(',');
    command
        ->add_option("--shares", options->shares, "how many of the pixels are removed, per cent, with commas between")
        ->delimiter(',');
    command->add_option("--epochs", options->epochs, "epochs of each training; 0: the recipe's");
    command->add_option("--images", options->images, "only the first so many training images; 0: all");
    command->add_option("--test", options->test, "only the first so many test images; 0: all");
    command->add_option("--data", options->data,
                        "folder with MNIST's four files; else PELLUCID_MNIST_DIR, else the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    command->add_option("--threads", options->threads, "most threads; 0: one for each core");
    command->add_flag("--resume", options->resume, "keep the rows that --out holds already");
    command->add_flag("--json", options->json, "a JSON line for every training");
    command->callback([options] {
        if (options->methods == std::vector<std::string>{"none"}) options->methods.clear();
        run_ablations(*options);
    });
}

}  // namespace pellucid::cli
