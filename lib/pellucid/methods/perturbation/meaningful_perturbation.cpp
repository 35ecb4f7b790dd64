/// meaningful_perturbation: the smallest, smoothest mask whose blur destroys the answer. Fong & Vedaldi 2017.
///
///   min over m of λ₁·Σ(1 − m) + λ₂·Σ|∇m|^β + f_t(x ⊙ m + x' ⊙ (1 − m)),
/// f_t the target's probability where the target is a class, else its value (for one that is already destroyed at 1 −
/// 1e-6 of certainty the probability has no slope, hence the start); m a grid of cells of `cell` pixels, enlarged
/// bilinearly; x' the input blurred (`baseline`). Adam with rate 0.1 (β 0.9, 0.999), m held within 0 … 1. The start is
/// the paper's: the smallest disc in the middle that takes away 99 % of what x' takes away; 1 everywhere where nothing
/// is taken away; `start` (1, grid rows, grid columns, 1) replays one.
/// Where the paper pays 1e-4 for each of 28 × 28 cells of 8 pixels, a hidden cell costs 1e-2 here: with less, the price
/// of a mask's slope, which is smallest for masks that are flat, spreads it over all of a small picture.
/// Deviations: no jitter of the input, no noise, no blur of the mask beyond the grid's; λ₂'s sum takes rows and columns
/// apart.
/// Shapes: map (N, H, W, 1), 1 − m, what has to go; "left", f_t of what is left; "area", the share of the picture that
/// has gone; image "destroyed", as the input.
/// Cost: `steps` forward and backward passes.
#include "pellucid/error.hpp"
#include "pellucid/methods/attribution/baseline.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/perturbation/mask_grid.hpp"

namespace pellucid::methods {

namespace {

struct MeaningfulParams {
    std::size_t steps = 300, cell = 2;
    float rate = 0.1F, area = 1e-2F, variation = 1e-2F, beta = 3;
    BaselineParams baseline{.kind = BaselineKind::blurred, .image = nullptr};
    std::shared_ptr<const Tensor> start;
};

void describe(Fields& f, MeaningfulParams& p) {
    f.integer("steps", p.steps, {1, 5000}, "steps of the search").at_most_while_drawing(20);
    f.integer("cell", p.cell, {1, 64}, "side of a cell of the mask").in("px");
    f.real("area", p.area, {0, 100}, "price of a hidden cell");
    f.real("variation", p.variation, {0, 100}, "price of a mask that is not smooth");
    f.real("beta", p.beta, {1, 10}, "power of differences in that price").rarely();
    f.real("rate", p.rate, {1e-6, 10}, "length of a step").rarely();
    describe(f, p.baseline);
    f.image("start", p.start, "a mask to begin with, (1, rows, columns, 1) of the grid: 1 shows, 0 hides").replay();
}

class MeaningfulRun final : public Run {
public:
    MeaningfulRun(const Request& request, const MeaningfulParams& p)
        : request_(request),
          params_(p),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          baseline_(baseline(request, p.baseline)),
          grid_(request.input.shape()[1], request.input.shape()[2], p.cell) {
        if (p.start && Shape(p.start->shape()) != Shape{1, grid_.rows(), grid_.columns(), 1}) {
            fail(ErrorCode::bad_shape, "meaningful_perturbation: a start of shape {} does not fit; (1, {}, {}, 1) does",
                 to_string(Shape(p.start->shape())), grid_.rows(), grid_.columns());
        }
        for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
            Target& target = settled_.targets[n];
            if (target.kind == TargetKind::logit) target.kind = TargetKind::probability;
            masks_.push_back(start_of(n));
        }
        first_.assign(masks_.size(), std::vector<double>(grid_.size(), 0.0));
        second_ = first_;
    }

    std::size_t most() const override { return params_.steps; }

