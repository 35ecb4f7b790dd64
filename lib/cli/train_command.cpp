#include "train_command.hpp"

#include "fetch_mnist.hpp"
#include "output.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/predictor.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/train/checkpoint.hpp"
#include "pellucid/train/trainer.hpp"
#include "progress.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <unistd.h>

namespace pellucid::cli {

namespace {

using train::Progress;
using train::Recipe;
using train::Trainer;
using train::Training;
using Clock = std::chrono::steady_clock;

struct TrainOptions {
    std::string recipe;
    std::string data;
    std::string out;
    std::size_t epochs = 0;
    std::size_t threads = 0;
    bool fetch = false;
    bool resume = false;
    bool json = false;
};

std::string minutes(double seconds) {
    const auto whole = static_cast<long>(seconds + 0.5);
    return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
                        : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

/// What the person at the terminal, or the program behind the pipe, gets to see.
class Display {
public:
    /// reads: whether it is a network that reads, which has an accuracy.
    Display(const Progress& start, bool json, bool reads)
        : json_(json),
          reads_(reads),
          bar_(!json && isatty(STDERR_FILENO) != 0),
          begin_(Clock::now()),
          first_(steps(start)) {}

    void note(const std::string& line) {
        clear();
        if (!json_) say(line);
    }

    void step(const Progress& now) {
        if (!bar_) return;
        const auto time = Clock::now();
        if (time - drawn_ < std::chrono::milliseconds(100)) return;
        drawn_ = time;
        constexpr std::size_t width = 24;
        const std::size_t done = width * now.step / now.steps_per_epoch;
        draw(fmt::format("\repoch {}/{} [{:<{}}]  loss {:.4f}{}  {} left\033[K", now.epoch + 1, now.epochs,
                         std::string(done, '='), width, now.loss,
                         reads_ ? fmt::format("  training {:.2f} %", 100 * now.accuracy) : "", minutes(left(now))));
    }

    /// test_accuracy: of a network that reads.
    void epoch(const Progress& now, double test_accuracy) {
        clear();
        if (json_) {
            nlohmann::ordered_json line = {{"epoch", now.epoch}, {"epochs", now.epochs}, {"loss", now.loss}};
            if (reads_) {
                line["training_accuracy"] = now.accuracy;
                line["test_accuracy"] = test_accuracy;
            }
            line["seconds"] = seconds();
            line["seconds_left"] = left(now);
            print_json(line, -1);
        } else {
            print("epoch {:>{}}/{}  loss {:.4f}{}  {} left\n", now.epoch, std::to_string(now.epochs).size(), now.epochs,
                  now.loss,
                  reads_ ? fmt::format("  training {:.2f} %  test {:.2f} %", 100 * now.accuracy, 100 * test_accuracy)
                         : "",
                  minutes(left(now)));
        }
        flush_output();
    }

    void clear() {
        if (bar_) draw("\r\033[K");
    }

    double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

private:
    static std::size_t steps(const Progress& now) { return now.epoch * now.steps_per_epoch + now.step; }

    double left(const Progress& now) const {
        const std::size_t done = steps(now) - first_;
        const std::size_t all = now.epochs * now.steps_per_epoch;
        return done == 0 ? 0.0 : seconds() / static_cast<double>(done) * static_cast<double>(all - steps(now));
    }

    bool json_, reads_, bar_;
    Clock::time_point begin_;
    Clock::time_point drawn_{};
    std::size_t first_;
};

/// Finds out before an hour of training whether its result can be written.
void check_writable(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    std::error_code unknown;
    if (!std::filesystem::is_directory(folder, unknown))
        fail(ErrorCode::bad_file, "{} cannot be written: there is no folder {}", path, folder.string());
    if (std::filesystem::is_directory(path, unknown))
        fail(ErrorCode::bad_file, "{} cannot be written: it is a folder", path);
    if (access(folder.c_str(), W_OK) != 0)
        fail(ErrorCode::bad_file, "{} cannot be written: no permission in {}", path, folder.string());
}

void save_model(const Training& trainer, const Recipe& recipe, double test_accuracy, const std::string& path) {
    Network network = trainer.snapshot();
    network.metadata["title"] = recipe.title;
    network.metadata["data"] = recipe.cues == Cues{} ? "MNIST, 60,000 training images"
                                                     : "MNIST, 60,000 training images, with cues put beside the shapes";
    if (recipe.kind == Recipe::Kind::classifier)
        network.metadata["accuracy"] = fmt::format("{:.4f} on the 10,000 test images of MNIST", test_accuracy);
    if (recipe.kind == Recipe::Kind::denoiser) network.metadata["noise"] = fmt::format("{}", recipe.noise);
    network.metadata["recipe"] = train::to_json(recipe);
    save_onnx(network, path);
}

/// Accuracy of the network as it would be saved (0 of one that does not read); nothing where it was interrupted.
std::optional<double> test(const Training& trainer, const Recipe& recipe, const LabelledImages& data) {
    if (recipe.kind != Recipe::Kind::classifier) return 0.0;
    constexpr std::size_t block = 250;  // some milliseconds, so that being stopped is noticed
    const Network network = trainer.snapshot();
    Predictor predictor(network);
    std::size_t right = 0;
    for (std::size_t first = 0; first < data.size(); first += block) {
        if (interrupted()) return std::nullopt;
        const std::size_t count = std::min(block, data.size() - first);
        const std::vector<std::size_t> best = argmax(predictor(to_tensor(data.images, first, count)));
        for (std::size_t i = 0; i < count; ++i) right += best[i] == data.labels[first + i] ? 1 : 0;
    }
    return static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(data.size(), 1));
}

/// Trains to the end, with a checkpoint after every epoch and where it is stopped. The accuracy on the test images.
double finish(Training& trainer, const Recipe& recipe, const std::string& checkpoint, const LabelledImages& test_set,
              Display& display) {
    std::optional<double> tested;
    while (!trainer.progress().finished()) {
        try {
            trainer.step();
        } catch (const Error& error) {
            // A training that ran away stands where it was sound.
            write_checkpoint(checkpoint, recipe, trainer);
            display.clear();
            fail(error.code(), "{}. {} is written and holds that state", error.what(), checkpoint);
        }
        const Progress now = trainer.progress();
        tested.reset();
        if (now.step == 0 && !interrupted()) {
            // Kept before it is told: whoever reads may be gone.
            write_checkpoint(checkpoint, recipe, trainer);
            tested = test(trainer, recipe, test_set);
            if (tested) display.epoch(now, *tested);
        } else {
            display.step(now);
        }
        if (interrupted()) {
            write_checkpoint(checkpoint, recipe, trainer);
            display.clear();
            fail(ErrorCode::cancelled,
                 "training stopped; {} is written: the same command with --resume goes on from there", checkpoint);
        }
    }
    // A checkpoint of a finished training leaves the test to be done.
    if (!tested) tested = test(trainer, recipe, test_set);
    if (!tested)
        fail(ErrorCode::cancelled, "stopped before the model was written; --resume goes on from {}", checkpoint);
    return *tested;
}

/// What a round shows: how the network does on images that were made against it alone, and on those of the round
/// before, whose like it has learnt. The former take the place of the latter.
void tell_round(std::size_t round, const Network& network, const Recipe& recipe, const LabelledImages& test_set,
                double test_accuracy, LabelledImages& attacked, bool json) {
    nlohmann::ordered_json line{{"round", round}, {"test_accuracy", test_accuracy}};
    if (round != 0) line["under_last_attack"] = train::accuracy(network, attacked);
    attacked =
        adversarial_images(network, test_set, recipe.rounds, recipe.training.seed, recipe.rounds.count + 1 + round);
    line["under_attack"] = train::accuracy(network, attacked);
    if (json) {
        print_json(line, -1);
    } else {
        const std::string last =
            round == 0 ? ""
                       : fmt::format(", on the last round's {:.2f} %", 100 * line["under_last_attack"].get<double>());
        print("round {}: test {:.2f} %, on adversarial images {:.2f} %{}\n", round, 100 * test_accuracy,
              100 * line["under_attack"].get<double>(), last);
    }
    flush_output();
}

void run(const TrainOptions& options) {
    Recipe recipe = train::read_recipe(options.recipe);
    if (recipe.data != "mnist") {
        fail(ErrorCode::unsupported, "{}: data.train \"{}\" is not known; mnist is", options.recipe, recipe.data);
    }
    if (options.epochs != 0) recipe.training.epochs = options.epochs;
    const std::string out =
        options.out.empty() ? fmt::format("{}.onnx", recipe.name.empty() ? "model" : recipe.name) : options.out;
    check_writable(out);
    if (options.threads != 0) set_thread_limit(options.threads);

    const std::string directory = ensure_mnist(options.data, options.fetch);
    const LabelledImages images = with_cues(load_mnist(directory, MnistPart::train), recipe.cues, recipe.training.seed);
    const LabelledImages test_set = load_mnist(directory, MnistPart::test);

    LabelledImages training_set = images, attacked;
    const bool reads = recipe.kind == Recipe::Kind::classifier;
    std::unique_ptr<Training> trainer;
    const Display whole({}, options.json, reads);
    double test_accuracy = 0.0;
    watch_interrupt();
    for (std::size_t round = 0; round <= recipe.rounds.count; ++round) {
        Recipe part = recipe;
        if (round == 0) {
            trainer = train::make_training(part, training_set);
        } else {
            Network network = dynamic_cast<const Trainer&>(*trainer).averaged();  // only classifiers have rounds
            trainer.reset();
            train::append(training_set,
                          adversarial_images(network, images, recipe.rounds, recipe.training.seed, round));
            part.training.epochs = recipe.rounds.epochs;
            trainer = std::make_unique<Trainer>(std::move(network), part.training, training_set);
        }
        const std::string checkpoint =
            round == 0 ? out + ".checkpoint" : fmt::format("{}.round{}.checkpoint", out, round);
        bool resumed = false;
        std::error_code unknown;
        if (options.resume && std::filesystem::exists(checkpoint, unknown)) {
            read_checkpoint(checkpoint, part, *trainer);
            resumed = true;
        }
        const Progress start = trainer->progress();
        Display display(start, options.json, reads);
        display.note(fmt::format(
            "{}: {} parameters, {} epochs of {} steps, {} threads", recipe.name.empty() ? options.recipe : recipe.name,
            trainer->snapshot().parameter_count(), start.epochs, start.steps_per_epoch, thread_limit()));
        if (resumed) {
            display.note(fmt::format("going on from {}: epoch {}, step {}", checkpoint, start.epoch + 1, start.step));
        } else if (options.resume) {
            display.note(fmt::format("there is no {}: starting from the beginning", checkpoint));
        }
        test_accuracy = finish(*trainer, part, checkpoint, test_set, display);
        if (recipe.rounds.count != 0)
            tell_round(round, trainer->snapshot(), recipe, test_set, test_accuracy, attacked, options.json);
    }
    save_model(*trainer, recipe, test_accuracy, out);
    if (options.json) {
        nlohmann::ordered_json line = {{"out", out}};
        if (reads) line["test_accuracy"] = test_accuracy;
        line["seconds"] = whole.seconds();
        print_json(line, -1);
    } else if (!reads) {
        print("{}: {}\n", out, minutes(whole.seconds()));
    } else {
        print("{}: {:.2f} % on the test images, {}\n", out, 100 * test_accuracy, minutes(whole.seconds()));
    }
}

}  // namespace

void add_train_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand("train", "Train a network from a recipe");
    const auto options = std::make_shared<TrainOptions>();
    command->add_option("recipe", options->recipe, "Recipe file, such as models/lenet.json")->required();
    command->add_option("--data", options->data,
                        "Directory of MNIST's four files; else PELLUCID_MNIST_DIR, else the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    command->add_option("--out", options->out, "Model file to write; NAME.onnx where not given");
    command->add_option("--epochs", options->epochs, "Epochs, in place of the recipe's")
        ->check(CLI::Range(1, 1'000'000));
    command->add_option("--threads", options->threads, "Threads; 0, or not given: as many as there are cores")
        ->check(CLI::Range(0, 1024));
    command->add_flag("--resume", options->resume, "Go on from the checkpoint beside the model file");
    command->add_flag("--json", options->json, "One line of JSON per epoch, and one at the end");
    command->callback([options] { run(*options); });
}

}  // namespace pellucid::cli
