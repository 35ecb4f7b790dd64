#include "random_network.hpp"

#include "pellucid/nn/layers.hpp"
#include "random_tensor.hpp"

#include <cmath>

namespace pellucid::test {

namespace {

class Builder {
public:
    Builder(std::uint32_t seed, const RandomNetworkOptions& options)
        : options_(options),
          random_(seed),
          network_({1, 8 + random_.below(5), 8 + random_.below(5), 1 + random_.below(3)}) {}

    Network build() {
        const std::size_t blocks = 1 + random_.below(3);
        for (std::size_t i = 0; i < blocks; ++i) block();
        if (options_.residual && chance(0.5F)) residual();
        head();
        if (options_.softmax) network_.add("softmax", std::make_unique<Softmax>());
        return std::move(network_);
    }

private:
    bool chance(float probability) { return random_.uniform() < probability; }
    const Shape& shape() const { return network_.shape(network_.output()); }
    std::string numbered(const char* kind) { return kind + std::to_string(++count_); }

    void conv(std::size_t kernel_h, std::size_t kernel_w, std::size_t outputs, Stride stride, Padding padding) {
        const std::size_t inputs = shape()[3];
        const float deviation = std::sqrt(2.0F / static_cast<float>(kernel_h * kernel_w * inputs));
        // Drawn one after another: the order of evaluation of arguments is the compiler's choice.
        Tensor weight = random_tensor({kernel_h, kernel_w, inputs, outputs}, random_, deviation);
        Tensor bias = random_tensor({1, 1, 1, outputs}, random_, 0.3F);
        network_.add(numbered("conv"), std::make_unique<Conv2d>(std::move(weight), std::move(bias), stride, padding));
    }

    void norm() {
        const Shape channels{1, 1, 1, shape()[3]};
        Tensor scale = uniform_tensor(channels, random_, 0.5F, 1.5F);
        Tensor shift = random_tensor(channels, random_, 0.3F);
        Tensor mean = random_tensor(channels, random_, 0.3F);
        Tensor variance = uniform_tensor(channels, random_, 0.5F, 2.0F);
        network_.add(numbered("norm"), std::make_unique<BatchNorm>(std::move(scale), std::move(shift), std::move(mean),
                                                                   std::move(variance)));
    }

    void relu() { network_.add(numbered("relu"), std::make_unique<Activation>(Activation::Function::relu)); }

    void block() {
        const std::size_t kernel_h = std::min<std::size_t>(1 + random_.below(5), shape()[1]);
        const std::size_t kernel_w = std::min(chance(0.7F) ? kernel_h : 1 + random_.below(3), shape()[2]);
        Padding padding;
        if (chance(0.6F)) padding = {kernel_h / 2, kernel_w / 2, kernel_h / 2, kernel_w / 2};
        if (chance(0.2F)) padding.bottom = 0;
        if (chance(0.2F)) padding.left += 1;
        const Stride stride = chance(0.3F) ? Stride{2, 2} : chance(0.2F) ? Stride{1, 2} : Stride{1, 1};
        conv(kernel_h, kernel_w, 2 + random_.below(17), stride, padding);
        if (options_.batch_norm && chance(0.4F)) norm();
        relu();
        if (chance(0.5F) && shape()[1] >= 4 && shape()[2] >= 4) pool();
    }

    void pool() {
        Window window;
        if (chance(0.3F)) window = {3, 3, {2, 2}, {1, 1, 1, 1}, false};
        if (chance(0.2F)) window.ceil = true;
        if (options_.max_pool && chance(0.6F)) {
            network_.add(numbered("pool"), std::make_unique<MaxPool2d>(window));
        } else {
            network_.add(numbered("pool"), std::make_unique<AveragePool2d>(window, chance(0.5F)));
        }
    }

    void residual() {
        const ValueId start = network_.output();
        conv(3, 3, shape()[3], {1, 1}, {1, 1, 1, 1});
        if (options_.batch_norm && chance(0.4F)) norm();
        relu();
        conv(1, 1, shape()[3], {1, 1}, {});
        network_.add(numbered("add"), std::make_unique<Add>(), {start, network_.output()});
        relu();
    }

    void dense(std::size_t outputs) {
        const std::size_t inputs = shape()[3];
        const float deviation = std::sqrt(2.0F / static_cast<float>(inputs));
        Tensor weight = random_tensor({1, 1, inputs, outputs}, random_, deviation);
        Tensor bias = random_tensor({1, 1, 1, outputs}, random_, 0.3F);
        network_.add(numbered("dense"), std::make_unique<Dense>(std::move(weight), std::move(bias)));
    }

    void head() {
        if (options_.dense && chance(0.5F)) {
            network_.add(numbered("flatten"), std::make_unique<Flatten>());
            dense(5 + random_.below(20));
            relu();
        } else {
            network_.add(numbered("pool"), std::make_unique<GlobalAveragePool>());
        }
        dense(3 + random_.below(8));
    }

    RandomNetworkOptions options_;
    Random random_;
    Network network_;
    int count_ = 0;
};

}  // namespace

Network random_network(std::uint32_t seed, const RandomNetworkOptions& options) {
    return Builder(seed, options).build();
}

Tensor random_batch(const Network& network, std::size_t count, std::uint32_t seed) {
    Random random(seed);
    return uniform_tensor(with_batch(network.input_shape(), count), random, 0.0F, 1.0F);
}

}  // namespace pellucid::test
