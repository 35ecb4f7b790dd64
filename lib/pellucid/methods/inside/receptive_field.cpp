/// receptive_field: what a unit can see of the drawing, and what it looks at. Luo, Li, Urtasun, Zemel 2016.
///
///   theoretical: the rectangle of the input that the layers' windows connect with the target, whatever their weights
///   effective:   mean over the data of |∂f_t/∂x|
/// Data: the first `samples` of those given, else of the built-in pen digits (networks that read 28×28 in one channel),
/// else the input alone. "predicted" means the class that the input at hand is given, for all of the data.
/// Shapes: map as the input (effective), "rectangle" (N, H, W, 1): 1 inside; "here": |∂f_t/∂x| of the input itself;
/// top, left, height and width of the rectangle. Cost: `samples` forward and backward passes, in batches.
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/inside/field_rect.hpp"
#include "pellucid/methods/inside/reference_drawings.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

struct ReceptiveFieldParams {
    std::size_t samples = 100;
};

void describe(Fields& f, ReceptiveFieldParams& p) {
    f.integer("samples", p.samples, {1, 100000}, "drawings that the mean is taken over")
        .in("images")
        .at_most_while_drawing(10);
}

class ReceptiveFieldRun final : public PartedRun {
public:
    ReceptiveFieldRun(const Request& request, const ReceptiveFieldParams& p)
        : request_(request),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          data_(reference_drawings(request, p.samples).images),
          partition_(1, std::max<std::size_t>(1, data_.shape()[0])) {
        for (const Target& target : settled_.targets) {
            const auto same = [&](const Target& other) { return other.text() == target.text(); };
            const auto known = std::find_if(distinct_.begin(), distinct_.end(), same);
            number_.push_back(static_cast<std::size_t>(known - distinct_.begin()));
            // Without data each input is its own.
            if (known == distinct_.end() || data_.size() == 0) {
                number_.back() = distinct_.size();
                distinct_.push_back(target);
            }
        }
        sums_.assign(distinct_.size(), std::vector<double>(sample_size(request.input), 0.0));
    }

    std::size_t parts() const override { return distinct_.size() * partition_.parts(); }

    /// Σ |∂f_t/∂x| over the part's drawings, (1, H, W, C).
    std::vector<Tensor> compute(std::size_t part) override {
        const std::size_t number = part / partition_.parts();
        const auto [one, first, count] = partition_[part % partition_.parts()];
        const Tensor& gradients = evaluator_.input_gradient(
            data_.size() == 0 ? batch_slice(request_.input, number, 1) : batch_slice(data_, first, count),
            distinct_[number]);
        Tensor sum = zeros(with_batch(request_.input.shape(), 1));
        ops::add_absolute_rows(elements(sum), elements(gradients));
        return list_of(std::move(sum));
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        const auto [samples, height, width, channels] = request_.input.shape();
        Tensor map = zeros(request_.input.shape()), inside = zeros({samples, height, width, 1});
        Scalar top, left, tall, wide;
        for (std::size_t n = 0; n < samples; ++n) {
            const std::size_t first = number_[n] * partition_.parts();
            const auto seen = static_cast<double>(partition_.neighbours_done(0, done() > first ? done() - first : 0));
            const std::vector<double>& sum = sums_[number_[n]];
            if (seen > 0) ops::mean_of(sum, seen, sample(map, n));
            const FieldRect rect = receptive_rect(evaluator_.network(), settled_.targets[n]);
            for (auto y = rect.top; y < rect.bottom; ++y) {
                for (auto x = rect.left; x < rect.right; ++x) {
                    inside(n, static_cast<std::size_t>(y), static_cast<std::size_t>(x), 0) = 1.0F;
                }
            }
            top.per_sample.push_back(static_cast<double>(rect.top));
            left.per_sample.push_back(static_cast<double>(rect.left));
            tall.per_sample.push_back(static_cast<double>(rect.height()));
            wide.per_sample.push_back(static_cast<double>(rect.width()));
        }
        Tensor here = evaluator_.gradients(request_.input, request_.target).values[0];
        ops::absolute(elements(here));
        result.add("map", Map{std::move(map)});
        result.add("here", Map{std::move(here)});
        result.add("rectangle", Map{std::move(inside)});
        result.add("top", std::move(top));
        result.add("left", std::move(left));
        result.add("height", std::move(tall));
        result.add("width", std::move(wide));
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        ops::add_rows(sums_[part / partition_.parts()], elements(computed[0]));
    }

private:
    Request request_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    Tensor data_;
    Partition partition_;
    std::vector<Target> distinct_;
    std::vector<std::size_t> number_;  ///< of each input: its place in distinct_
    std::vector<std::vector<double>> sums_;
};

std::unique_ptr<Run> start_receptive_field(const Request& request, const ReceptiveFieldParams& p) {
    return std::make_unique<ReceptiveFieldRun>(request, p);
}

}  // namespace

Method receptive_field() {
    return define<ReceptiveFieldParams, start_receptive_field>(
        {.id = "receptive_field",
         .family = "inside",
         .title = "Receptive field",
         .question = "Which part of the drawing can a unit see, and where does it look?",
         .formula = R"(\frac1N\sum_{n=1}^{N}\left|\frac{\partial f_t}{\partial x}(x_n)\right|)",
         .reference = {"Luo, Li, Urtasun, Zemel",
                       "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", 2016,
                       "NeurIPS"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::positive, "where the target looks, on average over the data"),
                     map_output(MapKind::positive, "where it looks in this drawing", "here"),
                     map_output(MapKind::positive, "what it can see at all", "rectangle"),
                     scalar_output("top", "place", "first row that it can see"),
                     scalar_output("left", "place", "first column that it can see"),
                     scalar_output("height", "px", "rows that it can see"),
                     scalar_output("width", "px", "columns that it can see")},
         .caveat =
             "The gradient tells what a small change would do: a unit that is off everywhere seems to look nowhere, "
             "and other data may make it look elsewhere.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
