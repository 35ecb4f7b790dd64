/// Work that goes on in parts: explanations, attacks, syntheses, training alike can be stepped, watched and stopped.
#pragma once

#include "pellucid/methods/result.hpp"

#include <memory>
#include <vector>

namespace pellucid {

/// How far a run is.
struct State {
    std::size_t done = 0;   ///< parts that were done
    std::size_t most = 0;   ///< parts that it takes at most; may fall while it goes on
    bool finished = false;  ///< nothing is left to do, whether all parts were needed or not

    /// From 0 to 1; 1 only where it is finished.
    double progress() const;
};

class Run {
public:
    virtual ~Run() = default;

    /// A bound on the number of parts. A run may need fewer: only finished() says that it is over.
    virtual std::size_t most() const = 0;
    /// Whether nothing is left to do: after the last part, or earlier where an override says so.
    virtual bool finished() const { return done_ >= most(); }

    /// The result of what has been done; once it is finished, the answer. Throws Error before the first part.
    virtual Result snapshot() = 0;

    /// Does the next part; false when none is left.
    bool step();
    std::size_t done() const { return done_; }
    State state() const { return {done_, most(), finished()}; }
    double progress() const { return state().progress(); }

    /// Parts that do not need each other can be computed elsewhere, in any order, and absorbed here in order:
    /// the result is the same to the last bit. Others throw Error(unsupported) from both functions.
    virtual bool independent() const { return false; }
    virtual std::vector<Tensor> compute(std::size_t part);
    /// `part` must be done().
    void absorb(std::size_t part, const std::vector<Tensor>& computed);

protected:
    virtual void advance(std::size_t part) = 0;
    virtual void take(std::size_t part, const std::vector<Tensor>& computed);
    /// Where a saved state was taken up: so many parts are done.
    void resume_at(std::size_t part) { done_ = part; }

private:
    std::size_t done_ = 0;
};

/// What compute() gives: these tensors, moved, where a list in braces would copy them.
std::vector<Tensor> list_of(Tensor&& first);
std::vector<Tensor> list_of(Tensor&& first, Tensor&& second);

/// A run whose parts do not need each other: it computes a part into tensors, and takes them in order. It never ends
/// before the last part, so that all parts can be given away at once.
class PartedRun : public Run {
public:
    /// The number of parts; fixed when the run starts.
    virtual std::size_t parts() const = 0;
    std::size_t most() const final { return parts(); }
    bool finished() const final { return done() >= parts(); }
    bool independent() const final { return true; }
    std::vector<Tensor> compute(std::size_t part) override = 0;

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override = 0;
    void advance(std::size_t part) final { take(part, compute(part)); }
};

}  // namespace pellucid
