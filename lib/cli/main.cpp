/// `pellucid`: explain small CNNs from the command line. Exit codes: 0 done, 2 bad usage or input, 1 failure.
#include "commands.hpp"
#include "pellucid/error.hpp"
#include "pellucid/parallel.hpp"
#include "train_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace {

int exit_code(pellucid::ErrorCode code) {
    using enum pellucid::ErrorCode;
    return code == internal || code == cancelled ? 1 : 2;
}

/// CLI11 only says that a command is missing; people want to know which there are.
int refuse_command(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    const std::vector<std::string> others = app.remaining();
    fmt::print(stderr, "pellucid: {}; there are {}\n",
               others.empty() ? "a command is missing" : fmt::format("there is no command '{}'", others.front()),
               fmt::join(names, ", "));
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Explains the decisions of small convolutional networks.", "pellucid"};
    app.set_version_flag("--version", PELLUCID_VERSION);
    app.require_subcommand(1);
    app.failure_message(CLI::FailureMessage::simple);
    std::size_t threads = 0;
    app.add_option("--threads", threads, "most threads to use; 0: as many as there are cores")
        ->check(CLI::Range(0, 1024));
    app.parse_complete_callback([&] { pellucid::set_thread_limit(threads); });

    pellucid::cli::add_methods_command(app);
    pellucid::cli::add_explain_command(app);
    pellucid::cli::add_evaluate_command(app);
    pellucid::cli::add_train_command(app);
    pellucid::cli::add_patterns_command(app);
    pellucid::cli::add_digits_command(app);

    try {
        app.parse(argc, argv);
        return 0;
    } catch (const CLI::RequiredError& error) {
        return app.get_subcommands().empty() ? refuse_command(app) : (app.exit(error), 2);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const pellucid::Error& error) {
        fmt::print(stderr, "pellucid: {}\n", error.what());
        return exit_code(error.code());
    } catch (const std::exception& error) {
        fmt::print(stderr, "pellucid: {}\n", error.what());
        return 1;
    }
}
