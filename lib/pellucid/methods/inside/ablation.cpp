#include "pellucid/methods/inside/ablation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/inside/reference_drawings.hpp"
#include "pellucid/ops.hpp"
#include "pellucid/random.hpp"

#include <charconv>
#include <cmath>

namespace pellucid::methods {

void describe(Fields& f, DamageParams& p) {
    f.choice("how", p.how, {"zero", "scale", "disturb", "mean"},
             "switched off, multiplied by the factor, with noise added, or at its mean over the data");
    f.real("factor", p.factor, {-100, 100}, "what the activity is multiplied by; 1 changes nothing")
        .when("how", {"scale"});
    f.real("noise", p.noise, {0, 100}, "deviation of the noise, as a share of the layer's").when("how", {"disturb"});
    f.random_seed("seed", p.seed, "seed of the noise");
}

namespace {

Tensor mean_over_data(const Request& request, ValueId layer) {
    const Tensor data = reference_drawings(request, 1000).images;
    Evaluator& evaluator = request.explainer.plain();
    if (data.size() == 0) {
        fail(ErrorCode::unsupported,
             "unit_ablation: how = mean needs data to take the mean of a unit over, and none were given that this "
             "network reads; zero, scale and disturb need none");
    }
    std::vector<double> sum(sample_size(evaluator.network().shape(layer)), 0.0);
    constexpr std::size_t at_a_time = 50;
    for (std::size_t first = 0; first < data.shape()[0]; first += at_a_time) {
        const std::size_t count = std::min(at_a_time, data.shape()[0] - first);
        const Tensor& value = evaluator.forward(batch_slice(data, first, count)).values[layer];
        ops::add_rows(sum, elements(value));
    }
    Tensor mean(with_batch(evaluator.network().shape(layer), 1));
    ops::mean_of(sum, static_cast<double>(data.shape()[0]), elements(mean));
    return mean;
}

/// a + noise·σ·ε.
void disturb(std::span<float> units, const DamageParams& p) {
    const auto count = static_cast<double>(units.size());
    const double mean = ops::sum(units) / count;
    const double deviation = std::sqrt(std::max(ops::sum_of_squares(units) / count - mean * mean, 0.0));
    Random random = stream(p.seed, Purpose::noise);
    for (float& a : units) a += static_cast<float>(static_cast<double>(p.noise) * deviation) * random.normal();
}

}  // namespace

Damager::Damager(const Request& request, ValueId layer, const DamageParams& p)
    : params_(p), mean_(p.how == Damage::mean ? mean_over_data(request, layer) : Tensor()) {}

Tensor Damager::operator()(const Tensor& value) const {
    switch (params_.how) {
        case Damage::zero: return zeros(value.shape());
        case Damage::mean: return repeat(mean_, value.shape()[0]);
        default: break;
    }
    Tensor changed = value;
    if (params_.how == Damage::scale) {
        ops::scale(elements(changed), params_.factor);
    } else {
        for (std::size_t n = 0; n < changed.shape()[0]; ++n) disturb(sample(changed, n), params_);
    }
    return changed;
}

namespace {

/// "3" or "3,4,5" as numbers; empty where it is neither.
std::vector<std::size_t> numbers_in(std::string_view text) {
    std::vector<std::size_t> numbers;
    while (true) {
        std::size_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{}) return {};
        numbers.push_back(number);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.empty()) return numbers;
        if (text.front() != ',') return {};
        text.remove_prefix(1);
    }
}

}  // namespace

std::vector<std::size_t> named_units(std::string_view method, const Network& network, ValueId layer,
                                     const std::string& text) {
    const Shape& shape = network.shape(layer);
    std::vector<std::size_t> units;
    const auto add_channel = [&](std::size_t channel) {
        for (std::size_t u = channel; u < sample_size(shape); u += shape[3]) units.push_back(u);
    };
    if (text == "all") {
        for (std::size_t channel = 0; channel < shape[3]; ++channel) add_channel(channel);
        return units;
    }
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(';', at), text.size());
        const std::vector<std::size_t> place = numbers_in(std::string_view(text).substr(at, end - at));
        const bool channel = place.size() == 1 && place[0] < shape[3];
        const bool unit = place.size() == 3 && place[0] < shape[3] && place[1] < shape[1] && place[2] < shape[2];
        if (!channel && !unit) {
            fail(
                ErrorCode::bad_argument,
                "{}: '{}' names no unit of the layer '{}'; units are a channel (0 to {}) or channel,row,column (rows 0 "
                "to {}, columns 0 to {}), several with ; between, or all",
                method, text.substr(at, std::min<std::size_t>(end - at, 40)), network.name(layer), shape[3] - 1,
                shape[1] - 1, shape[2] - 1);
        }
        if (channel)
            add_channel(place[0]);
        else
            units.push_back((place[1] * shape[2] + place[2]) * shape[3] + place[0]);
        at = end + 1;
    }
    return units;
}

}  // namespace pellucid::methods
