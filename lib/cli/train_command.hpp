/// `pellucid train`: trains a network from a recipe file.
#pragma once

#include <CLI/CLI.hpp>

namespace pellucid::cli {

/// Adds the subcommand. It throws pellucid::Error where something is wrong, and with the code `cancelled` after Ctrl-C,
/// once the checkpoint is written.
void add_train_command(CLI::App& app);

}  // namespace pellucid::cli