    Result snapshot() override {
        const auto [inputs, height, width, channels] = request_.input.shape();
        Result result;
        result.value = settled_.values;
        Tensor map(Shape{inputs, height, width, 1}), destroyed(request_.input.shape());
        Scalar left, area;
        for (std::size_t n = 0; n < inputs; ++n) {
            const std::vector<double> mask = grid_.enlarged(masks_[n]);
            double hidden = 0;
            for (std::size_t i = 0; i < mask.size(); ++i) {
                sample(map, n)[i] = std::max(static_cast<float>(1 - mask[i]), 0.0F);
                hidden += 1 - mask[i];
            }
            mix(n, mask, sample(destroyed, n));
            left.per_sample.push_back(evaluator_.values(batch_slice(destroyed, n, 1), settled_.targets[n]).front());
            area.per_sample.push_back(hidden / static_cast<double>(mask.size()));
        }
        result.add("map", Map{std::move(map)});
        result.add("destroyed", Map{std::move(destroyed)});
        result.add("left", std::move(left));
        result.add("area", std::move(area));
        return result;
    }

protected:
    void advance(std::size_t step) override {
        Tensor image(with_batch(request_.input.shape(), 1));
        for (std::size_t n = 0; n < masks_.size(); ++n) {
            const auto x = sample(request_.input, n), b = sample(baseline_, n);
            const std::vector<double> mask = grid_.enlarged(masks_[n]);
            mix(n, mask, elements(image));
            const Tensor& gradient = evaluator_.input_gradient(image, settled_.targets[n]);
            const std::size_t channels = x.size() / mask.size();
            std::vector<double> by_pixel(mask.size(), 0.0);
            for (std::size_t i = 0; i < x.size(); ++i) {
                by_pixel[i / channels] += static_cast<double>(gradient.data()[i]) * static_cast<double>(x[i] - b[i]);
            }
            std::vector<double> down = grid_.gathered(by_pixel);
            for (double& d : down) d -= static_cast<double>(params_.area);
            grid_.add_variation(masks_[n], static_cast<double>(params_.beta), static_cast<double>(params_.variation),
                                down);
            adam(n, down, static_cast<double>(step + 1));
        }
    }

private:
    void adam(std::size_t n, std::span<const double> gradient, double step) {
        constexpr double b1 = 0.9, b2 = 0.999, tiny = 1e-8;
        const double c1 = 1 - std::pow(b1, step), c2 = 1 - std::pow(b2, step);
        const std::span mask(masks_[n]), first(first_[n]), second(second_[n]);
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            first[i] = b1 * first[i] + (1 - b1) * gradient[i];
            second[i] = b2 * second[i] + (1 - b2) * gradient[i] * gradient[i];
            const double move = first[i] / c1 / (std::sqrt(second[i] / c2) + tiny);
            mask[i] = std::clamp(mask[i] - static_cast<double>(params_.rate) * move, 0.0, 1.0);
        }
    }

    /// Input n where the mask is 1, its baseline where it is 0.
    void mix(std::size_t n, std::span<const double> mask, std::span<float> image) const {
        const auto x = sample(request_.input, n), b = sample(baseline_, n);
        const std::size_t channels = x.size() / mask.size();
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double m = mask[i / channels];
            image[i] = static_cast<float>(m * static_cast<double>(x[i]) + (1 - m) * static_cast<double>(b[i]));
        }
    }

    /// 0 within a disc around the middle of the grid, else 1; radius 0 hides nothing.
    std::vector<double> disc(double radius) const {
        std::vector<double> mask;
        for (std::size_t y = 0; y < grid_.rows(); ++y) {
            for (std::size_t x = 0; x < grid_.columns(); ++x) {
                const double dy = static_cast<double>(y) + 0.5 - static_cast<double>(grid_.rows()) / 2;
                const double dx = static_cast<double>(x) + 0.5 - static_cast<double>(grid_.columns()) / 2;
                mask.push_back(dy * dy + dx * dx < radius * radius ? 0.0 : 1.0);
            }
        }
        return mask;
    }

    std::vector<double> start_of(std::size_t n) const {
        if (params_.start) return {params_.start->data(), params_.start->data() + params_.start->size()};
        const double furthest = std::hypot(static_cast<double>(grid_.rows()), static_cast<double>(grid_.columns())) / 2;
        const auto radii = static_cast<std::size_t>(std::ceil(furthest)) + 1;
        Tensor images(with_batch(request_.input.shape(), radii));
        for (std::size_t r = 0; r < radii; ++r) {
            mix(n, grid_.enlarged(disc(static_cast<double>(r))), sample(images, r));
        }
        // The first shows all, the last nothing.
        const std::vector<double> values = evaluator_.values(images, settled_.targets[n]);
        const double destroyed = values.back() + 0.01 * (values.front() - values.back());
        for (std::size_t r = 0; r < radii; ++r) {
            if (values.front() <= values.back() || values[r] <= destroyed) return disc(static_cast<double>(r));
        }
        return disc(furthest + 1);
    }

    Request request_;
    MeaningfulParams params_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    Tensor baseline_;
    MaskGrid grid_;
    std::vector<std::vector<double>> masks_, first_, second_;  ///< of each input: its mask, and the moments of Adam
};

std::unique_ptr<Run> start_meaningful(const Request& request, const MeaningfulParams& p) {
    return std::make_unique<MeaningfulRun>(request, p);
}

}  // namespace

Method meaningful_perturbation() {
    return define<MeaningfulParams, start_meaningful>(
        {.id = "meaningful_perturbation",
         .family = "perturbation",
         .title = "Meaningful perturbation",
         .question = "What is the least that has to be blurred until the answer is gone?",
         .formula = R"(\min_m\ \lambda_1\lVert 1-m\rVert_1 + \lambda_2\sum\lvert\nabla m\rvert^\beta + f_t(m\odot x + )"
                    R"((1-m)\odot x'))",
         .reference = {"Fong, Vedaldi", "Interpretable Explanations of Black Boxes by Meaningful Perturbation", 2017,
                       "ICCV"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::positive, "how much has to go"),
                     map_output(MapKind::image, "the drawing without it", "destroyed"),
                     scalar_output("left", "score", "the target's value of what is left; of a class its probability"),
                     scalar_output("area", "share", "share of the picture that has gone")},
         .caveat =
             "One mask of many: a search that can end in a local best. Blur can also draw something that the network "
             "reads, so that a mask may fool rather than erase.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
