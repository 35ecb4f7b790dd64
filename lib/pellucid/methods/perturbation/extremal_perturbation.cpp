/// extremal_perturbation: of all smooth masks of a fixed area, the one that keeps (or destroys) the answer best.
/// Fong, Patrick, Vedaldi 2019; the conventions are TorchRay's.
///
///   max over m of ±f_t(m ⊗ x) − λ·mean((sort(m) − r_a)²),  r_a: 1 in the largest a·|m| elements, else 0
/// m is a smooth mask (smooth_mask.hpp), m ⊗ x the input blurred the more the smaller m is (pyramid.hpp) or faded to
/// paper; `game` delete blurs by 1 − m instead and wants f_t small. Gradient ascent with momentum 0.9 (damped by 0.9,
/// as torch has it) and rate 0.01 from m = 1; λ begins with 300 and grows by 1.0035 a step. Every area is a mask of its
/// own. TorchRay's step 7, σ 21 and blur 20 of 224 pixels are 1, 2.625 and 2.5 of 28.
/// Deviations: no mirroring of every other step (a mirrored digit is none); no border, but a torus, and equal values
/// share what the reference has at their places, so that no part of the picture is preferred from the start
/// (smooth_mask.hpp, areas.hpp); at m = 1 the gradient is that from below, where TorchRay's is 0.
/// Shapes: map (N, H, W, 1), the mean of the areas' masks; "response", f_t(m ⊗ x) against the area; "masks", a frame
/// for each area, numbered by its per cents.
/// Cost: steps·areas forward and backward passes, batched over the areas.
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/perturbation/areas.hpp"
#include "pellucid/methods/perturbation/pyramid.hpp"
#include "pellucid/methods/perturbation/smooth_mask.hpp"

namespace pellucid::methods {

namespace {

enum class MaskGame : std::uint8_t { preserve, destroy };

struct ExtremalParams {
    std::string areas = "5,10,20,40";
    MaskGame game = MaskGame::preserve;
    Perturbing perturbing = Perturbing::blur;
    std::size_t steps = 800, spacing = 1, levels = 8;
    float sigma = 2.625F, blur = 2.5F, rate = 0.01F, area_weight = 300, growth = 1.0035F;
};

void describe(Fields& f, ExtremalParams& p) {
    f.text("areas", p.areas, "shares of the picture that masks may show, each a mask of its own, with commas between")
        .in("%");
    f.choice("game", p.game, {"preserve", "delete"}, "show what keeps the score, or hide what destroys it");
    f.choice("perturbation", p.perturbing, {"blur", "fade"}, "what hides: a blur, or paper");
    f.integer("steps", p.steps, {1, 5000}, "steps of the search").at_most_while_drawing(20);
    f.real("sigma", p.sigma, {1, 32}, "how smooth masks are: the radius of their discs").in("px");
    f.integer("spacing", p.spacing, {1, 16}, "distance of the discs, sigma at most").in("px").rarely();
    f.real("blur", p.blur, {0.1, 32}, "the strongest blur").in("px").rarely().when("perturbation", {"blur"});
    f.integer("levels", p.levels, {2, 32}, "levels from blurred to untouched").rarely().when("perturbation", {"blur"});
    f.real("rate", p.rate, {1e-6, 10}, "length of a step").rarely();
    f.real("area_weight", p.area_weight, {0, 1e6}, "how strictly the area is kept at first").rarely();
    f.real("growth", p.growth, {1, 2}, "what that grows by a step").rarely();
}

class ExtremalRun final : public Run {
public:
    ExtremalRun(const Request& request, const ExtremalParams& p)
        : request_(request),
          params_(p),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          areas_(parse_areas(p.areas)),
          area_weight_(static_cast<double>(p.area_weight)) {
        const InputRange range = input_range(evaluator_.network());
        const Shape shape = request.input.shape();
        const SmoothMask mask(shape[1], shape[2], p.spacing, static_cast<double>(p.sigma));
        generators_.assign(areas_.size(), mask);
        for (std::size_t n = 0; n < shape[0]; ++n) {
            pyramids_.emplace_back(batch_slice(request.input, n, 1), p.perturbing, p.levels,
                                   static_cast<double>(p.blur), range);
        }
        parameters_.assign(shape[0] * areas_.size(), std::vector<double>(mask.parameters(), 1.0));
        velocity_.resize(parameters_.size());
    }

    std::size_t most() const override { return params_.steps; }

