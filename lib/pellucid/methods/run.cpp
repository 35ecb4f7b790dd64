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

std::vector<Tensor> list_of(Tensor&& first) {
    std::vector<Tensor> list(1);
    list[0] = std::move(first);
    return list;
}

std::vector<Tensor> list_of(Tensor&& first, Tensor&& second) {
    std::vector<Tensor> list(2);
    list[0] = std::move(first);
    list[1] = std::move(second);
    return list;
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

}  // namespace pellucid
