/// `pellucid digits`: the built-in pen digits as network inputs, for goldens, tests and first tries.
#include "commands.hpp"
#include "input_options.hpp"
#include "output.hpp"
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/npy.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/onnx.hpp"
#include "render.hpp"
#include "strokes_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace pellucid::cli {

namespace {

struct DigitsOptions {
    std::string out, model, strokes;
    InputOptions input;
    std::size_t first = 0, count = 0;
};

void run(const DigitsOptions& options) {
    if (options.first >= pen_digit_count()) {
        fail(ErrorCode::bad_argument, "--first {} is past the last of {} digits", options.first, pen_digit_count());
    }
    const std::size_t left = pen_digit_count() - options.first;
    const std::size_t count = options.count == 0 ? left : std::min(options.count, left);
    Tensor images(Shape{count, image_size, image_size, 1});
    std::vector<std::size_t> labels;
    for (std::size_t i = 0; i < count; ++i) {
        const PenDigit digit = pen_digit(options.first + i);
        labels.push_back(static_cast<std::size_t>(digit.label));
        const Tensor image = normalise(digit.drawing).image;
        std::copy_n(image.data(), image.size(), sample(images, i).data());
    }
    if (!options.out.empty()) write_npy(options.out, {images, 3});
    if (!options.strokes.empty()) {
        if (count != 1) fail(ErrorCode::bad_argument, "--strokes writes one digit; --count 1 takes one, not {}", count);
        save_strokes(options.strokes, pen_digit(options.first).drawing);
    }
    if (options.model.empty()) {
        print("{} digits from {}\n", count, options.first);
        return;
    }
    Network network = load_onnx(options.model);
    options.input.declare_range(network);
    scale_to_range(images, input_range(network));
    const std::vector<std::size_t> predicted = decisions(network, predict_logits(network, images));
    std::size_t right = 0;
    for (std::size_t i = 0; i < count; ++i) {
        right += predicted[i] == labels[i] ? 1 : 0;
        if (predicted[i] != labels[i]) print("digit {}: a {} read as {}\n", options.first + i, labels[i], predicted[i]);
    }
    print("{} of {} right: {:.2f} %\n", right, count, 100.0 * static_cast<double>(right) / static_cast<double>(count));
}

}  // namespace

void add_digits_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand("digits", "The built-in pen digits: as an .npy file, or read by a network");
    auto options = std::make_shared<DigitsOptions>();
    command->add_option("--out", options->out, "an .npy file to write, float32 (N, 28, 28)");
    command->add_option("--model", options->model, "a network to read them with");
    command->add_option("--strokes", options->strokes,
                        "a JSON file to write, the strokes of one digit, as --with strokes takes them");
    options->input.add_range_to(*command);
    command->add_option("--first", options->first, "the first digit's index");
    command->add_option("--count", options->count, "how many; 0: all that follow");
    command->callback([options] { run(*options); });
}

}  // namespace pellucid::cli
