/// `pellucid`: explain small CNNs from the command line. Exit codes: 0 done, 2 bad usage or input, 1 failure.
#include "commands.hpp"
#include "output.hpp"
#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/simd/kernels.hpp"
#include "train_command.hpp"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <unistd.h>

namespace {

using pellucid::cli::say;

int exit_code(pellucid::ErrorCode code) {
    using enum pellucid::ErrorCode;
    return code == internal || code == cancelled || code == exhausted ? 1 : 2;
}

/// CLI11 only says that a command is missing; people want to know which there are.
int refuse_command(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    const std::vector<std::string> others = app.remaining();
    say(fmt::format("pellucid: {}; there are {}",
                    others.empty() ? "a command is missing" : fmt::format("there is no command '{}'", others.front()),
                    fmt::join(names, ", ")));
    return 2;
}

/// What CLI11 wants to print: help and version on standard output, what was wrong on standard error.
int report_usage(const CLI::App& app, const CLI::ParseError& error) {
    std::ostringstream out, wrong;
    const int code = app.exit(error, out, wrong);
    pellucid::cli::print_text(out.str());
    std::string said = wrong.str();
    while (said.ends_with('\n')) said.pop_back();
    if (!said.empty()) say(said);
    return code == 0 ? 0 : 2;
}

/// An empty value is one that a script lost on the way; CLI11 would take it for 0 or for an option that was not given.
void refuse_empty_values(CLI::App& app) {
    for (CLI::Option* option :
         app.get_options([](const CLI::Option* each) { return each->get_items_expected_max() > 0; }))
        option->check([](const std::string& value) { return std::string(value.empty() ? "its value is empty" : ""); });
    for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) refuse_empty_values(*command);
}

int run(int argc, char** argv) {
    CLI::App app{"Explains the decisions of small convolutional networks.", "pellucid"};
    app.set_version_flag("--version", PELLUCID_VERSION);
    app.require_subcommand(1);
    app.failure_message(CLI::FailureMessage::simple);
    std::size_t threads = 0;
    app.add_option("--threads", threads, "most threads to use; 0: as many as there are cores")
        ->check(CLI::Range(0, 1024));
    app.parse_complete_callback([&] {
        pellucid::set_thread_limit(threads);
        (void)pellucid::simd::kernels();  // refuses a set that there is not, before there is work to lose
    });

    pellucid::cli::add_methods_command(app);
    pellucid::cli::add_explain_command(app);
    pellucid::cli::add_predict_command(app);
    pellucid::cli::add_ablate_command(app);
    pellucid::cli::add_evaluate_command(app);
    pellucid::cli::add_train_command(app);
    pellucid::cli::add_patterns_command(app);
    pellucid::cli::add_cues_command(app);
    pellucid::cli::add_statistics_command(app);
    pellucid::cli::add_digits_command(app);
    pellucid::cli::add_judge_command(app);
    pellucid::cli::add_audit_command(app);
    pellucid::cli::add_spray_command(app);
    refuse_empty_values(app);

    try {
        app.parse(argc, argv);
    } catch (const CLI::RequiredError& error) {
        return app.get_subcommands().empty() ? refuse_command(app) : report_usage(app, error);
    } catch (const CLI::ParseError& error) {
        return report_usage(app, error);
    }
    return 0;
}

/// A file that is opened must not become standard output or standard error because the caller closed those. What stands
/// in for them cannot be written, so that output that goes nowhere is noticed.
void hold_standard_descriptors() {
    for (int descriptor = 0; descriptor <= 2; ++descriptor) {
        if (fcntl(descriptor, F_GETFD) < 0) (void)open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
    }
}

/// Batches of one size are asked for again and again. glibc gives memory of that size back to the system each time, and
/// getting it again, page by page, took up to a quarter of a study's time.
void keep_memory() {
#if defined(__GLIBC__)
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 25);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 27);
#endif
}

constexpr const char* out_of_memory =
    "out of memory: the network, the inputs and what is computed of them need more than there is";

/// Where an exception cannot be caught (nlohmann-json's destructors allocate, and glibc aborts where a thread's
/// destructor cannot be registered), at least nothing is left half written, and the exit code is the promised one.
[[noreturn]] void end_at_once(const char* sentence) noexcept {
    pellucid::remove_unfinished_files();
    for (const std::string_view part :
         {std::string_view("pellucid: "), std::string_view(sentence), std::string_view("\n")})
        (void)!::write(STDERR_FILENO, part.data(), part.size());
    std::_Exit(1);
}

void watch_sudden_ends() {
    std::set_terminate([] {
        try {
            if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
        } catch (const std::bad_alloc&) {
            end_at_once(out_of_memory);
        } catch (const std::exception& error) {
            end_at_once(error.what());
        } catch (...) {
        }
        end_at_once("it had to stop at once: this is a defect");
    });
    std::signal(SIGABRT, [](int) { end_at_once("it had to stop at once: out of memory, or a defect"); });
}

}  // namespace

int main(int argc, char** argv) {
    hold_standard_descriptors();
    keep_memory();
    watch_sudden_ends();
    // A reader that goes away is an error like a full disk, not the end of an hour of training.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        const int code = run(argc, argv);
        pellucid::cli::close_output();
        return code;
    } catch (const pellucid::Error& error) {
        say(error.what(), "pellucid: ");
        return exit_code(error.code());
    } catch (const std::bad_alloc&) {
        say(out_of_memory, "pellucid: ");
        return 1;
    } catch (const std::exception& error) {
        say(error.what(), "pellucid: ");
        return 1;
    }
}
