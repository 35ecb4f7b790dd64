#include "progress.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"

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
    struct sigaction handler{};
    handler.sa_handler = [](int signal) {
        if (!stop.exchange(true)) return;
        // The second ends what does not stop.
        remove_unfinished_files();
        std::signal(signal, SIG_DFL);
        ::raise(signal);
    };
    handler.sa_flags = SA_RESTART;  // calls of the system go on, so that nothing else changes
    sigemptyset(&handler.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before{};
        const bool ignored = sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
        if (signal != SIGHUP || !ignored) sigaction(signal, &handler, nullptr);
    }
}

void stop_if_interrupted(const char* what) {
    if (interrupted()) fail(ErrorCode::cancelled, "stopped while {}", what);
}

void draw(const std::string& text) noexcept {
    (void)std::fwrite(text.data(), 1, text.size(), stderr);
    (void)std::fflush(stderr);
}

ProgressBar::ProgressBar(std::string label)
    : label_(std::move(label)),
      terminal_(isatty(STDERR_FILENO) == 1),
      begin_(std::chrono::steady_clock::now()),
      last_(begin_) {}

ProgressBar::~ProgressBar() {
    if (drawn_) draw("\r\x1b[K");
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
    draw(fmt::format("\r\x1b[K{} [{:=<{}}{:<{}}] {:3.0f} %, {:.0f} s left", label_, "", full, "", width - full,
                     100 * progress, left));
}

}  // namespace pellucid::cli
