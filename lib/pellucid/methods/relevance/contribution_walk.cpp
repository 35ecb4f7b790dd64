#include "pellucid/methods/relevance/contribution_walk.hpp"

#include "pellucid/methods/attribution/sampling.hpp"

#include <fmt/format.h>

namespace pellucid::methods {

namespace {

/// Calls body(pass, baselines in it) for input `n` and a few of its baselines after the others.
void each_pass(const Comparison& c, std::size_t n,
               FunctionRef<void(const DeepLiftPass& pass, std::size_t count)> body) {
    const Tensor& baselines = c.baselines[n % c.baselines.size()];
    const Partition partition(1, baselines.shape()[0]);
    for (std::size_t part = 0; part < partition.parts(); ++part) {
        const auto [_, first, count] = partition[part];
        const Trace trace = tile(c.evaluator.trace(c.input), n, 1, count);
        Trace reference;
        c.evaluator.network().forward(batch_slice(baselines, first, count), reference);
        body(DeepLiftPass(c.evaluator, trace, reference, c.targets[n], c.options), count);
    }
}

double baselines_of(const Comparison& c, std::size_t n) {
    return static_cast<double>(c.baselines[n % c.baselines.size()].shape()[0]);
}

class ContributionWalk final : public Layerwise {
public:
    ContributionWalk(Comparison c, Signals means)
        : Layerwise(c.evaluator.network(), c.evaluator.trace(c.input), std::move(means),
                    target_value(c.targets.front(), c.evaluator.network()), 0),
          comparison_(std::move(c)) {}

protected:
    std::vector<ReceivedThrough> through(const std::vector<Reader>& readers, std::size_t unit) const override;

private:
    Comparison comparison_;
};

std::vector<ReceivedThrough> ContributionWalk::through(const std::vector<Reader>& readers, std::size_t unit) const {
    std::vector<ReceivedThrough> all;
    std::vector<std::vector<Message>> sums;
    for (const auto& [value, input] : readers) {
        all.push_back({node(value).name, value, {}, {}});
        sums.emplace_back(sample_size(network().shape(value)));
    }
    each_pass(comparison_, 0, [&](const DeepLiftPass& pass, std::size_t) {
        for (std::size_t r = 0; r < readers.size(); ++r) {
            all[r].rule = pass.rule(readers[r].value);
            pass.add_messages(readers[r].value, readers[r].input, unit, sums[r]);
        }
    });
    const double baselines = baselines_of(comparison_, 0);
    for (std::size_t r = 0; r < readers.size(); ++r) {
        if (baselines > 1) all[r].rule += fmt::format(", mean over {} baselines", baselines);
        all[r].messages.forms = {{"Δa", "w", 1}};
        for (std::size_t k = 0; k < sums[r].size(); ++k) {
            Message& message = sums[r][k];
            if (message.value == 0.0) continue;
            message.unit = k;
            message.value /= baselines;
            message.relevance = static_cast<double>(relevance(readers[r].value).data()[k]);
            if (baselines > 1) {
                // A part that held one baseline alone told its products, which are not those of the mean.
                message.terms.clear();
                message.multiplier.reset();
            }
            all[r].messages.list.push_back(std::move(message));
        }
    }
    return all;
}

}  // namespace

std::shared_ptr<const Layerwise> contribution_walk(Comparison comparison, Signals means) {
    return std::make_shared<const ContributionWalk>(std::move(comparison), std::move(means));
}

}  // namespace pellucid::methods
