/// certificate: no change within ε can turn the answer, by interval bounds. Gowal et al. 2018.
///
/// The bounds of interval.hpp over the box of ε and the input's range; margin = the least that the label can lead any
/// other answer by; certified where that is above 0. radius: the largest ε that is certified, by `bisections` halvings
/// of [0, most]. Never certifies what some input within ε breaks; bounds are loose, so a radius of 0 says nothing
/// against the network. The label is the target's class, or the answer; a label that is not the answer has radius 0.
///   radius      the largest ε found that is certified
///   certified   at `epsilon`
///   margin      at `epsilon`
///   margins     the same along ε from 0 to `epsilon` at `points` values, (N, 1, 1, points + 1)
///   least, greatest   bounds of each class's logit at `epsilon`
/// Cost: two forward passes for each value of ε. One part per value.
#include "pellucid/methods/adversarial/attack.hpp"
#include "pellucid/methods/adversarial/interval.hpp"

#include "pellucid/error.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

struct CertificateParams {
    double epsilon = 0.01, most = 1.0;
    std::size_t points = 10, bisections = 20;
};

void describe(Fields& f, CertificateParams& p) {
    describe_epsilon(f, p.epsilon, "largest change of a pixel that is bounded");
    f.real("most", p.most, {1e-9, 1e6}, "the largest radius that is looked for").share_of_range().rarely();
    f.integer("points", p.points, {1, 1000}, "values of ε along the curve of margins").rarely();
    f.integer("bisections", p.bisections, {1, 60}, "halvings of the radius").at_most_while_drawing(12).rarely();
}

class CertificateRun final : public Run {
public:
    CertificateRun(const Request& request, const CertificateParams& p)
        : request_(request),
          params_(p),
          attacked_((check_epsilon(p.epsilon, Norm::linf, request.explainer.network()), attacked(request, false))),
          victim_(request.explainer.network()),
          pass_(victim_.network()),
          low_(request.input.shape()[0], 0.0),
          high_(low_.size(), p.most),
          margin_(low_.size()),
          margins_(Shape{low_.size(), 1, 1, p.points + 1}) {}

    std::size_t most() const override { return params_.points + 1 + params_.bisections; }

    Result snapshot() override {
        if (done() == 0) fail(ErrorCode::bad_argument, "nothing has been computed yet: step the run first");
        Result result;
        const Tensor& z = request_.explainer.plain().trace(request_.input).values[victim_.network().logits()];
        Scalar certified;
        for (std::size_t n = 0; n < low_.size(); ++n) {
            certified.per_sample.push_back(margin_[n] > 0 ? 1 : 0);
            result.value.push_back(static_cast<double>(sample(z, n)[attacked_.unit(n, victim_.network())]));
        }
        std::vector<std::string> classes;
        for (std::size_t c = 0; c < bounds_.low.shape()[3]; ++c) classes.push_back(fmt::format("{}", c));
        Series margins{{}, margins_};
        for (std::size_t k = 0; k <= params_.points; ++k) margins.at.push_back(static_cast<float>(at_point(k)));
        result.add("radius", Scalar{low_});
        result.add("certified", std::move(certified));
        result.add("margin", Scalar{margin_});
        result.add("margins", std::move(margins));
        result.add("least", Scores{classes, bounds_.low});
        result.add("greatest", Scores{classes, bounds_.high});
        return result;
    }

protected:
    void advance(std::size_t part) override {
        // The curve from its far end, so that the first part answers what was asked for.
        if (part <= params_.points) {
            const std::size_t k = params_.points - part;
            const Interval& bounds = propagate(std::vector<double>(low_.size(), at_point(k)));
            if (part == 0) bounds_ = bounds;
            for (std::size_t n = 0; n < low_.size(); ++n) {
                const double margin = least_lead(n);
                if (part == 0) margin_[n] = margin;
                margins_(n, 0, 0, k) = static_cast<float>(margin);
                narrow(n, at_point(k), margin);
            }
            return;
        }
        std::vector<double> middle(low_.size());
        for (std::size_t n = 0; n < low_.size(); ++n) middle[n] = (low_[n] + high_[n]) / 2;
        propagate(middle);
        for (std::size_t n = 0; n < low_.size(); ++n) narrow(n, middle[n], least_lead(n));
    }

private:
    double at_point(std::size_t k) const {
        return params_.epsilon * static_cast<double>(k) / static_cast<double>(params_.points);
    }

    /// What is known of the radius: certified up to low, not at high.
    void narrow(std::size_t n, double epsilon, double margin) {
        if (margin > 0) {
            low_[n] = std::max(low_[n], std::min(epsilon, params_.most));
        } else {
            high_[n] = std::min(high_[n], epsilon);
        }
        high_[n] = std::max(high_[n], low_[n]);
    }

    const Interval& propagate(const std::vector<double>& epsilons) {
        Box box = box_around(request_.input, victim_.network(), epsilons);
        return pass_({std::move(box.low), std::move(box.high)});
    }

    /// Of the label over the best other answer, of the last pass.
    double least_lead(std::size_t n) const {
        const std::size_t label = attacked_.labels[n];
        if (victim_.network().classes() == 1) {
            const auto& bounds = pass_.bounds();
            return static_cast<double>(label == 1 ? sample(bounds.low, n)[0] : -sample(bounds.high, n)[0]);
        }
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t k = 0; k < victim_.answers(); ++k) {
            if (k != label) least = std::min(least, pass_.least_lead(n, label, k));
        }
        return least;
    }

    Request request_;
    CertificateParams params_;
    Attacked attacked_;
    Victim victim_;
    IntervalPass pass_;
    std::vector<double> low_, high_, margin_;
    Tensor margins_;
    Interval bounds_;  // of the logits at `epsilon`
};

std::unique_ptr<Run> start_certificate(const Request& request, const CertificateParams& p) {
    return std::make_unique<CertificateRun>(request, p);
}

std::vector<Output> certificate_outputs() {
    return {scalar_output("radius", "", "the largest ε within which nothing changes the answer"),
            scalar_output("certified", "yes", "whether nothing within ε changes the answer"),
            scalar_output("margin", "score", "the least that the answer can lead any other by within ε"),
            series_output("margins", "score", "the same against ε", "epsilon"),
            scores_output("least", "score", "the least that each class's logit can be within ε"),
            scores_output("greatest", "score", "the most")};
}

}  // namespace

Method certificate() {
    return define<CertificateParams, start_certificate>(
        {.id = "certificate",
         .family = "adversarial",
         .title = "Certificate",
         .question = "Within which ε can nothing at all change the answer?",
         .formula = R"(\min_{\lVert\eta\rVert_\infty\le\varepsilon}\; z_l(x+\eta) - \max_{k\neq l} z_k(x+\eta) > 0)",
         .reference = {"Gowal, Dvijotham, Stanforth, Bunel, Qin, Uesato, Arandjelovic, Mann, Kohli",
                       "On the Effectiveness of Interval Bound Propagation for Training Verifiably Robust Models", 2018,
                       "arXiv"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = certificate_outputs(),
         .caveat =
             "Its bounds grow from layer to layer: for networks not trained for it the radius is far below what any "
             "attack needs.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
