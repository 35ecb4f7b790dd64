#include "pellucid/methods/judging/lens.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/judging/order.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

void describe_lens(Fields& f, LensParams& p) {
    f.method("method", p.method, "the method whose maps are judged");
    f.text("method_params", p.settings, "its parameters, key=value,key=value");
}

void describe_judged(Fields& f, LensParams& p) {
    describe_lens(f, p);
    f.image("attribution", p.attribution, "the map to judge, in place of what the method answers").maps().rarely();
}

Params parse_settings(const Card& card, std::string_view settings) {
    Params params(card);
    const auto role_of = [&](std::string_view name) {
        const auto found =
            std::find_if(card.params.begin(), card.params.end(), [&](const ParamCard& p) { return p.name == name; });
        return found == card.params.end() ? ParamRole::plain : found->role;
    };
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!settings.empty()) {
        const std::size_t comma = std::min(settings.find(','), settings.size());
        const std::string_view part = settings.substr(0, comma);
        settings.remove_prefix(std::min(comma + 1, settings.size()));
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            fail(ErrorCode::bad_argument,
                 "method_params are key=value,key=value, as in epsilon=0.1,rule=gamma; '{}' is not", part);
        }
        const std::string_view key = part.substr(0, equals);
        const bool known =
            std::any_of(card.params.begin(), card.params.end(), [&](const ParamCard& p) { return p.name == key; });
        if (!known && !pairs.empty() && role_of(pairs.back().first) == ParamRole::rules) {
            pairs.back().second += "," + std::string(part);
        } else {
            pairs.emplace_back(key, part.substr(equals + 1));
        }
    }
    for (const auto& [key, value] : pairs) params.set(key, std::string_view(value));
    return params;
}

namespace {

bool gives_relevance(const Card& card) {
    const Output& first = card.outputs.front();
    return card.subject == SubjectKind::input && first.kind == ItemKind::map &&
           (first.map == MapKind::signed_values || first.map == MapKind::positive);
}

}  // namespace

Tensor fitted_maps(const Tensor& maps, const Tensor& input, std::string_view judge) {
    const Shape shape = maps.shape();
    const auto [count, height, width, channels] = input.shape();
    const bool fits = shape[1] == height && shape[2] == width && (shape[3] == 1 || shape[3] == channels) &&
                      (shape[0] == count || shape[0] == 1);
    if (!fits) {
        fail(ErrorCode::bad_shape, "{}: a map of shape {} does not fit inputs of shape {}; ({}, {}, {}, 1) does", judge,
             to_string(shape), to_string(Shape(input.shape())), count, height, width);
    }
    return shape[0] == count ? maps : repeat(maps, count);
}

Lens::Lens(std::string_view judge, const LensParams& p)
    : judge_(judge),
      method_(find_method(p.method)),
      params_(parse_settings(method_.card, p.settings)),
      given_(p.attribution) {
    if (!gives_relevance(method_.card)) {
        std::vector<std::string_view> fitting;
        for (const Method& method : all_methods()) {
            if (gives_relevance(method.card)) fitting.push_back(method.card.id);
        }
        fail(ErrorCode::bad_argument, "{} judges maps of what matters in the input, and {} gives none; there are {}",
             judge, method_.card.id, comma_separated(fitting));
    }
}

Tensor Lens::judged(const Request& request) const {
    if (given_) return fitted_maps(*given_, request.input, judge_);
    return fitted_maps(explain(method_, {request.explainer, request.input, request.target, params_}).map(),
                       request.input, judge_);
}

Tensor Lens::judged(const Request& request, std::size_t n, const Target& target) const {
    const Tensor one = batch_slice(request.input, n, 1);
    if (given_ && given_->shape()[0] == request.input.shape()[0]) {
        return fitted_maps(batch_slice(*given_, n, 1), one, judge_);
    }
    if (given_) return batch_slice(fitted_maps(*given_, request.input, judge_), n, 1);
    return fitted_maps(explain(method_, {request.explainer, one, target, params_}).map(), one, judge_);
}

Tensor Lens::ask(Explainer& explainer, const Tensor& inputs, const Target& target) const {
    Request request{explainer, inputs, target, params_};
    request.params.follow(input_range(explainer.network()));
    request.with = explainer.resources();
    for (const Role role : card().needs) request.with->check_given(role, card().id);
    // Not by start(): a neighbour of an input may lie a little outside of the range that the model declares.
    const std::unique_ptr<Run> run = method_.start(std::move(request));
    while (run->step()) {
    }
    return fitted_maps(run->snapshot().map(), inputs, judge_);
}

Tensor Lens::ask(Explainer& explainer, const Tensor& inputs, const std::vector<Target>& targets) const {
    std::vector<std::string> texts;
    for (const Target& target : targets) texts.push_back(target.text());
    Tensor all;
    std::vector<char> done(targets.size(), 0);
    for (std::size_t n = 0; n < targets.size(); ++n) {
        if (done[n]) continue;
        std::vector<std::size_t> same;
        for (std::size_t m = n; m < targets.size(); ++m) {
            if (texts[m] == texts[n]) same.push_back(m);
        }
        Tensor batch(with_batch(inputs.shape(), same.size()));
        for (std::size_t i = 0; i < same.size(); ++i)
            std::ranges::copy(sample(inputs, same[i]), sample(batch, i).begin());
        const Tensor maps = ask(explainer, batch, targets[n]);
        if (n == 0) all = Tensor(with_batch(maps.shape(), targets.size()));
        for (std::size_t i = 0; i < same.size(); ++i) {
            std::ranges::copy(sample(maps, i), sample(all, same[i]).begin());
            done[same[i]] = 1;
        }
    }
    return all;
}

void Lens::hand_on(const Explainer& from, Explainer& to) const {
    const Resources& there = *from.resources();
    for (const Role role : card().needs) {
        if (role == Role::patterns || !there.has(role)) continue;
        if (is_network(role)) to.attach(role, there.network(role));
        if (role == Role::data) to.attach(there.data());
        if (role == Role::strokes) to.attach(there.strokes());
    }
}

Target readable(Target target) {
    if (target.kind == TargetKind::logit) target.kind = TargetKind::probability;
    return target;
}

std::vector<double> by_pixel(const Tensor& map, std::size_t n) { return ops::row_sums(sample(map, n), map.shape()[3]); }

std::vector<std::uint32_t> ranked(const std::vector<double>& relevance) { return descending(relevance); }

}  // namespace pellucid::methods
