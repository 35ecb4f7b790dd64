#include "pellucid/backward/engine.hpp"

#include "pellucid/error.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>

namespace pellucid {

namespace {

double total(const Tensor& tensor) { return simd::kernels().sum(1, tensor.size(), tensor.data(), nullptr); }

double amount(const Backward& pass, ValueId value, const Tensor& signal) {
    return pass.sum != nullptr ? (*pass.sum)(value, signal) : total(signal);
}

/// Which values depend on `to`; only their signals are worth computing.
void find_dependents(const Network& network, ValueId to, std::vector<char>& depends) {
    depends.assign(network.nodes().size() + 1, 0);
    depends[to] = 1;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        for (const ValueId input : network.nodes()[i].inputs) depends[i + 1] |= depends[input];
    }
}

/// Gives the signal of one value to another of the same size.
void hand_on(const Trace& trace, ValueId from, ValueId to, Signals& signals) {
    std::swap(signals.values[from], signals.values[to]);
    reshape_to(signals.values[to], trace.values[to].shape());
    signals.known[from] = 0;
    signals.known[to] = 1;
}

/// Where one node's input signals go: straight to the value's place, or aside if that place holds a signal already.
class Destinations {
public:
    Destinations(const Backward& pass, const Node& node, Signals& signals)
        : pass_(pass), node_(node), signals_(signals), targets_(pass.workspace.traversal().targets) {
        auto& [wanted, aside, targets, sums] = pass.workspace.traversal();
        targets.assign(node.inputs.size(), nullptr);
        if (aside.size() < node.inputs.size()) aside.resize(node.inputs.size());
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const ValueId value = node.inputs[i];
            if (!wanted[value]) continue;
            // A layer may read one value twice.
            const auto before = node.inputs.begin() + static_cast<std::ptrdiff_t>(i);
            const bool taken = signals.known[value] || std::find(node.inputs.begin(), before, value) != before;
            Tensor& place = taken ? aside[i] : signals.values[value];
            reshape_to(place, pass.trace.values[value].shape());
            targets[i] = &place;
        }
    }

    std::span<Tensor* const> targets() const { return targets_; }

    /// Adds what went aside.
    void settle() {
        for (std::size_t i = 0; i < targets_.size(); ++i) {
            if (targets_[i] == nullptr) continue;
            Tensor& place = signals_.values[node_.inputs[i]];
            if (targets_[i] != &place) {
                simd::kernels().add(place.size(), place.data(), targets_[i]->data(), place.data());
            }
            signals_.known[node_.inputs[i]] = 1;
        }
    }

    /// To be called before settle(): the sum of what leaves, which is added to the sums per value. `kept`: it is what
    /// entered, as the rule says.
    double leaving(const double* kept, std::vector<double>& sums) const {
        double all = 0;
        for (std::size_t i = 0; i < targets_.size(); ++i) {
            if (targets_[i] == nullptr) continue;
            const double sum = kept != nullptr ? *kept : amount(pass_, node_.inputs[i], *targets_[i]);
            sums[node_.inputs[i]] += sum;
            all += sum;
        }
        return all;
    }

private:
    const Backward& pass_;
    const Node& node_;
    Signals& signals_;
    std::vector<Tensor*>& targets_;
};

}  // namespace

void run_backward(const Backward& pass, ValueId from, const Tensor& seed, ValueId to, Signals& signals,
                  Ledger* ledger) {
    const Network& network = pass.network;
    if (seed.shape() != pass.trace.values[from].shape()) {
        fail(ErrorCode::bad_shape, "a seed of shape {} does not fit the value '{}' of shape {}",
             to_string(seed.shape()), network.name(from), to_string(Shape(pass.trace.values[from].shape())));
    }
    const std::size_t count = network.nodes().size() + 1;
    signals.values.resize(count);
    signals.known.assign(count, 0);
    std::vector<char>& wanted = pass.workspace.traversal().wanted;
    find_dependents(network, to, wanted);

    reshape_to(signals.values[from], seed.shape());
    std::copy_n(seed.data(), seed.size(), signals.values[from].data());
    signals.known[from] = 1;

    std::vector<double>& sums = pass.workspace.traversal().sums;
    sums.assign(count, 0.0);
    if (ledger != nullptr) sums[from] = amount(pass, from, seed);

    LayerInputs storage;
    for (ValueId value = from; value > to; --value) {
        if (!signals.known[value] || !wanted[value]) continue;
        const std::size_t index = value - 1;
        const Node& node = network.nodes()[index];
        LedgerRow row;
        const ValueId first = node.inputs[0];
        const bool same = node.inputs.size() == 1 && pass.rules[index]->keeps_signal() &&
                          pass.trace.values[first].size() == pass.trace.values[value].size();
        if (same && !pass.inner && pass.sum == nullptr && !signals.known[first]) {
            hand_on(pass.trace, value, first, signals);
            sums[first] = sums[value];
            if (ledger != nullptr) ledger->push_back({node.name, sums[value], sums[value]});
            continue;
        }
        Destinations destinations(pass, node, signals);
        pass.rules[index]->cross({*node.layer, network.step(pass.trace, index, storage), signals.values[value],
                                  destinations.targets(), pass.workspace, ledger != nullptr ? &row : nullptr});
        if (ledger != nullptr) {
            row.layer = node.name;
            row.entering = sums[value];
            const bool keeps =
                pass.sum == nullptr && node.inputs.size() == 1 && pass.rules[index]->keeps_sum(*node.layer);
            row.leaving = destinations.leaving(keeps ? &row.entering : nullptr, sums);
            row.stabiliser = row.entering - row.leaving - row.bias;
            ledger->push_back(std::move(row));
        }
        destinations.settle();
    }
    if (!signals.known[to]) {
        reshape_to(signals.values[to], pass.trace.values[to].shape());
        std::fill_n(signals.values[to].data(), signals.values[to].size(), 0.0F);
        signals.known[to] = 1;
    }
}

}  // namespace pellucid
