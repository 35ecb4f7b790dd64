#include "pellucid/methods/judging/evidential.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"

#include <cmath>
#include <limits>
#include <string>

namespace pellucid::methods {

Network knowledge_network(const Network& network, Evidence function) {
    Network known(network);
    known.metadata.erase(evidence_key);
    const auto add = [&](std::string name, std::unique_ptr<Layer> layer) {
        const auto taken = [&](const Node& node) { return node.name == name; };
        while (std::any_of(known.nodes().begin(), known.nodes().end(), taken)) name += "_";
        known.add(std::move(name), std::move(layer));
    };
    const std::size_t classes = network.classes();
    add("evidence", std::make_unique<Activation>(function == Evidence::relu ? Activation::Function::relu
                                                                            : Activation::Function::softplus));
    add("mean_evidence",
        std::make_unique<Dense>(filled({1, 1, classes, 1}, 1.0F / static_cast<float>(classes)), zeros({1, 1, 1, 1})));
    add("known", std::make_unique<Activation>(Activation::Function::softsign));
    return known;
}

namespace {

class EvidentialRun final : public PartedRun {
public:
    EvidentialRun(const Request& request, const Lens& lens)
        : request_(request),
          lens_(lens),
          function_(evidence_of(request.explainer.network())),
          settled_(settle_targets(request, request.explainer.plain())) {}

    std::size_t parts() const override { return 1; }

    std::vector<Tensor> compute(std::size_t) override {
        Explainer explainer(knowledge_network(request_.explainer.network(), function_));
        lens_.hand_on(request_.explainer, explainer);
        const Network& network = explainer.network();
        const Target known{
            .kind = TargetKind::neuron, .layer = std::string(network.name(network.output())), .placed = false};
        return list_of(lens_.ask(explainer, request_.input, known));
    }

    Result snapshot() override {
        if (done() == 0) fail(ErrorCode::bad_argument, "nothing has been computed yet: step the run first");
        const Tensor& logits =
            request_.explainer.plain().forward(request_.input).values[request_.explainer.network().logits()];
        Result result;
        result.value = settled_.values;
        Scalar mean, deviation, vacuity;
        Scores expected{{}, Tensor(logits.shape())};
        for (std::size_t k = 0; k < logits.shape()[3]; ++k) expected.groups.push_back(std::to_string(k));
        for (std::size_t n = 0; n < logits.shape()[0]; ++n) {
            const Dirichlet of(function_, sample(logits, n));
            const Target& target = settled_.targets[n];
            const bool names_class = target.kind == TargetKind::logit || target.kind == TargetKind::probability;
            constexpr double none = std::numeric_limits<double>::quiet_NaN();
            mean.per_sample.push_back(names_class ? of.probability(target.index) : none);
            deviation.per_sample.push_back(names_class ? std::sqrt(of.variance(target.index)) : none);
            vacuity.per_sample.push_back(of.vacuity());
            for (std::size_t k = 0; k < of.alpha.size(); ++k)
                sample(expected.values, n)[k] = static_cast<float>(of.probability(k));
        }
        result.add("map", Map{map_});
        result.add("vacuity", std::move(vacuity));
        result.add("value_mean", std::move(mean));
        result.add("value_deviation", std::move(deviation));
        result.add("expected", std::move(expected));
        return result;
    }

protected:
    void take(std::size_t, const std::vector<Tensor>& computed) override { map_ = computed[0]; }

private:
    Request request_;
    Lens lens_;
    Evidence function_;
    SettledTargets settled_;
    Tensor map_;
};

}  // namespace

std::unique_ptr<Run> start_evidential(const Request& request, const Lens& lens) {
    return std::make_unique<EvidentialRun>(request, lens);
}

}  // namespace pellucid::methods
