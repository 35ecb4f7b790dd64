/// Work that goes on in parts: explanations, attacks, syntheses, training alike can be stepped, watched and stopped.
#pragma once

#include "pellucid/methods/result.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace pellucid {

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
