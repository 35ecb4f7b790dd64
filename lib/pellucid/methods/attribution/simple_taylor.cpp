/// simple_taylor: (x − x₀) ⊙ ∂f_t/∂x at x₀, the first-order terms of the Taylor expansion around a root point x₀.
/// Montavon et al. 2018.
///
/// x₀ is the first point on a straight path from x where the function searched, h, changes its sign:
///   towards = baseline: the path goes from x to the baseline, h = f_t;
///   towards = boundary: the path goes from x along ∓∂h/∂x, ten times as far as a linear h would reach 0, and h is the
///   target's logit minus the largest other logit (where the answer changes); for targets that are no class, h = f_t.
/// The path is scanned in `steps` equal steps, then the step with the root is halved until float32 ends; x₀ is the last
/// point on x's side, so that behind a ReLU the gradient is that of the unit while it is still on. Without a root on
/// the path x₀ is the path's end (number: "root_found"), and the map tells what f_t(x) has over f_t(x₀).
/// Shapes: map as the input; images: "root_point". Numbers: "root_value" f_t(x₀), "root_found" (1 or 0),
/// "distance" ‖x − x₀‖₂, "remainder" f_t(x) − f_t(x₀) − Σ map: what a linear reading leaves unexplained.
/// Cost: steps + 32 forward passes at most, 1 backward pass (2 towards the boundary).
#include "pellucid/methods/attribution/baseline.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/ops.hpp"

#include <cmath>

namespace pellucid::methods {

namespace {

constexpr double boundary_reach = 10.0;
constexpr int halvings = 32;

/// Points from x to `end`.
struct Path {
    Tensor x, end;

    Tensor point(double s) const {
        Tensor at(x.shape());
        for (std::size_t i = 0; i < at.size(); ++i) {
            const double from = x.data()[i];
            at.data()[i] = static_cast<float>(from + s * (static_cast<double>(end.data()[i]) - from));
        }
        return at;
    }
};

bool is_class(TargetKind kind) { return kind == TargetKind::logit || kind == TargetKind::probability; }

/// The target's logit against the largest of the others at x: a contrast. Where classes are decided singly, the logit.
Target margin(Evaluator& evaluator, const Target& target, const Tensor& x) {
    const Network& network = evaluator.network();
    if (!is_class(target.kind)) return target;
    if (network.classes() < 2 || decides_singly(network)) return Target::of_class(target.index);
    const Trace& trace = evaluator.forward(x);
    const auto logits = sample(trace.values[network.logits()], 0);
    std::size_t rival = target.index == 0 ? 1 : 0;
    for (std::size_t c = 0; c < logits.size(); ++c) {
        if (c != target.index && logits[c] > logits[rival]) rival = c;
    }
    return {.kind = TargetKind::contrast, .index = target.index, .other = rival, .layer = {}};
}

enum class Towards : std::uint8_t { baseline, boundary };

struct SimpleTaylorParams {
    Towards towards = Towards::baseline;
    std::size_t steps = 32;
    BaselineParams baseline;
};

void describe(Fields& f, SimpleTaylorParams& p) {
    f.choice("towards", p.towards, {"baseline", "boundary"},
             "where the root point is looked for: on the way to the baseline, or to the class boundary");
    f.integer("steps", p.steps, {1, 10000}, "steps in which the way is searched").at_most_while_drawing(4);
    describe(f, p.baseline);
}

class Search {
public:
    Search(Evaluator& evaluator, Target target, bool to_boundary, std::size_t steps)
        : evaluator_(evaluator), target_(std::move(target)), to_boundary_(to_boundary), steps_(steps) {}

    struct Root {
        Tensor point;
        bool found;
    };

    Root operator()(const Tensor& x, const Tensor& baseline) {
        const Path path = to_boundary_ ? path_to_boundary(x) : Path{x, baseline};
        const double start = height(x);
        if (start == 0) return {x, true};
        double near = 0;
        for (std::size_t k = 1; k <= steps_; ++k) {
            const double far = static_cast<double>(k) / static_cast<double>(steps_);
            if (height(path.point(far)) * start > 0) {
                near = far;
                continue;
            }
            return {path.point(halved(path, start, near, far)), true};
        }
        return {path.end, false};
    }

private:
    /// h: rivals may change on the way to the boundary, so the largest is looked for at every point.
    double height(const Tensor& x) {
        const Target searched = to_boundary_ ? margin(evaluator_, target_, x) : target_;
        return evaluator_.values(x, searched)[0];
    }

