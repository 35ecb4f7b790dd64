#include "pellucid/methods/method.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace pellucid {

namespace methods {
#define PELLUCID_METHOD(id) Method id();
#include "pellucid/methods/list.inc"
#undef PELLUCID_METHOD
}  // namespace methods

std::span<const Method> all_methods() {
    static const std::array list{
#define PELLUCID_METHOD(id) methods::id(),
#include "pellucid/methods/list.inc"
#undef PELLUCID_METHOD
    };
    return list;
}

const Method& find_method(std::string_view id) {
    std::vector<std::string> ids;
    for (const Method& method : all_methods()) {
        if (method.card.id == id) return method;
        ids.emplace_back(method.card.id);
    }
    fail(ErrorCode::bad_argument, "there is no method '{}'; there are {}", id, fmt::join(ids, ", "));
}

void check_input(const Tensor& input, const Network& network) {
    const Shape& wanted = network.input_shape();
    if (input.shape()[0] == 0 || Shape(with_batch(input.shape(), 1)) != with_batch(wanted, 1)) {
        fail(ErrorCode::bad_shape,
             "the input has shape {} (samples, rows, columns, channels); the network reads (N, {}, {}, {})",
             to_string(Shape(input.shape())), wanted[1], wanted[2], wanted[3]);
    }
    for (std::size_t i = 0; i < input.size(); ++i) {
        if (!std::isfinite(input.data()[i])) {
            fail(ErrorCode::bad_argument, "the input's element {} is {}; every element must be a finite number", i,
                 input.data()[i]);
        }
    }
}

namespace {

/// Passes are wanted as long as this lives.
class Keeping {
public:
    explicit Keeping(KeptPasses& passes) : passes_(passes) { passes_ = {.wanted = true}; }
    ~Keeping() { passes_ = {}; }
    Keeping(const Keeping&) = delete;
    Keeping& operator=(const Keeping&) = delete;

private:
    KeptPasses& passes_;
};

/// A run whose backward pass is kept. Methods of several passes have no single one to show.
class LayerwiseRun final : public Run {
public:
    LayerwiseRun(std::unique_ptr<Run> inner, KeptPasses& passes) : inner_(std::move(inner)), passes_(passes) {}
    std::size_t parts() const override { return inner_->parts(); }
    Result snapshot() override {
        Result result = inner_->snapshot();
        if (count_ == 1 && !result.ledger.empty()) result.layerwise = pass_;
        return result;
    }

protected:
    void advance(std::size_t) override {
        const Keeping keeping(passes_);
        inner_->step();
        count_ += passes_.count;
        pass_ = std::move(passes_.last);
    }

private:
    std::unique_ptr<Run> inner_;
    KeptPasses& passes_;
    std::size_t count_ = 0;
    std::shared_ptr<const Layerwise> pass_;
};

}  // namespace

std::unique_ptr<Run> start(const Method& method, Request request) {
    const Network& network = request.explainer.network();
    check_input(request.input, network);
    const auto& kinds = method.card.targets;
    if (std::find(kinds.begin(), kinds.end(), request.target.kind) == kinds.end()) {
        std::vector<std::string> words;
        for (const TargetKind kind : kinds) words.emplace_back(to_string(kind));
        fail(ErrorCode::bad_argument, "{} does not answer the target '{}'; it takes {}", method.card.id,
             request.target.text(), fmt::join(words, ", "));
    }
    check_target(request.target, network);
    if (declared_range(network)) check_bounds(request.input, network);
    request.params.follow(input_range(network));
    std::unique_ptr<Run> run = method.start(request);
    if (request.layerwise) return std::make_unique<LayerwiseRun>(std::move(run), request.explainer.kept_passes());
    return run;
}

Result explain(const Method& method, Request request) {
    const auto run = start(method, std::move(request));
    while (run->step()) {
    }
    return run->snapshot();
}

}  // namespace pellucid
