#include "shrink.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <optional>

namespace pellucid::test {

namespace {

/// The plan without a layer, whose readers read what it read first.
Plan without(const Plan& plan, std::size_t layer) {
    Plan smaller = plan;
    const std::size_t instead = plan.layers[layer].from.front();
    smaller.layers.erase(smaller.layers.begin() + static_cast<std::ptrdiff_t>(layer));
    for (LayerPlan& other : smaller.layers) {
        for (std::size_t& value : other.from) {
            if (value == layer + 1)
                value = instead;
            else if (value > layer + 1)
                --value;
        }
    }
    return smaller;
}

/// All plans that are a step smaller, the largest steps first.
std::vector<Plan> smaller_ones(const Plan& plan) {
    std::vector<Plan> all;
    for (std::size_t i = plan.layers.size(); i-- > 0;) {
        Plan cut = plan;
        cut.layers.resize(i);
        if (i > 0) all.push_back(std::move(cut));
    }
    if (plan.layers.size() > 1) {
        for (std::size_t i = plan.layers.size(); i-- > 0;) all.push_back(without(plan, i));
    }
    const auto lower = [&](auto number, std::size_t least) {
        const std::size_t now = number(const_cast<Plan&>(plan));
        std::vector<std::size_t> steps{least, least + (now - least) / 2, now - 1};
        for (const std::size_t value : steps) {
            if (now <= least || value >= now) continue;
            Plan one = plan;
            number(one) = value;
            all.push_back(std::move(one));
        }
    };
    for (std::size_t axis = 0; axis < 4; ++axis) {
        lower([axis](Plan& p) -> std::size_t& { return p.input[axis]; }, 1);
    }
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        const auto one = std::find_if(operators().begin(), operators().end(),
                                      [&](const Operator& o) { return o.name == plan.layers[i].op; });
        for (std::size_t k = 0; k < one->least.size(); ++k) {
            lower([i, k](Plan& p) -> std::size_t& { return p.layers[i].numbers[k]; }, one->least[k]);
        }
    }
    return all;
}

bool can_be_built(const Plan& plan) {
    try {
        (void)build(plan);
        return true;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

Plan shrink(Plan plan, const std::function<bool(const Plan&)>& fails, std::size_t budget) {
    for (bool better = true; better;) {
        better = false;
        for (Plan& smaller : smaller_ones(plan)) {
            if (!can_be_built(smaller)) continue;
            if (budget-- == 0) return plan;
            if (!fails(smaller)) continue;
            plan = std::move(smaller);
            better = true;
            break;
        }
    }
    return plan;
}

}  // namespace pellucid::test
