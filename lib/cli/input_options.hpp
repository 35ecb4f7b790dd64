/// --range, --invert and --shape: how an input is meant, as several commands take it.
#pragma once

#include "pellucid/data/input.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace pellucid::cli {

struct InputOptions {
    std::string range, invert = "auto", shape;

    /// Adds --range alone: for commands whose pictures are known.
    void add_range_to(CLI::App& command);
    void add_to(CLI::App& command);
    /// Declares the range that was given as the network's. Throws Error(bad_argument) where it is none.
    void declare_range(Network& network) const;
    /// How inputs of this network are to be read.
    InputForm form(const Network& network) const;
};

}  // namespace pellucid::cli
