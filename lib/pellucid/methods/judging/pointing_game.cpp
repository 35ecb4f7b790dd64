/// pointing_game: is the map's peak, and its mass, on the right object? Zhang et al. 2018; TorchRay's definition.
///
///   hit: the most relevant pixel lies within `tolerance` pixels of the truth;  mass: Σ⁺ on the truth / Σ⁺ everywhere
///   iou: |M ∩ T| / |M ∪ T| with M the pixels of at least `threshold` times the largest relevance (weak localisation)
/// The truth is the drawing's ink, or `truth`. A `companion`, another drawing, is put on its right to make a scene of
/// two digits; the truth is the first one's ink then. Networks of digits end in dense layers, which read one size
/// alone, so a scene is read by crops of that size, `stride` pixels apart: f(scene) = mean over the crops of f_t(crop),
/// whose map is the mean of the crops' maps, each at its place. (Run convolutionally, the network would meet the zeros
/// of its padding nowhere but at the scene's border, which it was not trained on.) NaN where nothing is relevant.
/// Shapes: one number per sample each; scene (N, H, W or 2W, 1). Cost: a map per crop.
#include "pellucid/methods/judging/lens.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/range.hpp"

#include <limits>

namespace pellucid::methods {

namespace {

struct PointingParams {
    LensParams lens;
    std::shared_ptr<const Tensor> companion, truth;
    std::size_t stride = 7;
    float tolerance = 1.0F, threshold = 0.2F, ink = 0.25F;
};

void describe(Fields& f, PointingParams& p) {
    describe_judged(f, p.lens);
    f.image("companion", p.companion, "another drawing beside the first: one for all inputs, or one each").per_input();
    f.image("truth", p.truth, "where the object is, in place of the drawing's ink: above 0").maps().rarely();
    f.integer("stride", p.stride, {1, 1024}, "step from crop to crop of a scene").in("px");
    f.real("tolerance", p.tolerance, {0, 1024}, "how far beside the object the peak may lie").in("px");
    f.real("threshold", p.threshold, {0, 1}, "what share of the largest relevance counts as located").rarely();
    f.real("ink", p.ink, {0, 1}, "how dark a pixel is that belongs to the object, from paper to ink").rarely();
}

/// The drawings, or each beside its companion.
Tensor scenes_of(const Request& request, const PointingParams& p) {
    const Tensor& x = request.input;
    if (!p.companion) return x;
    const auto [count, height, width, channels] = x.shape();
    Tensor scenes(Shape{count, height, 2 * width, channels});
    for (std::size_t n = 0; n < count; ++n) {
        const auto left = sample(x, n), right = sample(*p.companion, p.companion->shape()[0] == 1 ? 0 : n);
        auto to = sample(scenes, n);
        const std::size_t row = width * channels;
        for (std::size_t y = 0; y < height; ++y) {
            std::copy_n(left.data() + y * row, row, to.data() + 2 * y * row);
            std::copy_n(right.data() + y * row, row, to.data() + (2 * y + 1) * row);
        }
    }
    return scenes;
}

/// (N, H, W', 1): above 0 where the object is.
Tensor truth_of(const Request& request, const PointingParams& p, const Tensor& scenes) {
    if (p.truth) return fitted_maps(*p.truth, scenes, "pointing_game");
    const auto [count, height, width, channels] = request.input.shape();
    const InputRange range = input_range(request.explainer.network());
    Tensor truth = zeros({count, height, scenes.shape()[2], 1});
    for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t y = 0; y < height; ++y) {
            for (std::size_t x = 0; x < width; ++x) {
                for (std::size_t c = 0; c < channels; ++c) {
                    const float least = range.low_of(c) + p.ink * (range.high_of(c) - range.low_of(c));
                    if (request.input(n, y, x, c) > least) truth(n, y, x, 0) = 1.0F;
                }
            }
        }
    }
    return truth;
}

/// Σ over the crops of their maps, each at its place, by the number of crops.
Tensor scene_maps(const Request& request, const Lens& lens, const std::vector<Target>& targets, const Tensor& scenes,
                  std::size_t stride) {
    const auto [count, height, width, channels] = request.input.shape();
    const std::size_t across = scenes.shape()[2];
    std::vector<std::size_t> lefts;
    for (std::size_t left = 0; left + width < across; left += stride) lefts.push_back(left);
    lefts.push_back(across - width);
    Tensor maps = zeros({count, height, across, 1});
    for (const std::size_t left : lefts) {
        Tensor crops(request.input.shape());
        for (std::size_t n = 0; n < count; ++n) {
            for (std::size_t y = 0; y < height; ++y)
                std::copy_n(&scenes(n, y, left, 0), width * channels, &crops(n, y, 0, 0));
        }
        const Tensor map = lens.ask(request.explainer, crops, targets);
        for (std::size_t n = 0; n < count; ++n) {
            const std::vector<double> pixels = by_pixel(map, n);
            for (std::size_t i = 0; i < pixels.size(); ++i) {
                maps(n, i / width, left + i % width, 0) +=
                    static_cast<float>(pixels[i] / static_cast<double>(lefts.size()));
            }
        }
    }
    return maps;
}

