#include "input_options.hpp"

namespace pellucid::cli {

void InputOptions::add_range_to(CLI::App& command) {
    command.add_option(
        "--range", range,
        "least and greatest value of the network's input, low,high (or for each channel in turn); else the "
        "model's own, else 0,1");
}

void InputOptions::add_to(CLI::App& command) {
    add_range_to(command);
    command
        .add_option("--invert", invert,
                    "whether light and dark change places; auto: bright pictures for networks that read digits")
        ->check(CLI::IsMember({"auto", "yes", "no"}));
    command.add_option("--shape", shape,
                       "the axes of a .npy input, as in NCHW or HWC, or sizes H,W or H,W,C; else HW, NHW or NHWC");
}

void InputOptions::declare_range(Network& network) const {
    if (!range.empty()) set_input_range(network, range);
}

InputForm InputOptions::form(const Network& network) const {
    InputForm form = form_of(network);
    form.invert = invert == "yes" ? Invert::yes : invert == "no" ? Invert::no : Invert::auto_;
    form.shape = shape;
    return form;
}

}  // namespace pellucid::cli
