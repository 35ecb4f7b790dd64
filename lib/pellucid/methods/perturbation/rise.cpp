/// rise: the mean of random smooth masks, each weighted by what the target is when only what it shows is left.
/// Petsiuk, Das, Saenko 2018.
///
///   S = Σ_i f_t(x ⊙ M_i)·M_i / (N·p₁),  f_t the target's probability where the target is a class, else its value
/// A mask is a grid of cells × cells values, 1 with probability p₁ and else 0, enlarged bilinearly to (cells + 1)·side
/// pixels, side = ⌈D / cells⌉, of which a random window of the input's size is taken. Mask i depends on the seed and on
/// i alone, so all inputs meet the same masks; `masks` (N, H, W, 1) replays masks that are given.
/// Shapes: map (N, H, W, 1). Cost: `samples` forward passes, in batches; no gradient.
#include "pellucid/methods/attribution/sampling.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/inside/enlarge.hpp"
#include "pellucid/ops.hpp"

namespace pellucid::methods {

namespace {

struct RiseParams {
    std::size_t samples = 2000, cells = 7;
    float shown = 0.5F;
    std::uint32_t seed = 0;
    std::shared_ptr<const Tensor> masks;
};

void describe(Fields& f, RiseParams& p) {
    f.integer("samples", p.samples, {1, 100000}, "masks").at_most_while_drawing(100);
    f.integer("cells", p.cells, {1, 64}, "cells of a mask along each side");
    f.real("shown", p.shown, {0.01, 1}, "probability that a cell is shown");
    f.random_seed("seed", p.seed, "seed of the masks");
    f.image("masks", p.masks, "masks to replay, (samples, H, W, 1): 1 shows, 0 hides").replay();
}

/// Mask `number`, (1, height, width, 1).
Tensor random_mask(const RiseParams& p, std::size_t number, std::size_t height, std::size_t width) {
    Random random = stream(p.seed, Purpose::masks, 0, number);
    Tensor grid(Shape{1, p.cells, p.cells, 1});
    for (float& cell : elements(grid)) cell = random.uniform() < p.shown ? 1.0F : 0.0F;
    const std::size_t rows = (height + p.cells - 1) / p.cells, columns = (width + p.cells - 1) / p.cells;
    const Tensor large = enlarge(grid, (p.cells + 1) * rows, (p.cells + 1) * columns);
    const std::size_t top = random.below(rows), left = random.below(columns);
    Tensor mask(Shape{1, height, width, 1});
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) mask(0, y, x, 0) = large(0, top + y, left + x, 0);
    }
    return mask;
}

class RiseRun final : public PartedRun {
public:
    RiseRun(const Request& request, const RiseParams& p)
        : request_(request),
          params_(p),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          samples_(p.masks ? p.masks->shape()[0] : p.samples),
          partition_(request.input.shape()[0], samples_),
          sum_(request.input.shape()[0] * pixels(), 0.0) {
        const Shape shape = request.input.shape();
        if (p.masks && Shape(with_batch(p.masks->shape(), 1)) != Shape{1, shape[1], shape[2], 1}) {
            fail(ErrorCode::bad_shape, "rise: masks of shape {} do not fit inputs of shape {}; (samples, {}, {}, 1) do",
                 to_string(Shape(p.masks->shape())), to_string(shape), shape[1], shape[2]);
        }
        for (Target& target : settled_.targets) {
            if (target.kind == TargetKind::logit) target.kind = TargetKind::probability;
        }
    }

    std::size_t parts() const override { return partition_.parts(); }

    /// Σ f_t(x ⊙ M)·M over the part's masks.
    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = partition_[part];
        const auto x = sample(request_.input, n);
        const std::size_t channels = request_.input.shape()[3];
        Tensor masked(with_batch(request_.input.shape(), count));
        std::vector<Tensor> masks;
        for (std::size_t i = 0; i < count; ++i) {
            masks.push_back(mask(first + i));
            const auto to = sample(masked, i);
            for (std::size_t j = 0; j < to.size(); ++j) to[j] = x[j] * masks[i].data()[j / channels];
        }
        const std::vector<double> scores = evaluator_.values(masked, settled_.targets[n]);
        Tensor sum = zeros({1, request_.input.shape()[1], request_.input.shape()[2], 1});
        for (std::size_t i = 0; i < count; ++i) {
            const auto score = static_cast<float>(scores[i]);
            for (std::size_t j = 0; j < sum.size(); ++j) sum.data()[j] += score * masks[i].data()[j];
        }
        return list_of(std::move(sum));
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        const auto [samples, height, width, channels] = request_.input.shape();
        Tensor map = zeros({samples, height, width, 1});
        for (std::size_t n = 0; n < samples; ++n) {
            const double weight =
                static_cast<double>(partition_.neighbours_done(n, done())) * static_cast<double>(params_.shown);
            if (weight > 0) ops::mean_of(std::span(sum_).subspan(n * pixels(), pixels()), weight, sample(map, n));
        }
        result.add("map", Map{std::move(map)});
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const std::size_t n = partition_[part].sample;
        ops::add_rows(std::span(sum_).subspan(n * pixels(), pixels()), elements(computed[0]));
    }

private:
    std::size_t pixels() const { return request_.input.shape()[1] * request_.input.shape()[2]; }

    Tensor mask(std::size_t number) const {
        if (params_.masks) return batch_slice(*params_.masks, number, 1);
        return random_mask(params_, number, request_.input.shape()[1], request_.input.shape()[2]);
    }

    Request request_;
    RiseParams params_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    std::size_t samples_;
    Partition partition_;
    std::vector<double> sum_;
};

std::unique_ptr<Run> start_rise(const Request& request, const RiseParams& p) {
    return std::make_unique<RiseRun>(request, p);
}

}  // namespace

Method rise() {
    return define<RiseParams, start_rise>(
        {.id = "rise",
         .family = "perturbation",
         .title = "RISE",
         .question = "Which parts of the drawing are seen whenever the answer is given with confidence?",
         .formula = R"(S = \frac{1}{N\,p_1}\sum_{i=1}^{N} p_t(x\odot M_i)\,M_i)",
         .reference = {"Petsiuk, Das, Saenko", "RISE: Randomized Input Sampling for Explanation of Black-box Models",
                       2018, "BMVC"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values)},
         .caveat =
             "A sampled estimate, as coarse as the cells of its masks: other seeds give other maps. What is seen in "
             "nearly every mask looks important everywhere, so only differences within the map count.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
