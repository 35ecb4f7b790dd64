/// universal: one change that fools the network on most images. Moosavi-Dezfooli et al. 2017.
///
/// For each image x of the set whose answer x + v does not change, v ← Π(v + Δ), Δ the way of deepfool from x + v to
/// the nearest boundary, Π onto ‖v‖ ≤ ε; over the set in a random order, for `epochs` rounds or until the share `rate`
/// of the images is fooled. Images of the result are clip(x + v) to the range; each changes by no more than ε, to the
/// last bit. The set is the first `images` of the data, each with the network's answer as its label, where data are
/// given (Role::data); else the batch of inputs itself, each with its own answer (class targets: that class), and then
/// a sample of a batch is not answered as it would be alone. Untargeted.
/// Shapes: map, perturbation as the input; pattern the same v for every sample. Cost: a visit of an image that is not
/// yet fooled is a deepfool. One part per image and round.
#include "pellucid/methods/adversarial/boundary_walk.hpp"

#include "pellucid/gather.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/ops.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace pellucid::methods {

namespace {

struct UniversalParams {
    double epsilon = 0.2;
    Norm norm = Norm::linf;
    std::size_t epochs = 5, steps = 10, images = 500;
    double rate = 0.8, overshoot = 0.02;
    std::uint32_t seed = 0;
};

void describe(Fields& f, UniversalParams& p) {
    describe_epsilon(f, p.epsilon);
    describe_norm(f, p.norm);
    f.integer("epochs", p.epochs, {1, 1000}, "rounds over the images");
    f.integer("steps", p.steps, {1, 1000}, "most steps of deepfool at a visit").rarely();
    f.integer("images", p.images, {1, 100000}, "most images of the data that it is made from").rarely();
    f.real("rate", p.rate, {0, 1}, "share of fooled images that is enough");
    f.real("overshoot", p.overshoot, {0, 10}, "deepfool's overshoot").rarely();
    f.random_seed("seed", p.seed, "seed of the order of the images");
}

/// Images, what they are taken for, and where each may go.
struct AttackedSet {
    Tensor images;
    std::vector<std::size_t> labels;
    Box box;

    std::size_t size() const { return labels.size(); }
};

AttackedSet set_of(Tensor images, std::vector<std::size_t> labels, const Network& network, const UniversalParams& p) {
    Box box = p.norm == Norm::linf ? box_around(images, network, p.epsilon) : box_around(images, network);
    return {std::move(images), std::move(labels), std::move(box)};
}

/// What the change is made from, where it is not the inputs.
std::optional<AttackedSet> given_set(const Request& request, const UniversalParams& p) {
    if (request.with == nullptr || !request.with->has(Role::data)) return std::nullopt;
    const Network& network = request.explainer.network();
    request.with->check_fits(network);
    const DataSet& data = request.with->data();
    Tensor images = data.images(0, std::min(p.images, data.size()), input_range(network));
    std::vector<std::size_t> labels = decisions(network, predict_logits(network, images));
    return set_of(std::move(images), std::move(labels), network, p);
}

class UniversalRun final : public Run {
public:
    UniversalRun(const Request& request, const UniversalParams& p)
        : request_(request),
          params_(p),
          attacked_((check_epsilon(p.epsilon, p.norm, request.explainer.network()), attacked(request, false))),
          victim_(request.explainer.network()),
          inputs_(set_of(request.input, attacked_.labels, victim_.network(), p)),
          given_(given_set(request, p)),
          change_(zeros(with_batch(request.input.shape(), 1))),
          order_(set().size()) {}

    std::size_t most() const override { return params_.epochs * order_.size(); }
    bool finished() const override { return Run::finished() || enough_; }