    Result snapshot() override {
        const auto [inputs, height, width, channels] = request_.input.shape();
        Result result;
        result.value = settled_.values;
        Tensor mean = zeros({inputs, height, width, 1});
        Series response{{}, Tensor(Shape{inputs, 1, 1, areas_.size()})};
        Frames masks;
        for (const double a : areas_) {
            response.at.push_back(static_cast<float>(a));
            masks.images.push_back(zeros({inputs, height, width, 1}));
            masks.steps.push_back(static_cast<std::uint32_t>(std::lround(100 * a)));
        }
        for (std::size_t n = 0; n < inputs; ++n) {
            const std::vector<double> values = evaluator_.values(perturbed(n), settled_.targets[n]);
            for (std::size_t a = 0; a < areas_.size(); ++a) {
                const std::vector<double>& inner = generators_[a].mask();
                const auto to = sample(masks.images[a], n), into = sample(mean, n);
                for (std::size_t i = 0; i < inner.size(); ++i) {
                    to[i] = static_cast<float>(inner[i]);
                    into[i] += static_cast<float>(inner[i] / static_cast<double>(areas_.size()));
                }
                sample(response.values, n)[a] = static_cast<float>(values[a]);
            }
        }
        result.add("map", Map{std::move(mean)});
        result.add("response", std::move(response));
        result.add("masks", std::move(masks));
        return result;
    }

protected:
    void advance(std::size_t) override {
        for (std::size_t n = 0; n < request_.input.shape()[0]; ++n) {
            const Tensor images = perturbed(n);
            const Tensor& gradient = evaluator_.input_gradient(images, settled_.targets[n]);
            for (std::size_t a = 0; a < areas_.size(); ++a) move(n, a, sample(gradient, a));
        }
        area_weight_ *= static_cast<double>(params_.growth);
    }

private:
    std::vector<double>& parameters(std::size_t n, std::size_t area) { return parameters_[n * areas_.size() + area]; }

    /// What is shown of the input under an area's last mask: m, or 1 − m.
    std::vector<double> shown(std::size_t area) const {
        std::vector<double> mask = generators_[area].mask();
        if (params_.game == MaskGame::destroy) {
            for (double& m : mask) m = 1 - m;
        }
        return mask;
    }

    /// Input n under the masks of all areas, which are made anew.
    Tensor perturbed(std::size_t n) {
        Tensor images(with_batch(request_.input.shape(), areas_.size()));
        for (std::size_t a = 0; a < areas_.size(); ++a) {
            generators_[a].generate(parameters(n, a));
            pyramids_[n].apply(shown(a), sample(images, a));
        }
        return images;
    }

    /// One step of an area's mask, given ∂f_t/∂(the perturbed input).
    void move(std::size_t n, std::size_t area, std::span<const float> gradient) {
        constexpr double momentum = 0.9;
        const SmoothMask& generator = generators_[area];
        // Of delete both f_t and the mask are negated: the signs cancel.
        const std::vector<double> reward = pyramids_[n].backward(shown(area), gradient);
        std::vector<double> pull = area_pull(generator.mask(), areas_[area], area_weight_);
        for (std::size_t i = 0; i < pull.size(); ++i) pull[i] += reward[i];
        const std::vector<double> up = generator.backward(parameters(n, area), pull);
        std::vector<double>& velocity = velocity_[n * areas_.size() + area];
        if (velocity.empty()) {
            velocity = up;
        } else {
            for (std::size_t i = 0; i < up.size(); ++i) velocity[i] = momentum * velocity[i] + (1 - momentum) * up[i];
        }
        std::vector<double>& m = parameters(n, area);
        for (std::size_t i = 0; i < m.size(); ++i) {
            m[i] = std::clamp(m[i] + static_cast<double>(params_.rate) * velocity[i], 0.0, 1.0);
        }
    }

    Request request_;
    ExtremalParams params_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    std::vector<double> areas_;
    double area_weight_;
    std::vector<SmoothMask> generators_;                      ///< one for each area: they keep their last mask
    std::vector<Pyramid> pyramids_;                           ///< one for each input
    std::vector<std::vector<double>> parameters_, velocity_;  ///< inputs · areas
};

std::unique_ptr<Run> start_extremal(const Request& request, const ExtremalParams& p) {
    return std::make_unique<ExtremalRun>(request, p);
}

}  // namespace

Method extremal_perturbation() {
    return define<ExtremalParams, start_extremal>(
        {.id = "extremal_perturbation",
         .family = "perturbation",
         .title = "Extremal perturbation",
         .question = "Which smooth region of a given size keeps the answer alive, or kills it?",
         .formula = R"(\max_m\ \pm f_t(m\otimes x) - \lambda\,\lVert \mathrm{sort}(m) - r_a\rVert^2)",
         .reference = {"Fong, Patrick, Vedaldi",
                       "Understanding Deep Networks via Extremal Perturbations and Smooth Masks", 2019, "ICCV"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::positive, "the mean of the masks of all areas"),
                     series_output("response", "score", "the score under the mask of each area",
                                   "share of the picture"),
                     frames_output("masks", MapKind::positive,
                                   "the mask of each area; frames are numbered by their per cents")},
         .caveat =
             "A search that can end in a local best: a region that keeps the answer, not the only one. What is blurred "
             "is still there, faintly.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
