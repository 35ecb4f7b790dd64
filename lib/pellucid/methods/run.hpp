/// Work that goes on in parts: explanations, attacks, syntheses, training alike can be stepped, watched and stopped.
#pragma once

#include "pellucid/backward/rule.hpp"
#include "pellucid/tensor.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pellucid {

class Layerwise;

/// What a method answers. Everything is per batch: sample n of `map` explains sample n of the input.
struct Result {
    Tensor map;                 ///< (N, H, W, C or 1) with the input's H and W; images have the input's shape
    std::vector<double> value;  ///< f_t(x) of every sample
    std::vector<std::pair<std::string, Tensor>> images;   ///< further images, e.g. "standard_error"
    std::vector<std::pair<std::string, double>> numbers;  ///< further numbers, e.g. "completeness_gap" (batch means)
    Ledger ledger;                                        ///< relevance methods: a row per layer, from the top down
    /// Where the request asked for it and there is a ledger, but for ledgers of one pass of several that a map is the
    /// difference of: the relevance of every layer. It must not outlive the explainer.
    std::shared_ptr<const Layerwise> layerwise = nullptr;
};

class Run {
public:
    virtual ~Run() = default;

    /// Number of parts; fixed when the run starts.
    virtual std::size_t parts() const = 0;

    /// The result of what has been done; after the last part, the answer. Throws Error before the first part.
    virtual Result snapshot() = 0;

    /// Does the next part; false when none is left.
    bool step();
    std::size_t done() const { return done_; }
    double progress() const { return parts() == 0 ? 1.0 : static_cast<double>(done_) / static_cast<double>(parts()); }

    /// Parts that do not need each other can be computed elsewhere, in any order, and absorbed here in order:
    /// the result is the same to the last bit. Others throw Error(unsupported) from both functions.
    virtual bool independent() const { return false; }
    virtual std::vector<Tensor> compute(std::size_t part);
    /// `part` must be done().
    void absorb(std::size_t part, const std::vector<Tensor>& computed);

protected:
    virtual void advance(std::size_t part) = 0;
    virtual void take(std::size_t part, const std::vector<Tensor>& computed);

private:
    std::size_t done_ = 0;
};

/// A run whose parts do not need each other: it computes a part into tensors, and takes them in order.
class PartedRun : public Run {
public:
    bool independent() const final { return true; }
    std::vector<Tensor> compute(std::size_t part) override = 0;

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override = 0;
    void advance(std::size_t part) final { take(part, compute(part)); }
};

/// A run of one part.
std::unique_ptr<Run> single_run(std::function<Result()> work);

}  // namespace pellucid