    Result snapshot() override {
        Result result = attack_result(request_, changed(inputs_), attacked_);
        const std::size_t samples = inputs_.size();
        result.add("pattern", Map{repeat(change_, samples)});
        result.add("fooling_rate", Scalar{std::vector<double>(samples, share_fooled())});
        return result;
    }

protected:
    void advance(std::size_t part) override {
        const std::size_t visit = part % order_.size();
        if (visit == 0) shuffle(part / order_.size());
        visit_image(order_[visit]);
        if (visit + 1 == order_.size()) enough_ = share_fooled() >= params_.rate;
    }

private:
    const AttackedSet& set() const { return given_ ? *given_ : inputs_; }

    void shuffle(std::size_t epoch) {
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        Random random = stream(params_.seed, Purpose::permutation, 0, epoch);
        random.shuffle(order_);
    }

    /// clip(x + v) of some samples, within ε of x.
    Tensor changed(const AttackedSet& of, std::span<const std::size_t> samples) const {
        Tensor images = gather(of.images, samples);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const auto image = sample(images, i);
            ops::add(image, elements(change_));
            ops::clamp(image, sample(of.box.low, samples[i]), sample(of.box.high, samples[i]));
            if (params_.norm == Norm::l2)
                shorten(sample(of.images, samples[i]), params_.epsilon, of.box, samples[i], image);
        }
        return images;
    }
    Tensor changed(const AttackedSet& of) const {
        std::vector<std::size_t> all(of.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        return changed(of, all);
    }

    void visit_image(std::size_t n) {
        const Tensor image = changed(set(), std::span(&n, 1));
        const Attacked as{{set().labels[n]}, false};
        if (victim_.fooled(elements(victim_.logits(image)), as.labels[0], false)) return;
        BoundaryWalk walk(victim_, image, as, {.norm = params_.norm, .overshoot = params_.overshoot});
        for (std::size_t step = 0; step < params_.steps && walk.step(); ++step) {
        }
        Tensor way = walk.place();
        ops::subtract(elements(way), elements(image));
        ops::add(elements(change_), elements(std::as_const(way)));
        project();
    }

    void project() {
        const auto epsilon = static_cast<float>(params_.epsilon);
        if (params_.norm == Norm::linf) {
            ops::clamp(elements(change_), -epsilon, epsilon);
            return;
        }
        const Tensor nothing = zeros(change_.shape());
        const double length = distance(elements(change_), elements(nothing));
        if (length <= params_.epsilon) return;
        ops::scale(elements(change_), static_cast<float>(params_.epsilon / length));
    }

    double share_fooled() {
        const Tensor& z = victim_.logits(changed(set()));
        std::size_t fooled = 0;
        for (std::size_t n = 0; n < set().size(); ++n)
            fooled += victim_.fooled(sample(z, n), set().labels[n], false) ? 1 : 0;
        return static_cast<double>(fooled) / static_cast<double>(set().size());
    }

    Request request_;
    UniversalParams params_;
    Attacked attacked_;
    Victim victim_;
    AttackedSet inputs_;
    std::optional<AttackedSet> given_;
    Tensor change_;  // v
    std::vector<std::size_t> order_;
    bool enough_ = false;
};

std::unique_ptr<Run> start_universal(const Request& request, const UniversalParams& p) {
    return std::make_unique<UniversalRun>(request, p);
}

}  // namespace

Method universal() {
    return define<UniversalParams, start_universal>(
        {.id = "universal",
         .family = "adversarial",
         .title = "Universal perturbation",
         .question = "Is there one change that fools the network on almost every drawing?",
         .formula = R"(v \leftarrow \Pi_{\lVert v\rVert\le\varepsilon}\Big(v + \arg\min_r\{\lVert r\rVert :
\hat k(x_i + v + r)\neq \hat k(x_i)\}\Big))",
         .reference = {"Moosavi-Dezfooli, Fawzi, Fawzi, Frossard", "Universal Adversarial Perturbations", 2017, "CVPR"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs(
             {map_output(MapKind::change, "the one change of all images, before clipping", "pattern"),
              scalar_output("fooling_rate", "share", "share of the images it was made from that it fools")}),
         .caveat = "It was made from certain images: on others it fools fewer.",
         .progressive = true,
         .subject = SubjectKind::data,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
