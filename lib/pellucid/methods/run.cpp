#include "pellucid/methods/run.hpp"

#include "pellucid/error.hpp"

#include <algorithm>

namespace pellucid {

double State::progress() const {
    if (finished) return 1.0;
    const auto bound = static_cast<double>(std::max(most, done + 1));
    return static_cast<double>(done) / bound;
}

bool Run::step() {
    if (finished()) return false;
    advance(done_);
    ++done_;
    return true;
}

std::vector<Tensor> Run::compute(std::size_t) {
    fail(ErrorCode::unsupported, "the parts of this method need each other: they cannot be computed apart");
}

void Run::take(std::size_t, const std::vector<Tensor>&) {
    fail(ErrorCode::unsupported, "the parts of this method need each other: they cannot be computed apart");
}

void Run::absorb(std::size_t part, const std::vector<Tensor>& computed) {
    if (part != done_ || finished()) {
        fail(ErrorCode::bad_argument, "part {} of {} cannot be absorbed now: part {} is next", part, most(), done_);
    }
    take(part, computed);
    ++done_;
}

namespace {

class SingleRun final : public Run {
public:
    explicit SingleRun(std::function<Result()> work) : work_(std::move(work)) {}
    std::size_t most() const override { return 1; }
    Result snapshot() override {
        if (done() == 0) fail(ErrorCode::bad_argument, "nothing has been computed yet: step the run first");
        return result_;
    }

protected:
    void advance(std::size_t) override { result_ = work_(); }

private:
    std::function<Result()> work_;
    Result result_;
};

}  // namespace

std::unique_ptr<Run> single_run(std::function<Result()> work) { return std::make_unique<SingleRun>(std::move(work)); }

}  // namespace pellucid
