/// infidelity: how wrong a map is about what the target loses when the input is disturbed. Yeh et al. 2019.
///
///   mean over disturbances I of (Σ I ⊙ map − (f_t(x) − f_t(x − I)))²,  f_t the target's own value
/// `noise`: I normal with deviation sigma. `square`: a square of the input, at a random place, becomes paper. `blocks`:
/// the input's blocks become paper one after another in reading order, each on top of the ones before (quantus, whose
/// blocks must divide the input). `disturbances` replays given ones, the same for every input. `optimal_scale`
/// (captum's normalize) first multiplies the map by β = E[(ΣI⊙map)(f_t(x) − f_t(x − I))] / E[(ΣI⊙map)²].
/// Shapes: one number per sample. Cost: the map, and a forward pass per disturbance, in batches.
#include "pellucid/methods/judging/lens.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/attribution/noise.hpp"
#include "pellucid/nn/range.hpp"
#include "pellucid/ops.hpp"

namespace pellucid::methods {

namespace {

enum class Disturbance : std::uint8_t { noise, square, blocks };

struct InfidelityParams {
    LensParams lens;
    Disturbance kind = Disturbance::square;
    std::size_t samples = 50, side = 4;
    float sigma = 0.2F;
    bool optimal_scale = false;
    std::uint32_t seed = 0;
    std::shared_ptr<const Tensor> disturbances;
};

void describe(Fields& f, InfidelityParams& p) {
    describe_judged(f, p.lens);
    f.choice("disturbance", p.kind, {"noise", "square", "blocks"}, "what is done to the input");
    f.integer("samples", p.samples, {1, 100000}, "disturbances").when("disturbance", {"noise", "square"});
    f.integer("side", p.side, {1, 1024}, "side of a square or block")
        .in("px")
        .when("disturbance", {"square", "blocks"});
    f.real("sigma", p.sigma, {0, 1e6}, "deviation of the noise").share_of_range().when("disturbance", {"noise"});
    f.flag("optimal_scale", p.optimal_scale, "judge the map times the factor that suits it best").rarely();
    f.random_seed("seed", p.seed).when("disturbance", {"noise", "square"});
    f.image("disturbances", p.disturbances, "what is subtracted from the input, (samples, H, W, C)").replay();
    f.compat([] { return std::vector<Preset>{{"quantus", {{"disturbance", std::string("blocks")}}}}; });
}

/// Blocks of `side` that cover the input, in reading order.
std::size_t blocks_of(const Shape& shape, std::size_t side) {
    return ((shape[1] + side - 1) / side) * ((shape[2] + side - 1) / side);
}

/// Whether what is taken away stays away in what follows.
void to_paper(Tensor& picture, const Tensor& paper, std::size_t top, std::size_t left, std::size_t side) {
    const auto [one, height, width, channels] = picture.shape();
    for (std::size_t y = top; y < std::min(top + side, height); ++y) {
        for (std::size_t x = left; x < std::min(left + side, width); ++x) {
            for (std::size_t c = 0; c < channels; ++c) picture(0, y, x, c) = paper(0, y, x, c);
        }
    }
}

/// x − I for every disturbance of one input.
Tensor disturbed(const InfidelityParams& p, const Tensor& x, const InputRange& range) {
    const Shape shape = x.shape();
    const std::size_t count = p.disturbances                  ? p.disturbances->shape()[0]
                              : p.kind == Disturbance::blocks ? blocks_of(shape, p.side)
                                                              : p.samples;
    const Tensor paper = filled_within(shape, range, 0.0F);
    Tensor all(with_batch(shape, count));
    Tensor picture = x;
    std::vector<float> noise(x.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (p.disturbances) {
            picture = x;
            ops::subtract(elements(picture), sample(*p.disturbances, i));
        } else if (p.kind == Disturbance::noise) {
            fill_normal(p.seed, i, noise);
            picture = x;
            ops::add_scaled(elements(picture), -p.sigma, noise);
        } else if (p.kind == Disturbance::square) {
            picture = x;
            Random random = stream(p.seed, Purpose::masks, 0, i);
            const std::size_t top = random.below(shape[1] - std::min(p.side, shape[1]) + 1);
            to_paper(picture, paper, top, random.below(shape[2] - std::min(p.side, shape[2]) + 1), p.side);
        } else {
            const std::size_t across = (shape[2] + p.side - 1) / p.side;
            to_paper(picture, paper, i / across * p.side, i % across * p.side, p.side);
        }
        std::ranges::copy(elements(picture), sample(all, i).begin());
    }
    return all;
}

double infidelity_of(Evaluator& evaluator, const Target& target, const InfidelityParams& p, const Tensor& x,
                     std::span<const float> map, double value) {
    constexpr std::size_t at_once = 64;
    const Tensor all = disturbed(p, x, input_range(evaluator.network()));
    const std::size_t count = all.shape()[0], channels = x.shape()[3], per_pixel = x.size() / map.size();
    std::vector<double> said, lost;
    for (std::size_t first = 0; first < count; first += at_once) {
        const std::size_t some = std::min(at_once, count - first);
        for (const double v : evaluator.values(batch_slice(all, first, some), target)) lost.push_back(value - v);
    }
    double both = 0, square = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto picture = sample(all, i);
        double sum = 0;
        for (std::size_t j = 0; j < x.size(); ++j) {
            // A map of one number per pixel holds for all its channels.
            const double relevance = map[per_pixel == 1 ? j : j / channels];
            sum += relevance * (static_cast<double>(x.data()[j]) - static_cast<double>(picture[j]));
        }
        said.push_back(sum);
        both += sum * lost[i];
        square += sum * sum;
    }
    const double scale = p.optimal_scale && square > 0 ? both / square : 1.0;
    double error = 0;
    for (std::size_t i = 0; i < count; ++i) error += (scale * said[i] - lost[i]) * (scale * said[i] - lost[i]);
    return error / static_cast<double>(count);
}

Result run_infidelity(const Request& request, const InfidelityParams& p) {
    const Lens lens("infidelity", p.lens);
    const Shape shape = request.input.shape();
    if (p.disturbances && with_batch(p.disturbances->shape(), 1) != with_batch(shape, 1)) {
        fail(ErrorCode::bad_shape,
             "infidelity: disturbances of shape {} do not fit inputs of shape {}; (samples, {}, {}, {}) do",
             to_string(Shape(p.disturbances->shape())), to_string(shape), shape[1], shape[2], shape[3]);
    }
    const Tensor maps = lens.judged(request);
    Evaluator& evaluator = request.explainer.plain();
    const SettledTargets settled = settle_targets(request, evaluator);
    Scalar answer;
    for (std::size_t n = 0; n < shape[0]; ++n) {
        answer.per_sample.push_back(infidelity_of(evaluator, settled.targets[n], p, batch_slice(request.input, n, 1),
                                                  sample(maps, n), settled.values[n]));
    }
    Result result;
    result.value = settled.values;
    result.add("infidelity", std::move(answer));
    return result;
}

}  // namespace

Method infidelity() {
    return define<InfidelityParams, run_infidelity>(
        {.id = "infidelity",
         .family = "judging",
         .title = "Infidelity",
         .question = "Does the map say right what the answer loses when the drawing is disturbed?",
         .formula = R"(\mathbb E_I\big[(I^\top R - (f_t(x)-f_t(x-I)))^2\big])",
         .reference = {"Yeh, Hsieh, Suggala, Inouye, Ravikumar", "On the (In)fidelity and Sensitivity of Explanations",
                       2019, "NeurIPS"},
         .targets = any_target(),
         .outputs = {judging_output("infidelity", "score²", Better::less,
                                    "mean squared error of what the map predicts: small is good")},
         .caveat =
             "It reads the map's numbers as slopes or shares of the answer; maps in other units (a Grad-CAM, a RISE) "
             "can only be judged with optimal_scale. Which disturbances are drawn decides much.",
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
