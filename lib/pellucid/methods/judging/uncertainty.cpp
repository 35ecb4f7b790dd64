/// uncertainty: how sure is a map, and how sure is the network? Two kinds, by what the network offers.
///
/// dropout: each of T passes drops units of the network's Dropout layers by a mask of its own, the same for all inputs
/// (Gal & Ghahramani 2016; Bykov et al. 2020):
///   map = mean over t of map(x; mask t),  deviation = √(Σ_t (map_t − map)² / (T − 1)), pixel by pixel
///   spread = ‖deviation‖₂ / ‖map‖₂;  value_mean and value_deviation: of the target's number (a class's probability)
/// Masks follow from seed, layer and t alone. By the lens deeplift these are contributions with a mean and a deviation.
///
/// evidential: the logits are evidence e_k = f(z_k), of which a Dirichlet distribution with α = e + 1, S = Σ α follows
/// (nn/evidence.hpp; Sensoy, Kaplan, Kandemir 2018):
///   vacuity u = K/S;  expected_k = α_k/S;  value_mean = α_t/S, value_deviation its deviation under that distribution
///   map = the lens's map of what is known, 1 − u: above 0 is what takes doubt away (judging/evidential.hpp)
///
/// auto is evidential where the network is, else dropout. A network that has neither is refused.
/// Shapes: map and deviation as the method's. Cost: T maps and T copies of the network; evidential one of each.
#include "pellucid/methods/judging/changed_network.hpp"
#include "pellucid/methods/judging/evidential.hpp"
#include "pellucid/methods/judging/lens.hpp"

#include "pellucid/error.hpp"
#include "pellucid/ops.hpp"

namespace pellucid::methods {

namespace {

enum class UncertaintyKind : std::uint8_t { automatic, dropout, evidential };

struct UncertaintyParams {
    LensParams lens;
    UncertaintyKind kind = UncertaintyKind::automatic;
    std::size_t samples = 20;
    std::uint32_t seed = 0;
};

void describe(Fields& f, UncertaintyParams& p) {
    describe_lens(f, p.lens);
    f.choice("kind", p.kind, {"auto", "dropout", "evidential"},
             "what tells how sure it is: passes that differ by dropout, or evidence in one (Sensoy et al. 2018); "
             "auto goes by the network");
    f.integer("samples", p.samples, {2, 10000}, "passes of dropout, each with a mask of its own")
        .when("kind", {"auto", "dropout"});
    f.random_seed("seed", p.seed, "seed of the masks").when("kind", {"auto", "dropout"});
}

class UncertaintyRun final : public PartedRun {
public:
    UncertaintyRun(const Request& request, const UncertaintyParams& p, const Lens& lens)
        : request_(request), params_(p), lens_(lens), settled_(settle_targets(request, request.explainer.plain())) {
        (void)with_dropout_masks(request.explainer.network(), 0, 0);  // refuses networks without
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
        return list_of(lens_.ask(explainer, request_.input, settled_.targets), std::move(values));
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
            share.per_sample.push_back(ops::length(sample(deviation, n)) / ops::length(sample(mean, n)));
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
    const Lens lens("uncertainty", p.lens);
    if (needs(lens.card(), Role::patterns)) {
        fail(ErrorCode::unsupported,
             "uncertainty cannot judge {}: its patterns belong to the network as it is, and not to one with other "
             "units; a method that reads the weights alone is right, such as lrp",
             lens.card().id);
    }
    const bool evidential = evidence_of(request.explainer.network()) != Evidence::none;
    if (p.kind == UncertaintyKind::evidential && !evidential) {
        fail(ErrorCode::unsupported,
             "this network has no evidential output: its logits are no evidence, since it was not trained to say what "
             "it does not know (its metadata lack '{}'); one trained with the evidential loss is right, and "
             "kind=dropout asks a network that keeps its dropout",
             evidence_key);
    }
    if (evidential && p.kind != UncertaintyKind::dropout) return start_evidential(request, lens);
    return std::make_unique<UncertaintyRun>(request, p, lens);
}

}  // namespace

Method uncertainty() {
    return define<UncertaintyParams, start_uncertainty>(
        {.id = "uncertainty",
         .family = "judging",
         .title = "Uncertainty of a map",
         .question = "How much of the map hangs on single units, or what takes the network's doubt away?",
         .formula = R"(\begin{gathered}\bar R = \frac1T\sum_t R(x;m_t),\quad )"
                    R"(\sigma_i = \sqrt{\tfrac{1}{T-1}\sum_t (R_i(x;m_t)-\bar R_i)^2}\\ )"
                    R"(u = K/S,\quad S = \sum_k (f(z_k)+1)\end{gathered})",
         .reference = {"Gal, Ghahramani",
                       "Dropout as a Bayesian Approximation: Representing Model Uncertainty in Deep Learning", 2016,
                       "ICML"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values, "the mean map; of evidence, what takes doubt away"),
                     optional_output(map_output(MapKind::positive, "how far single passes stray from it", "deviation")),
                     optional_output(scalar_output("spread", "share", "the deviation's length over the mean map's")),
                     optional_output(scalar_output("vacuity", "share", "what no class has evidence for")),
                     scalar_output("value_mean", "share", "mean of the target's probability, or of its value"),
                     scalar_output("value_deviation", "share", "its deviation"),
                     optional_output(scores_output("expected", "probability",
                                                   "the classes' probabilities that the evidence makes expect"))},
         .caveat = "Dropout measures how much hangs on single units, as far as it stands for that; evidence is what a "
                   "training made of it. A network may be wrong with certainty.",
         .progressive = true,
         .subject = SubjectKind::attribution,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
