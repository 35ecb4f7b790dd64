/// Progress on a terminal, and being stopped without losing what is done.
#pragma once

#include <chrono>
#include <string>

namespace pellucid::cli {

/// True after the first SIGINT (Ctrl-C), SIGTERM or SIGHUP since watch_interrupt(); a second one ends the process as
/// usual. A SIGHUP that the caller ignores (nohup) stays ignored.
bool interrupted();
void watch_interrupt();

/// Error(cancelled) where interrupted(): "stopped while …".
void stop_if_interrupted(const char* what);

/// To standard error as it is, at once; for what is drawn over. Never fails.
void draw(const std::string& text) noexcept;

/// A bar on standard error, drawn at most ten times a second and only where that is a terminal.
class ProgressBar {
public:
    explicit ProgressBar(std::string label);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    /// progress in [0, 1].
    void show(double progress);

private:
    std::string label_;
    bool terminal_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point begin_, last_;
};

}  // namespace pellucid::cli
