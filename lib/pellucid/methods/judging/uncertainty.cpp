/// uncertainty: how sure is a map? Mean and deviation under Monte Carlo dropout. Gal & Ghahramani 2016; Bykov et al. 2020.
///
/// Each of T passes drops units of the network's Dropout layers by a mask of its own, the same for all inputs:
///   map = mean over t of map(x; mask t),  deviation = √(Σ_t (map_t − map)² / (T − 1)), pixel by pixel
///   spread = ‖deviation‖₂ / ‖map‖₂;  value_mean and value_deviation: of the target's number (a class's probability)
/// Masks follow from seed, layer and t alone. Needs a network with Dropout in its file; any other is refused.
/// Shapes: map and deviation as the method's. Cost: T maps and T copies of the network.
#include "pellucid/methods/judging/changed_network.hpp"
#include "pellucid/methods/judging/lens.hpp"

#include "pellucid/error.hpp"

namespace pellucid::methods {

namespace {

struct UncertaintyParams {
    LensParams lens;
    std::size_t samples = 20;
    std::uint32_t seed = 0;
};

void describe(Fields& f, UncertaintyParams& p) {
    describe_lens(f, p.lens);
    f.integer("samples", p.samples, {2, 10000}, "passes, each with a mask of its own");
    f.random_seed("seed", p.seed, "seed of the masks");
}

class UncertaintyRun final : public PartedRun {
public:
    UncertaintyRun(const Request& request, const UncertaintyParams& p)
        : request_(request),
          params_(p),
          lens_("uncertainty", p.lens),
          settled_(settle_targets(request, request.explainer.plain())) {
        (void)with_dropout_masks(request.explainer.network(), 0, 0);  // refuses networks without
        if (needs(lens_.card(), Role::patterns)) {
            fail(ErrorCode::unsupported,
                 "uncertainty cannot judge {}: its patterns belong to the whole network, and not to "
                 "one that lacks units; a method that reads the weights alone is right, such as lrp",
                 lens_.card().id);
        }
    }

    std::size_t parts() const override { return params_.samples; }

    /// Maps and the target's numbers under mask `part`.
    std::vector<Tensor> compute(std::size_t part) override {
        Explainer explainer(with_dropout_masks(request_.explainer.network(), params_.seed, part));
        lens_.hand_on(request_.explainer, explainer);
        const std::size_t samples = request_.input.shape()[0];
        Tensor values(Shape{samples, 1, 1, 1});
        for (std::size_t n = 0; n < samples; ++n) {
            values.data()[n] = static_cast<float>(
                explainer.plain().values(batch_slice(request_.input, n, 1), readable(settled_.targets[n]))[0]);
        }
        return {lens_.ask(explainer, request_.input, settled_.targets), std::move(values)};
    }

    Result snapshot() override {
        if (done() == 0) fail(ErrorCode::bad_argument, "nothing has been computed yet: step the run first");
        Result result;
        result.value = settled_.values;
        const auto count = static_cast<double>(done());
        Tensor mean(map_shape_), deviation(map_shape_);
        const auto moments = [&](double sum, double squares) {
            const double average = sum / count;
            return std::pair{
                average,
                count < 2 ? 0.0 : std::sqrt(std::max(0.0, (squares - count * average * average) / (count - 1)))};
        };
        for (std::size_t i = 0; i < mean.size(); ++i) {
            const auto [average, spread] = moments(sums_[i], squares_[i]);
            mean.data()[i] = static_cast<float>(average);
            deviation.data()[i] = static_cast<float>(spread);
        }
        Scalar share, value_mean, value_deviation;
        for (std::size_t n = 0; n < map_shape_[0]; ++n) {
            const auto length = [&](const Tensor& t) {
                double square = 0;
                for (const float v : sample(t, n)) square += static_cast<double>(v) * static_cast<double>(v);
                return std::sqrt(square);
            };
            share.per_sample.push_back(length(deviation) / length(mean));
            const auto [average, spread] = moments(value_sums_[n], value_squares_[n]);
            value_mean.per_sample.push_back(average);
            value_deviation.per_sample.push_back(spread);
        }
        result.add("map", Map{std::move(mean)});
        result.add("deviation", Map{std::move(deviation)});
        result.add("spread", std::move(share));
        result.add("value_mean", std::move(value_mean));
        result.add("value_deviation", std::move(value_deviation));
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto add = [&](const Tensor& from, std::vector<double>& sums, std::vector<double>& squares) {
            sums.resize(from.size());
            squares.resize(from.size());
            for (std::size_t i = 0; i < from.size(); ++i) {
                const auto v = static_cast<double>(from.data()[i]);
                sums[i] += v;
                squares[i] += v * v;
            }
        };
        if (part == 0) map_shape_ = computed[0].shape();
        add(computed[0], sums_, squares_);
        add(computed[1], value_sums_, value_squares_);
    }

private:
    Request request_;
    UncertaintyParams params_;
    Lens lens_;
    SettledTargets settled_;
    Shape map_shape_{};
    std::vector<double> sums_, squares_, value_sums_, value_squares_;
};

std::unique_ptr<Run> start_uncertainty(const Request& request, const UncertaintyParams& p) {
    return std::make_unique<UncertaintyRun>(request, p);
}

}  // namespace

Method uncertainty() {
    return define<UncertaintyParams, start_uncertainty>(
        {.id = "uncertainty",
         .family = "judging",
         .title = "Uncertainty of a map",
         .question = "How much of the map would be there with other units of the same network?",
         .formula =
             R"(\bar R = \frac1T\sum_t R(x;m_t),\quad \sigma_i = \sqrt{\tfrac{1}{T-1}\sum_t (R_i(x;m_t)-\bar R_i)^2})",
         .reference = {"Gal, Ghahramani",
                       "Dropout as a Bayesian Approximation: Representing Model Uncertainty in Deep Learning", 2016,
                       "ICML"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values, "the mean map"),
                     map_output(MapKind::positive, "how far single passes stray from it", "deviation"),
                     scalar_output("spread", "share", "the deviation's length over the mean map's"),
                     scalar_output("value_mean", "share", "mean of the target's probability, or of its value"),
                     scalar_output("value_deviation", "share", "its deviation")},
         .caveat =
             "It measures how much hangs on single units, as far as dropout stands for that; a network may be wrong "
             "with certainty.",
         .progressive = true,
         .subject = SubjectKind::attribution,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
