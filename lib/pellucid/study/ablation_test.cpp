/// ablation_test: what is a feature worth? Networks that are trained without it say so. Hooker, Erhan, Kindermans, Kim
/// 2019.
///
///   accuracy_f = accuracy of arg min_θ L(θ; training images without f) on test images without f;  difference =
///     accuracy_f − accuracy
/// f: a half of the picture, its middle or its rim, the blur of the strokes' edges, the quantity of ink; or (`feature`
/// ranked) the `share` of each image's pixels that `method` ranks highest for the network's own answer, beside as many
/// by chance. What is trained has the layers of this network and new weights, all drawn by the same seed: rows differ
/// by the images alone. The data are those that were given, with their labels, else the built-in pen digits; of the
/// first `samples` of them, shuffled, the share `test` is kept for testing. The input plays no part.
/// Shapes: accuracy and difference (N, 1, 1, trainings), the same for every sample. Cost: a training of `epochs` epochs
/// for every row. It lies here because it trains, and what trains is above the methods.
/// Deviation: with some hundred images and no augmentation accuracies are lower, and less sure (see standard_error),
/// than those of `pellucid ablate`, which trains by a recipe.
#include "pellucid/study/ablation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/inside/reference_drawings.hpp"
#include "pellucid/random.hpp"
#include "pellucid/study/features.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pellucid::methods {

namespace {

using study::Removal;

struct AblationTestParams {
    std::string feature = "each", method = "gradient";
    float share = 0.2F, test = 0.25F, learning_rate = 2e-3F;
    std::size_t epochs = 10, samples = 1000, batch = 16;
    std::uint32_t seed = 1;
};

/// "each", the features, "ranked".
const std::vector<std::string>& removable() {
    static const std::vector<std::string> words = [] {
        std::vector<std::string> all{"each"};
        for (const study::Feature& feature : study::features()) all.emplace_back(feature.id);
        all.emplace_back("ranked");
        return all;
    }();
    return words;
}

void describe(Fields& f, AblationTestParams& p) {
    f.choice("feature", p.feature, removable(), "what is taken out of all images; each: one after another");
    f.method("method", p.method, "the method by whose maps pixels are ranked").when("feature", {"ranked"});
    f.real("share", p.share, {0.01, 0.99}, "share of each image's pixels that are taken out")
        .when("feature", {"ranked"});
    f.integer("epochs", p.epochs, {1, 1000}, "times that a training goes through its images");
    f.integer("samples", p.samples, {2, 100000}, "the first so many of the data are used").in("images");
    f.real("test", p.test, {0.01, 0.99}, "share of these that is kept for testing").rarely();
    f.integer("batch", p.batch, {1, 1024}, "images of one step").rarely();
    f.real("learning_rate", p.learning_rate, {1e-6, 1}, "peak of the learning rate, which ends at 0").rarely();
    f.random_seed("seed", p.seed, "of the weights, the order of images, and which are kept for testing");
}

/// Images as training reads them, with their labels.
LabelledImages labelled_bytes(const ReferenceDrawings& drawings) {
    const Shape shape = drawings.images.shape();
    LabelledImages data{{shape[0], shape[1], shape[2], {}}, {}};
    for (const float v : elements(drawings.images)) {
        data.images.pixels.push_back(static_cast<std::uint8_t>(std::lround(255.0F * std::clamp(v, 0.0F, 1.0F))));
    }
    for (const std::size_t label : drawings.labels) data.labels.push_back(static_cast<std::uint8_t>(label));
    return data;
}

LabelledImages with_indices(const LabelledImages& data, std::span<const std::size_t> indices) {
    LabelledImages some{{indices.size(), data.images.rows, data.images.columns, {}}, {}};
    for (const std::size_t index : indices) {
        const auto image = data.images.image(index);
        some.images.pixels.insert(some.images.pixels.end(), image.begin(), image.end());
        some.labels.push_back(data.labels[index]);
    }
    return some;
}

study::Ablation::Subject subject_of(const Request& request, const AblationTestParams& p) {
    const Network& network = request.explainer.network();
    if (network.input_shape()[3] != 1) {
        fail(ErrorCode::unsupported,
             "ablation_test needs a network to train that reads one channel, paper to ink; this one reads {}",
             network.input_shape()[3]);
    }
    const ReferenceDrawings drawings = reference_drawings(request, p.samples);
    if (drawings.images.size() == 0) {
        fail(
            ErrorCode::unsupported,
            "ablation_test needs a set of drawings to train with; the built-in ones are of 28×28 in one channel, which "
            "this network does not read, and no data were given");
    }
    if (drawings.labels.empty()) fail(ErrorCode::bad_argument, "ablation_test needs labels, and these data have none");
    if (const std::size_t most = std::ranges::max(drawings.labels);
        most >= std::min<std::size_t>(network.classes(), 256)) {
        fail(ErrorCode::unsupported,
             "ablation_test needs a class of the network, up to 255, for every label; {} is none", most);
    }
    const LabelledImages all = labelled_bytes(drawings);
    if (all.size() < 2) fail(ErrorCode::bad_argument, "ablation_test needs two images at least, to train and to test");
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random random = stream(p.seed, Purpose::subset);
    random.shuffle(order);
    const auto wanted = std::lround(static_cast<double>(p.test) * static_cast<double>(all.size()));
    const std::size_t tested = std::clamp(static_cast<std::size_t>(wanted), std::size_t{1}, all.size() - 1);
    const auto kept = std::span(order).first(tested), rest = std::span(order).subspan(tested);
    train::TrainingOptions options;
    options.seed = p.seed;
    options.epochs = p.epochs;
    options.batch = p.batch;
    options.schedule.learning_rate = p.learning_rate;
    return {network, options, with_indices(all, rest), with_indices(all, kept)};
}

std::vector<Removal> removals_of(const AblationTestParams& p) {
    std::vector<Removal> removals{{}};
    const double share = std::round(1e6 * static_cast<double>(p.share)) / 1e6;  // as it was written
    if (p.feature == "ranked") {
        for (const std::string& by : {std::string("chance"), p.method})
            removals.push_back({Removal::Kind::ranked, by, share});
    } else {
        for (const study::Feature& feature : study::features()) {
            if (p.feature == "each" || p.feature == feature.id)
                removals.push_back({Removal::Kind::feature, std::string(feature.id)});
        }
    }
    return removals;
}

class AblationTestRun final : public Run {
public:
    AblationTestRun(const Request& request, const AblationTestParams& p)
        : values_(settle_targets(request, request.explainer.plain()).values),
          removals_(removals_of(p)),
          ablation_(subject_of(request, p), &request.explainer.network()) {
        for (const Removal& removal : removals_) most_ += ablation_.parts(removal);
        ablation_.begin(removals_.front());
    }

