/// What is moved so that a picture changes: its pixels, the code of a generator, the weights of a generator, a mask.
///
/// image() renders the numbers, pull() takes a gradient by the pictures down to them, and an optimiser moves the slots:
///
///     gradient = objective(p.image()); p.pull(gradient); optimiser.step(p.slots(), rate); p.moved();
///
/// Everything is sample by sample: picture n depends on its own numbers alone.
#pragma once

#include "pellucid/backward/input_gradient.hpp"
#include "pellucid/nn/range.hpp"
#include "pellucid/optimise/optimiser.hpp"
#include "pellucid/optimise/weight_gradients.hpp"

#include <memory>
#include <span>
#include <vector>

namespace pellucid::optimise {

class Parameterisation {
public:
    virtual ~Parameterisation() = default;
    /// The pictures, (N, h, w, c); valid until the next call.
    virtual const Tensor& image() = 0;
    /// ∂L/∂pictures of the last image() becomes the slots' gradients.
    virtual void pull(const Tensor& gradient) = 0;
    virtual std::vector<Slot> slots() = 0;
    /// To be called after the slots' values were changed.
    virtual void moved() {}
};

/// The pixels themselves, kept within the range.
class Pixels final : public Parameterisation {
public:
    Pixels(Tensor start, InputRange range);
    const Tensor& image() override { return pixels_; }
    void pull(const Tensor& gradient) override { gradient_ = gradient; }
    std::vector<Slot> slots() override { return {{&pixels_, &gradient_, false}}; }
    void moved() override;
    Tensor& pixels() { return pixels_; }

private:
    Tensor pixels_, gradient_;
    InputRange range_;
};

/// The code z of a generator: x = low + (high − low)·g(z).
class Code final : public Parameterisation {
public:
    /// code: (N, …) as the generator reads it. The generator must outlive this.
    Code(const Network& generator, Tensor code, InputRange range);
    const Tensor& image() override;
    void pull(const Tensor& gradient) override;
    std::vector<Slot> slots() override { return {{&code_, &gradient_, false}}; }
    void moved() override { rendered_ = false; }
    /// moved() is to be called after a change.
    Tensor& code() { return code_; }
    /// Further gradient by the code, after pull().
    Tensor& gradient() { return gradient_; }

private:
    const Network& generator_;
    InputGradient passes_;
    InputRange range_;
    Tensor code_, gradient_, image_, seed_;
    bool rendered_ = false;
};

/// The weights of generators whose input stays: one network for each sample.
class GeneratorWeights final : public Parameterisation {
public:
    /// starts: a network for each sample. input: (1, …), of all of them. The picture is the output's upper left corner
    /// of `picture`'s size, which may not be larger.
    GeneratorWeights(std::span<const Network> starts, const Tensor& input, const Shape& picture, InputRange range);
    const Tensor& image() override;
    void pull(const Tensor& gradient) override;
    std::vector<Slot> slots() override;
    void moved() override;

private:
    struct Own {
        explicit Own(const Network& start) : network(start), walk(network) {}
        Network network;
        WeightGradients walk;
        Workspace workspace;
        Gradients gradients;
    };
    std::vector<std::unique_ptr<Own>> own_;
    Shape picture_;
    InputRange range_;
    Tensor image_;
    bool rendered_ = false;
};

/// A mask m (N, h, w, 1) in 0 … 1 between two pictures: x = m·shown + (1 − m)·hidden.
class Mask final : public Parameterisation {
public:
    Mask(Tensor mask, Tensor shown, Tensor hidden);
    const Tensor& image() override;
    void pull(const Tensor& gradient) override;
    std::vector<Slot> slots() override { return {{&mask_, &gradient_, false}}; }
    void moved() override;
    const Tensor& mask() const { return mask_; }
    /// Further gradient by the mask, after pull().
    Tensor& gradient() { return gradient_; }

private:
    Tensor mask_, shown_, hidden_, gradient_, image_;
};

}  // namespace pellucid::optimise
