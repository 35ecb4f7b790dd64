#include "pellucid/methods/method.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/finite.hpp"
#include "pellucid/methods/targets_run.hpp"

#include <algorithm>

namespace pellucid {

Method method_of(Card&& card, void (*declare)(Fields&), std::unique_ptr<Run> (*run)(const Request&)) {
    add_params(card, declare);
    return {std::move(card), run, nullptr};
}

Method method_of(Card&& card, void (*declare)(Fields&), Result (*answer)(const Request&)) {
    add_params(card, declare);
    return {std::move(card), nullptr, answer};
}

const Method& find_method(std::string_view id) {
    std::vector<std::string> ids;
    for (const Method& method : all_methods()) {
        if (method.card.id == id) return method;
        ids.emplace_back(method.card.id);
    }
    fail(ErrorCode::bad_argument, "there is no method '{}'; there are {}", id, comma_separated(ids));
}

void check_input(const Tensor& input, const Network& network) {
    const Shape& wanted = network.input_shape();
    if (input.shape()[0] == 0 || Shape(with_batch(input.shape(), 1)) != with_batch(wanted, 1)) {
        fail(ErrorCode::bad_shape,
             "the input has shape {} (samples, rows, columns, channels); the network reads (N, {}, {}, {})",
             to_string(Shape(input.shape())), wanted[1], wanted[2], wanted[3]);
    }
    const float* const wrong = find_not_finite(elements(input));
    if (wrong == nullptr) return;
    fail(ErrorCode::bad_argument, "the input's element {} is {}; every element must be a finite number",
         wrong - input.data(), *wrong);
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
    std::size_t most() const override { return inner_->most(); }
    bool finished() const override { return inner_->finished(); }
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

void check_answered(const Target& target, const Card& card, const Network& network) {
    if (std::ranges::find(card.targets, target.kind) == card.targets.end()) {
        std::vector<std::string> words;
        for (const TargetKind kind : card.targets) words.emplace_back(to_string(kind));
        fail(ErrorCode::bad_argument, "{} does not answer the target '{}'; it takes {}", card.id, target.text(),
             comma_separated(words));
    }
    check_target(target, network);
}

/// Targets for each sample that are all the same are one target.
void share_targets(Request& request) {
    std::vector<Target>& targets = request.targets;
    if (targets.empty()) return;
    const std::size_t samples = request.input.shape()[0];
    if (targets.size() != 1 && targets.size() != samples) {
        fail(ErrorCode::bad_argument, "there are {} targets for {} inputs: one for all is right, or one for each",
             targets.size(), samples);
    }
    request.target = targets.front();
    const std::string first = request.target.text();
    if (std::ranges::all_of(targets, [&](const Target& target) { return target.text() == first; })) targets.clear();
}

/// Images that belong to the inputs have their shape: one for all, or one each.
void check_images(const Request& request) {
    const Shape inputs = request.input.shape();
    for (const ParamCard& param : request.params.card().params) {
        if (param.role != ParamRole::per_input) continue;
        const auto& image = std::get<std::shared_ptr<const Tensor>>(request.params.value(param.name));
        if (image == nullptr) continue;
        const Shape given = image->shape();
        if (with_batch(given, 1) != with_batch(inputs, 1) || (given[0] != 1 && given[0] != inputs[0])) {
            fail(ErrorCode::bad_shape, "{}: a {} of shape {} does not fit inputs of shape {}", request.params.card().id,
                 param.name, to_string(given), to_string(inputs));
        }
    }
}

/// What the method needs beside the network is there, and fits it.
void settle_resources(Request& request, const Card& card) {
    if (request.with) request.explainer.set_resources(request.with);
    request.with = request.explainer.resources();
    for (const Role role : card.needs) request.with->check_given(role, card.id);
    if (needs(card, Role::data)) request.with->check_fits(request.explainer.network());
}

/// Throws where the request does not fit network and card, and settles what it left open.
void settle_request(Request& request, const Method& method) {
    const Network& network = request.explainer.network();
    check_input(request.input, network);
    share_targets(request);
    check_answered(request.target, method.card, network);
    for (const Target& target : request.targets) check_answered(target, method.card, network);
    const std::optional<InputRange> declared = declared_range(network);
    if (declared) check_bounds(request.input, network);
    request.params.follow(declared.value_or(InputRange{}));
    check_images(request);
    settle_resources(request, method.card);
}

class SingleRun final : public Run {
public:
    SingleRun(Request request, Result (*answer)(const Request&)) : request_(std::move(request)), answer_(answer) {}
    std::size_t most() const override { return 1; }
    Result snapshot() override {
        if (done() == 0) fail(ErrorCode::bad_argument, "nothing has been computed yet: step the run first");
        return result_;
    }

protected:
    void advance(std::size_t) override { result_ = answer_(request_); }

private:
    Request request_;
    Result (*answer_)(const Request&);
    Result result_;
};

}  // namespace

std::unique_ptr<Run> Method::start(Request request) const {
    if (answer != nullptr) return std::make_unique<SingleRun>(std::move(request), answer);
    return run(request);
}

std::unique_ptr<Run> start(const Method& method, Request request) {
    settle_request(request, method);
    if (!request.targets.empty()) return run_by_targets(method, std::move(request));
    KeptPasses& passes = request.explainer.kept_passes();
    const bool layerwise = request.layerwise;
    std::unique_ptr<Run> run = method.start(std::move(request));
    if (layerwise) return std::make_unique<LayerwiseRun>(std::move(run), passes);
    return run;
}

Result explain(const Method& method, Request request) {
    if (method.answer != nullptr && request.targets.empty() && !request.layerwise) {
        settle_request(request, method);
        return method.answer(request);
    }
    const auto run = start(method, std::move(request));
    while (run->step()) {
    }
    return run->snapshot();
}

}  // namespace pellucid