    std::size_t most() const override { return most_; }

    /// Of the trainings that are over.
    Result snapshot() override {
        if (done() == 0) fail(ErrorCode::bad_argument, "nothing has been computed yet: step the run first");
        const std::size_t samples = values_.size();
        Scores accuracy, difference;
        for (std::size_t i = 0; i < accuracies_.size(); ++i) accuracy.groups.push_back(removals_[i].words());
        difference.groups = accuracy.groups;
        accuracy.values = difference.values = Tensor(Shape{samples, 1, 1, accuracies_.size()});
        for (std::size_t n = 0; n < samples; ++n) {
            for (std::size_t i = 0; i < accuracies_.size(); ++i) {
                accuracy.values(n, 0, 0, i) = static_cast<float>(accuracies_[i]);
                difference.values(n, 0, 0, i) = static_cast<float>(accuracies_[i] - accuracies_.front());
            }
        }
        const auto trained = static_cast<double>(ablation_.subject().training.size());
        const auto tested = static_cast<double>(ablation_.subject().test.size());
        const double whole = accuracies_.empty() ? std::nan("") : accuracies_.front();
        const auto for_all = [&](double value) { return Scalar{std::vector<double>(samples, value)}; };
        Result result;
        result.value = values_;
        result.add("accuracy", std::move(accuracy));
        result.add("difference", std::move(difference));
        result.add("whole", for_all(whole));
        // With one more image read right and one read wrong: of few images all may be right, which is not certain.
        const double usual = (whole * tested + 1) / (tested + 2);
        result.add("standard_error", for_all(std::sqrt(usual * (1 - usual) / (tested + 2))));
        result.add("trained", for_all(trained));
        result.add("tested", for_all(tested));
        return result;
    }

protected:
    void advance(std::size_t) override {
        ablation_.step();
        if (!ablation_.accuracy()) return;
        accuracies_.push_back(*ablation_.accuracy());
        if (accuracies_.size() < removals_.size()) ablation_.begin(removals_[accuracies_.size()]);
    }

private:
    std::vector<double> values_;
    std::vector<Removal> removals_;
    study::Ablation ablation_;
    std::size_t most_ = 0;
    std::vector<double> accuracies_;
};

std::unique_ptr<Run> start_ablation_test(const Request& request, const AblationTestParams& p) {
    study::Ranking::check(find_method(p.method));
    return std::make_unique<AblationTestRun>(request, p);
}

}  // namespace

Method ablation_test() {
    return define<AblationTestParams, start_ablation_test>(
        {.id = "ablation_test",
         .family = "perturbation",
         .title = "Ablation test",
         .question = "How well can a network read that never saw this part?",
         .formula = R"(\mathrm{acc}(\theta_f,\,T_{-f}),\quad \theta_f=\arg\min_\theta L(\theta,\,D_{-f}))",
         .reference = {"Hooker, Erhan, Kindermans, Kim",
                       "A Benchmark for Interpretability Methods in Deep Neural Networks", 2019, "NeurIPS"},
         .targets = any_target(),
         .outputs = {scores_output("accuracy", "share",
                                   "on images without it, of a network that was trained without it"),
                     scores_output("difference", "share",
                                   "from the accuracy with nothing removed; below 0 it is missed"),
                     scalar_output("whole", "share", "accuracy with nothing removed"),
                     scalar_output("standard_error", "share", "of that accuracy, by the number of test images"),
                     scalar_output("trained", "images", "images that were trained with"),
                     scalar_output("tested", "images", "images that were tested on")},
         .caveat = "It tells what a network can do without, not what this network uses. What is removed leaves a shape "
                   "behind, which a new network can read, too; and with few images small differences are chance.",
         .progressive = true,
         .subject = SubjectKind::data,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