struct Verdict {
    double hit = std::numeric_limits<double>::quiet_NaN(), mass = hit, iou = hit;
};

Verdict verdict(const std::vector<double>& relevance, std::span<const float> truth, std::size_t width,
                const PointingParams& p) {
    const auto peak = std::max_element(relevance.begin(), relevance.end());
    if (!(*peak > 0)) return {};
    const auto at = static_cast<std::size_t>(peak - relevance.begin());
    Verdict found{.hit = 0};
    double on = 0, all = 0;
    std::size_t both = 0, either = 0;
    for (std::size_t i = 0; i < relevance.size(); ++i) {
        const bool is_true = truth[i] > 0.0F, located = relevance[i] >= static_cast<double>(p.threshold) * *peak;
        const double dy = static_cast<double>(i / width) - static_cast<double>(at / width);
        const double dx = static_cast<double>(i % width) - static_cast<double>(at % width);
        if (is_true && dx * dx + dy * dy <= static_cast<double>(p.tolerance) * static_cast<double>(p.tolerance))
            found.hit = 1;
        const double positive = std::max(relevance[i], 0.0);
        all += positive;
        on += is_true ? positive : 0.0;
        both += is_true && located ? 1 : 0;
        either += is_true || located ? 1 : 0;
    }
    found.mass = on / all;
    found.iou = static_cast<double>(both) / static_cast<double>(either);
    return found;
}

Result run_pointing(const Request& request, const PointingParams& p) {
    const Lens lens("pointing_game", p.lens);
    const SettledTargets settled = settle_targets(request, request.explainer.plain());
    const Tensor scenes = scenes_of(request, p);
    const Tensor truth = truth_of(request, p, scenes);
    const Tensor maps = lens.given() != nullptr ? fitted_maps(*lens.given(), scenes, "pointing_game")
                                                : scene_maps(request, lens, settled.targets, scenes, p.stride);
    Scalar hit, mass, iou, area;
    Tensor shown(Shape{scenes.shape()[0], scenes.shape()[1], scenes.shape()[2], 1});
    for (std::size_t n = 0; n < scenes.shape()[0]; ++n) {
        const std::vector<double> relevance = by_pixel(maps, n);
        std::ranges::transform(relevance, sample(shown, n).begin(), [](double v) { return static_cast<float>(v); });
        const auto where = sample(truth, n);
        const Verdict found = verdict(relevance, where, scenes.shape()[2], p);
        hit.per_sample.push_back(found.hit);
        mass.per_sample.push_back(found.mass);
        iou.per_sample.push_back(found.iou);
        area.per_sample.push_back(static_cast<double>(std::ranges::count_if(where, [](float v) { return v > 0.0F; })) /
                                  static_cast<double>(where.size()));
    }
    Result result;
    result.value = settled.values;
    result.add("hit", std::move(hit));
    result.add("mass", std::move(mass));
    result.add("iou", std::move(iou));
    result.add("area", std::move(area));
    result.add("scene", Map{std::move(shown)});
    return result;
}

}  // namespace

Method pointing_game() {
    return define<PointingParams, run_pointing>(
        {.id = "pointing_game",
         .family = "judging",
         .title = "Pointing game",
         .question = "Does the map point at the digit that it is asked about?",
         .formula = R"(\frac{\sum_{i\in T}R_i^+}{\sum_i R_i^+},\quad \arg\max_i R_i \in T)",
         .reference = {"Zhang, Bargal, Lin, Brandt, Shen, Sclaroff", "Top-Down Neural Attention by Excitation Backprop",
                       2018, "International Journal of Computer Vision"},
         .targets = any_target(),
         .outputs = {judging_output("hit", "yes", Better::more, "whether the peak lies on the object"),
                     judging_output("mass", "share", Better::more,
                                    "how much of the positive relevance lies on the object"),
                     scalar_output("iou", "share", "overlap of what the map locates with the object"),
                     scalar_output("area", "share", "the object's share of the scene: what chance would get"),
                     map_output(MapKind::signed_values, "the map of the scene", "scene")},
         .caveat =
             "It asks where people would point. A network may rightly look at the gap that tells a 4 from a 9, which "
             "is no ink.",
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