    Path path_to_boundary(const Tensor& x) {
        const Target searched = margin(evaluator_, target_, x);
        const Tensor slope = evaluator_.input_gradient(x, searched);
        const double square = ops::sum_of_squares(elements(slope));
        Path path{x, x};
        if (square == 0) return path;
        const double length = -boundary_reach * evaluator_.values(x, searched)[0] / square;
        for (std::size_t i = 0; i < x.size(); ++i) {
            path.end.data()[i] =
                static_cast<float>(static_cast<double>(x.data()[i]) + length * static_cast<double>(slope.data()[i]));
        }
        return path;
    }

    double halved(const Path& path, double start, double near, double far) {
        for (int i = 0; i < halvings; ++i) {
            const double middle = (near + far) / 2;
            (height(path.point(middle)) * start > 0 ? near : far) = middle;
        }
        return near;
    }

    Evaluator& evaluator_;
    Target target_;
    bool to_boundary_;
    std::size_t steps_;
};

/// One part per input.
class SimpleTaylorRun final : public PartedRun {
public:
    SimpleTaylorRun(const Request& request, const SimpleTaylorParams& params)
        : request_(request),
          params_(params),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          baseline_(baseline(request, params.baseline)),
          map_(zeros(request.input.shape())),
          root_(request.input) {}

    std::size_t parts() const override { return request_.input.shape()[0]; }

    /// The map, the root point, and f_t(x₀) with whether a root was found.
    std::vector<Tensor> compute(std::size_t n) override {
        const Tensor x = batch_slice(request_.input, n, 1);
        const Target& target = settled_.targets[n];
        Search search(evaluator_, target, params_.towards == Towards::boundary, params_.steps);
        const Search::Root root = search(x, batch_slice(baseline_, n, 1));
        Tensor map = evaluator_.input_gradient(root.point, target);
        Tensor step = x;
        ops::subtract(elements(step), elements(root.point));
        ops::multiply(elements(map), elements(std::as_const(step)));
        Tensor facts(Shape{1, 1, 1, 2});
        facts.data()[0] = static_cast<float>(evaluator_.values(root.point, target)[0]);
        facts.data()[1] = root.found ? 1.0F : 0.0F;
        return {std::move(map), root.point, std::move(facts)};
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        result.add("map", Map{map_});
        result.add("root_point", Map{root_});
        const std::pair<std::string_view, const Scalar*> numbers[] = {{"root_value", &root_value_},
                                                                      {"root_found", &found_},
                                                                      {"distance", &distance_},
                                                                      {"remainder", &remainder_}};
        for (const auto& [name, number] : numbers) {
            Scalar known = *number;
            known.per_sample.resize(request_.input.shape()[0], 0.0);  // inputs that are still to come
            result.add(name, std::move(known));
        }
        return result;
    }

protected:
    void take(std::size_t n, const std::vector<Tensor>& computed) override {
        const auto x = sample(request_.input, n);
        const auto map = sample(computed[0], 0);
        const auto root = sample(computed[1], 0);
        std::copy(map.begin(), map.end(), sample(map_, n).begin());
        std::copy(root.begin(), root.end(), sample(root_, n).begin());
        const double total = ops::sum(map), square = ops::sum_of_squares(x, root);
        const double value = computed[2].data()[0];
        root_value_.per_sample.push_back(value);
        found_.per_sample.push_back(static_cast<double>(computed[2].data()[1]));
        distance_.per_sample.push_back(std::sqrt(square));
        remainder_.per_sample.push_back(settled_.values[n] - value - total);
    }

private:
    Request request_;
    SimpleTaylorParams params_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    Tensor baseline_, map_, root_;
    Scalar root_value_, found_, distance_, remainder_;
};

std::unique_ptr<Run> start_simple_taylor(const Request& request, const SimpleTaylorParams& p) {
    return std::make_unique<SimpleTaylorRun>(request, p);
}

}  // namespace

Method simple_taylor() {
    return define<SimpleTaylorParams, start_simple_taylor>(
        {.id = "simple_taylor",
         .family = "attribution",
         .title = "Simple Taylor decomposition",
         .question = "What does this drawing have that the nearest undecided drawing lacks?",
         .formula = R"((x-x_0)\odot\frac{\partial f_t}{\partial x}\Big|_{x_0},\quad f_t(x_0)=0)",
         .reference = {"Montavon, Samek, Müller", "Methods for interpreting and understanding deep neural networks",
                       2018, "Digital Signal Processing 73"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values), map_output(MapKind::image, "the root point", "root_point"),
                     scalar_output("root_value", "score", "the target's value at the root point"),
                     scalar_output("root_found", "yes", "whether the way has a root"),
                     scalar_output("distance", "", "how far the root point is, as an L2 norm"),
                     scalar_output("remainder", "score", "what the linear reading leaves unexplained")},
         .caveat =
             "A linear reading around one point: what bends between the two drawings is lost in the remainder. The "
             "root point need not look like a drawing, and where the way has no root (root_found 0) it is only the "
             "way's end."});
}

}  // namespace pellucid::methods
