/// The sub-commands of `pellucid`; each adds itself, its options and its work to the application.
#pragma once

#include <CLI/CLI.hpp>

namespace pellucid::cli {

void add_methods_command(CLI::App& app);
void add_explain_command(CLI::App& app);
void add_evaluate_command(CLI::App& app);
void add_digits_command(CLI::App& app);
void add_patterns_command(CLI::App& app);
void add_statistics_command(CLI::App& app);
void add_predict_command(CLI::App& app);
void add_ablate_command(CLI::App& app);
void add_cues_command(CLI::App& app);
void add_judge_command(CLI::App& app);
void add_audit_command(CLI::App& app);
void add_spray_command(CLI::App& app);

}  // namespace pellucid::cli
