// Methods × targets × parameters × inputs on networks of many forms, as bytes choose them.
#include "draw.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/train/pattern_estimator.hpp"
#include "support/answers.hpp"
#include "support/random_network.hpp"
#include "support/resources.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace pellucid::fuzz {

namespace {

constexpr std::size_t network_count = 24;

/// Made when first asked for, and kept: an explainer serves request after request elsewhere, too.
Explainer& explainer_of(std::size_t index) {
    static std::array<std::unique_ptr<Explainer>, network_count> explainers;
    if (!explainers[index]) {
        test::RandomNetworkOptions options;
        options.softmax = index % 6 == 0;
        explainers[index] =
            std::make_unique<Explainer>(test::random_network(static_cast<std::uint32_t>(index), options));
        if (index % 2 == 0) test::give_resources(*explainers[index]);
    }
    return *explainers[index];
}

std::string layer_name(Draw& draw, const Network& network) {
    if (draw.below(8) == 0) return draw.text(12);
    return std::string(network.name(draw.below(network.nodes().size() + 1)));
}

std::string target_text(Draw& draw, const Network& network) {
    const auto index = [&] { return draw.below(12); };
    switch (draw.below(9)) {
        case 0: return draw.text(24);
        case 1: return fmt::format("class:{}", index());
        case 2: return fmt::format("prob:{}", index());
        case 3: return fmt::format("contrast:{}-{}", index(), index());
        case 4: return fmt::format("neuron:{}/{}", layer_name(draw, network), index());
        case 5: return fmt::format("neuron:{}/{},{},{}", layer_name(draw, network), index(), index(), index());
        case 6: return fmt::format("channel:{}/{}", layer_name(draw, network), index());
        case 7: return fmt::format("norm:{}", layer_name(draw, network));
        default: return "predicted";
    }
}

Tensor image(Draw& draw, const Network& network, std::size_t count) {
    Tensor result = test::random_batch(network, count, static_cast<std::uint32_t>(draw.below(4)));
    // A few of its numbers are others.
    for (std::size_t i = draw.below(4); i > 0; --i) {
        const std::size_t place = (draw.below(256) << 8U | draw.below(256)) % result.size();
        result.data()[place] = static_cast<float>(std::clamp(draw.number(0.0, 1.0), -3.4e38, 3.4e38));
    }
    if (draw.below(64) == 0) std::fill_n(result.data(), result.size(), draw.any_float());
    return result;
}

void set_param(Draw& draw, const Network& network, const ParamCard& card, Params& params) {
    switch (card.type) {
        case ParamType::real: params.set(card.name, ParamValue(draw.number(card.min, card.max))); break;
        case ParamType::integer: {
            // Many samples, points and steps are the same again and again, only slower.
            const std::int64_t least = std::isfinite(card.min) ? static_cast<std::int64_t>(card.min) : 0;
            params.set(card.name, ParamValue(least + static_cast<std::int64_t>(draw.below(9)) - 1));
            break;
        }
        case ParamType::flag: params.set(card.name, ParamValue(draw.chance())); break;
        case ParamType::choice:
            params.set(card.name, std::string_view(card.choices[draw.below(card.choices.size())]));
            break;
        case ParamType::text:
            params.set(card.name, ParamValue(draw.chance() ? layer_name(draw, network) : draw.text(24)));
            break;
        case ParamType::image:
            params.set(card.name, ParamValue(std::make_shared<const Tensor>(image(draw, network, 1 + draw.below(2)))));
            break;
    }
}

/// Defaults that take less time: few steps, samples, points, searches, whatever they are called.
Params quick_params(const Card& card) {
    Params params(card);
    for (const ParamCard& param : card.params) {
        if (param.type != ParamType::integer || param.name.ends_with("seed")) continue;
        if (std::get<std::int64_t>(param.fallback) > 3)
            params.set(param.name, ParamValue(static_cast<std::int64_t>(std::max(param.min, 3.0))));
    }
    return params;
}

/// What the card and the result's types promise.
void expect_promises(const Card& card, const Result& result, const Tensor& input) {
    const std::size_t samples = input.shape()[0];
    expect(result.value.size() == samples, "a value per sample");
    std::size_t next = 0;
    for (const Output& output : card.outputs) {
        if (next == result.items.size() || result.items[next].first != output.name) {
            expect(output.optional, "every output that the card declares");
            continue;
        }
        const Item& item = result.items[next++].second;
        expect(static_cast<std::size_t>(output.kind) == item.index(), "outputs of the kinds that the card declares");
        expect(output.kind == ItemKind::table || test::samples_of(item) == samples, "everything for every sample");
    }
    expect(next == result.items.size(), "nothing but what the card declares");
    if (const auto* map = std::get_if<Map>(&result.items.front().second)) {
        const auto& shape = map->data.shape();
        expect(shape[1] == input.shape()[1] && shape[2] == input.shape()[2],
               "the map has the input's rows and columns");
    }
}

}  // namespace

void run_methods(Input bytes) {
    Draw draw(bytes);
    const Method& method = all_methods()[draw.below(all_methods().size())];
    Explainer& explainer = explainer_of(draw.below(network_count));
    const Network& network = explainer.network();
    ended_well([&] {
        Params params = quick_params(method.card);
        const Target target = Target::parse(target_text(draw, network));
        for (std::size_t i = draw.below(4); i > 0 && !method.card.params.empty(); --i) {
            const ParamCard& card = method.card.params[draw.below(method.card.params.size())];
            // One that is refused leaves the others as they are.
            ended_well([&] { set_param(draw, network, card, params); });
        }
        const bool layerwise = draw.below(4) == 0;
        const Tensor input = image(draw, network, 1 + draw.below(2));
        const Result result = explain(method, {explainer, input, target, params, layerwise});
        expect_promises(method.card, result, input);
    });
}

}  // namespace pellucid::fuzz
