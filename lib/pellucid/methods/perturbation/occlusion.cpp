/// occlusion: what the target loses when a window of the input is replaced. Zeiler & Fergus 2014.
///
///   A(pixel) = mean over the windows w that cover it of f_t(x) − f_t(x with w replaced)
/// Windows stand at 0, stride, 2·stride, …: ceil((D − window)/stride) + 1 of them along an axis of D pixels, the last
/// one cropped (captum's habit). Shapes: map as the input; every channel of a pixel gets the same share.
/// Cost: per window, what it can reach of the network (nn/patch_evaluator.hpp).
#include "pellucid/methods/attribution/baseline.hpp"
#include "pellucid/methods/attribution/sampling.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/patch_evaluator.hpp"
#include "pellucid/ops.hpp"

namespace pellucid::methods {

namespace {

constexpr std::size_t default_window = 4;

/// Enough for the dense layers to be read once for many windows, few enough for progress to be seen.
constexpr std::size_t most_windows = 56;

/// Parts of nearly the same size: then halves of the parts are halves of the work, for two workers.
std::size_t windows_per_part(std::size_t windows) {
    const std::size_t parts = (windows + most_windows - 1) / most_windows;
    return (windows + parts - 1) / parts;
}

struct Axis {
    std::size_t extent, window, stride;

    std::size_t positions() const { return window >= extent ? 1 : (extent - window + stride - 1) / stride + 1; }
    std::size_t begin(std::size_t position) const { return position * stride; }
    std::size_t end(std::size_t position) const { return std::min(position * stride + window, extent); }
};

enum class Fill : std::uint8_t { value, mean, blurred };

struct OcclusionParams {
    std::size_t window = default_window, stride = 1;
    Fill fill = Fill::value;
    std::vector<float> value{0.0F};
};

void describe(Fields& f, OcclusionParams& p) {
    f.integer("window", p.window, {1, 1024}, "side of the window").in("px");
    f.integer("stride", p.stride, {1, 1024}, "step from window to window, at most the window")
        .in("px")
        .at_least_while_drawing(4);
    f.choice("fill", p.fill, {"value", "mean", "blurred"}, "what covers: a value, the input's mean, or its blur");
    f.bound("value", p.value, FromRange::low, "the covering value; the range's low end is paper")
        .when("fill", {"value"});
}

class OcclusionRun final : public PartedRun {
public:
    OcclusionRun(const Request& request, const OcclusionParams& p)
        : request_(request),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          rows_{request.input.shape()[1], p.window, p.stride},
          columns_{request.input.shape()[2], p.window, p.stride},
          windows_(rows_.positions() * columns_.positions()),
          partition_(request.input.shape()[0], windows_, windows_per_part(windows_)),
          patch_evaluator_(evaluator_.network(), target_value(request.target, evaluator_.network())),
          sum_(request.input.size(), 0.0),
          cover_(request.input.size(), 0.0) {
        if (columns_.stride > columns_.window) {
            fail(ErrorCode::bad_argument,
                 "occlusion: the stride {} must not be above the window {}, or pixels go untested", columns_.stride,
                 columns_.window);
        }
        // The default covers a picture that is smaller; whoever asks for a size means it.
        const std::size_t side = std::max(rows_.extent, columns_.extent);
        if (columns_.window > side && columns_.window != default_window) {
            fail(ErrorCode::bad_argument,
                 "occlusion: the window {} is larger than the picture of {} × {} pixels; from 1 to {} is right",
                 columns_.window, rows_.extent, columns_.extent, side);
        }
        make_filler(p);
    }

    std::size_t parts() const override { return partition_.parts(); }

    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = partition_[part];
        std::vector<Patch> patches;
        for (std::size_t i = 0; i < count; ++i) patches.push_back({rect(first + i), sample(filler_, n).data()});
        const Target& target = settled_.targets[n];
        const Tensor& reached = patch_evaluator_.evaluate(evaluator_.trace(request_.input), n, patches);
        const std::vector<double> values = target_values(target, evaluator_.network(), reached);
        Tensor losses(Shape{1, 1, 1, count});
        for (std::size_t i = 0; i < count; ++i) losses.data()[i] = static_cast<float>(settled_.values[n] - values[i]);
        return list_of(std::move(losses));
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        Tensor map = zeros(request_.input.shape());
        for (std::size_t i = 0; i < sum_.size(); ++i) {
            if (cover_[i] > 0) map.data()[i] = static_cast<float>(sum_[i] / cover_[i]);
        }
        result.add("map", Map{std::move(map)});
        result.add("windows", Scalar{std::vector<double>(settled_.values.size(), static_cast<double>(windows_))});
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = partition_[part];
        const std::size_t offset = n * sample_size(request_.input);
        for (std::size_t i = 0; i < count; ++i) {
            const double loss = computed[0].data()[i];
            each_pixel(first + i, [&](std::size_t pixel) {
                sum_[offset + pixel] += loss;
                cover_[offset + pixel] += 1;
            });
        }
    }

private:
    Rect rect(std::size_t window) const {
        const std::size_t row = window / columns_.positions(), column = window % columns_.positions();
        return {rows_.begin(row), columns_.begin(column), rows_.end(row), columns_.end(column)};
    }

    /// Calls body(offset) for every element of a sample that a window covers.
    template <typename Body>
    void each_pixel(std::size_t window, Body body) const {
        const Rect covered = rect(window);
        const std::size_t channels = request_.input.shape()[3];
        for (std::size_t y = covered.top; y < covered.bottom; ++y) {
            for (std::size_t x = covered.left; x < covered.right; ++x) {
                for (std::size_t c = 0; c < channels; ++c) body((y * columns_.extent + x) * channels + c);
            }
        }
    }

    /// What stands in a window's place: the fill value, each sample's mean, or the sample blurred.
    void make_filler(const OcclusionParams& p) {
        filler_ = p.fill == Fill::blurred ? blurred(request_.input, input_range(evaluator_.network()))
                                          : filled_within(request_.input.shape(), {p.value, p.value}, 0.0F);
        if (p.fill != Fill::mean) return;
        for (std::size_t n = 0; n < filler_.shape()[0]; ++n) {
            const double sum = ops::sum(sample(request_.input, n));
            auto place = sample(filler_, n);
            std::fill(place.begin(), place.end(), static_cast<float>(sum / static_cast<double>(place.size())));
        }
    }

    Request request_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    Axis rows_, columns_;
    std::size_t windows_;
    Partition partition_;
    PatchEvaluator patch_evaluator_;
    Tensor filler_;
    std::vector<double> sum_, cover_;
};

std::unique_ptr<Run> start_occlusion(const Request& request, const OcclusionParams& p) {
    return std::make_unique<OcclusionRun>(request, p);
}

}  // namespace

Method occlusion() {
    return define<OcclusionParams, start_occlusion>(
        {.id = "occlusion",
         .family = "perturbation",
         .title = "Occlusion",
         .question = "How much does the score drop when a small window is covered?",
         .formula = R"(f_t(x) - f_t(x \odot (1-w)))",
         .reference = {"Zeiler, Fergus", "Visualizing and Understanding Convolutional Networks", 2014, "ECCV"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values), scalar_output("windows", "", "windows that were covered")},
         .caveat = "Only one window at a time: what two strokes do together, or each in the other's place, stays "
                   "hidden. Covering can itself draw something (an edge, a gap).",
         .progressive = true});
}

}  // namespace pellucid::methods
