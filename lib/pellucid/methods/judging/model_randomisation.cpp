/// model_randomisation: does a map change when the network forgets what it learned? Adebayo et al. 2018.
///
/// Cascading: layers with weights, and BatchNorms, get random numbers from the top down, stage by stage; at each stage
/// the map of the same input and class is compared with the original one,
///   Spearman's rank correlation, and the structural similarity of both maps over their largest magnitude.
/// A method that explains the network must lose its map; one that stays shows the input. Random numbers: uniform within
/// ±1/√(inputs of a unit), as torch's layers begin (quantus' MPRT calls that very reset); stage k depends on seed and
/// layer alone. With `absolute` magnitudes are compared.
/// Shapes: series (N, 1, 1, K + 1) over K layers, stage 0 the trained network; maps one frame per stage. Cost: K + 1
/// maps.
#include "pellucid/methods/judging/changed_network.hpp"
#include "pellucid/methods/judging/lens.hpp"
#include "pellucid/methods/judging/similarity.hpp"

#include "pellucid/error.hpp"

namespace pellucid::methods {

namespace {

struct RandomisationParams {
    LensParams lens;
    bool absolute = false;
    std::uint32_t seed = 0;
};

void describe(Fields& f, RandomisationParams& p) {
    describe_lens(f, p.lens);
    f.flag("absolute", p.absolute, "compare magnitudes, whatever the sign");
    f.random_seed("seed", p.seed, "seed of the random weights");
}

class RandomisationRun final : public PartedRun {
public:
    RandomisationRun(const Request& request, const RandomisationParams& p)
        : request_(request),
          params_(p),
          lens_("model_randomisation", p.lens),
          settled_(settle_targets(request, request.explainer.plain())),
          nodes_(trained_nodes(request.explainer.network())) {
        if (needs(lens_.card(), Role::patterns)) {
            fail(
                ErrorCode::unsupported,
                "model_randomisation cannot judge {}: its patterns were estimated from the trained network, and random "
                "weights have none; a method that reads the weights alone is right, such as lrp",
                lens_.card().id);
        }
    }

    std::size_t parts() const override { return nodes_.size() + 1; }

    /// The maps of stage `part`.
    std::vector<Tensor> compute(std::size_t part) override {
        if (part == 0) return list_of(lens_.ask(request_.explainer, request_.input, settled_.targets));
        Explainer& explainer =
            request_.explainer.relative(fmt::format("random weights, seed {}, {} layers", params_.seed, part), [&] {
                const auto end = nodes_.begin() + static_cast<std::ptrdiff_t>(part);
                return randomised(request_.explainer.network(), {nodes_.begin(), end}, params_.seed);
            });
        lens_.hand_on(request_.explainer, explainer);
        return list_of(lens_.ask(explainer, request_.input, settled_.targets));
    }

    Result snapshot() override {
        if (done() == 0) fail(ErrorCode::bad_argument, "nothing has been computed yet: step the run first");
        const std::size_t samples = request_.input.shape()[0], stages = done();
        Result result;
        result.value = settled_.values;
        Series ranks{{}, Tensor(Shape{samples, 1, 1, stages})}, structure{{}, Tensor(Shape{samples, 1, 1, stages})};
        Frames frames;
        for (std::size_t k = 0; k < stages; ++k) {
            ranks.at.push_back(static_cast<float>(k));
            structure.at.push_back(static_cast<float>(k));
            frames.images.push_back(maps_[k]);
            frames.steps.push_back(static_cast<std::uint32_t>(k));
        }
        Scalar kept, kept_structure;
        for (std::size_t n = 0; n < samples; ++n) {
            double sum = 0, sum_structure = 0;
            const std::vector<double> original = mean_ranks(picture(0, n));
            for (std::size_t k = 0; k < stages; ++k) {
                const double rank = correlation_of_ranks(original, mean_ranks(picture(k, n)));
                const double alike = structural_similarity(pixels(0, n), pixels(k, n), request_.input.shape()[1],
                                                           request_.input.shape()[2]);
                // A map of one number everywhere is like no other.
                ranks.values(n, 0, 0, k) = static_cast<float>(std::isnan(rank) ? 0.0 : rank);
                structure.values(n, 0, 0, k) = static_cast<float>(std::isnan(alike) ? 0.0 : alike);
                sum += k == 0 ? 0.0 : static_cast<double>(ranks.values(n, 0, 0, k));
                sum_structure += k == 0 ? 0.0 : static_cast<double>(structure.values(n, 0, 0, k));
            }
            const double count = stages > 1 ? static_cast<double>(stages - 1) : std::nan("");
            kept.per_sample.push_back(sum / count);
            kept_structure.per_sample.push_back(sum_structure / count);
        }
        result.add("spearman", std::move(ranks));
        result.add("ssim", std::move(structure));
        result.add("mean_spearman", std::move(kept));
        result.add("mean_ssim", std::move(kept_structure));
        result.add("maps", std::move(frames));
        return result;
    }

protected:
    void take(std::size_t, const std::vector<Tensor>& computed) override { maps_.push_back(computed[0]); }

private:
    std::vector<float> picture(std::size_t stage, std::size_t n) const {
        const auto values = sample(maps_[stage], n);
        std::vector<float> copy(values.begin(), values.end());
        if (params_.absolute) std::ranges::transform(copy, copy.begin(), [](float v) { return std::abs(v); });
        return copy;
    }

    /// One number per pixel, for what compares pictures.
    std::vector<float> pixels(std::size_t stage, std::size_t n) const {
        const std::vector<double> sums = by_pixel(maps_[stage], n);
        std::vector<float> copy(sums.begin(), sums.end());
        if (params_.absolute) std::ranges::transform(copy, copy.begin(), [](float v) { return std::abs(v); });
        return copy;
    }

    Request request_;
    RandomisationParams params_;
    Lens lens_;
    SettledTargets settled_;
    std::vector<std::size_t> nodes_;
    std::vector<Tensor> maps_;
};

std::unique_ptr<Run> start_randomisation(const Request& request, const RandomisationParams& p) {
    return std::make_unique<RandomisationRun>(request, p);
}

Output similarity_series(const char* name, Words help) {
    return series_output(name, "similarity", help, "layers with random weights, from the top down");
}

}  // namespace

Method model_randomisation() {
    return define<RandomisationParams, start_randomisation>(
        {.id = "model_randomisation",
         .family = "judging",
         .title = "Random weights",
         .question = "Does the map change when the network forgets what it learned?",
         .formula = R"(\rho\big(R(x;w),\,R(x;w_1 \ldots w_{L-k},\tilde w_{L-k+1}\ldots\tilde w_L)\big))",
         .reference = {"Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim", "Sanity Checks for Saliency Maps", 2018,
                       "NeurIPS"},
         .targets = any_target(),
         .outputs = {similarity_series("spearman", "rank correlation with the trained network's map"),
                     similarity_series("ssim", "structural similarity with the trained network's map"),
                     judging_output("mean_spearman", "similarity", Better::less, "mean over the stages: small is good"),
                     scalar_output("mean_ssim", "similarity", "mean over the stages: small is good"),
                     frames_output("maps", MapKind::signed_values, "the map at every stage")},
         .caveat = "That a map changes does not make it right. Maps that are multiplied by the input, or that are 0 on "
                   "paper, stay alike for that alone.",
         .progressive = true,
         .subject = SubjectKind::attribution,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
