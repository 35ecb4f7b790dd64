#include "progress.hpp"

#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <unistd.h>
#include <utility>

namespace pellucid::cli {

namespace {
std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may write it only then");
}  // namespace

bool interrupted() { return stop; }

void watch_interrupt() {
    stop = false;
    std::signal(SIGINT, [](int) {
        stop = true;
        std::signal(SIGINT, SIG_DFL);
    });
}

ProgressBar::ProgressBar(std::string label)
    : label_(std::move(label)),
      terminal_(isatty(STDERR_FILENO) == 1),
      begin_(std::chrono::steady_clock::now()),
      last_(begin_) {}

ProgressBar::~ProgressBar() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressBar::show(double progress) {
    const auto now = std::chrono::steady_clock::now();
    if (!terminal_ || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    constexpr int width = 30;
    const int full = static_cast<int>(progress * width);
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double left = progress > 0 ? seconds * (1 - progress) / progress : 0;
    fmt::print(stderr, "\r\x1b[K{} [{:=<{}}{:<{}}] {:3.0f} %, {:.0f} s left", label_, "", full, "", width - full,
               100 * progress, left);
    std::fflush(stderr);
}

}  // namespace pellucid::cli
