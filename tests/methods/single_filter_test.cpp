/// deconvnet and guided_backprop of a single filter against loops in double: the strongest unit, carried down by hand.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/oracle.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace pellucid;
using test::Array;

namespace {

/// conv1 (padded) → relu1 → pool (overlapping windows) → conv2 (strided) → relu2 → dense.
Network subject() {
    Random random(31);
    Network network({1, 11, 9, 2});
    const auto conv = [&](const char* name, std::size_t inputs, std::size_t outputs, Stride stride, Padding padding) {
        Tensor weight = test::random_tensor({3, 3, inputs, outputs}, random, 0.4F);
        Tensor bias = test::random_tensor({1, 1, 1, outputs}, random, 0.3F);
        network.add(name, std::make_unique<Conv2d>(std::move(weight), std::move(bias), stride, padding));
    };
    conv("conv1", 2, 5, {}, {1, 1, 1, 1});
    network.add("relu1", std::make_unique<Activation>(Activation::Function::relu));
    network.add("pool", std::make_unique<MaxPool2d>(Window{3, 3, {2, 2}, {}, false}));
    conv("conv2", 5, 7, {2, 1}, {1, 0, 0, 1});
    network.add("relu2", std::make_unique<Activation>(Activation::Function::relu));
    return network;
}

Array conv_adjoint(const Conv2d& layer, const Array& signal, const Shape& input) {
    Array out(input);
    const auto [kernel_h, kernel_w, inputs, outputs] = layer.weight().shape();
    for (std::size_t y = 0; y < signal.shape[1]; ++y) {
        for (std::size_t x = 0; x < signal.shape[2]; ++x) {
            for (std::size_t ky = 0; ky < kernel_h; ++ky) {
                for (std::size_t kx = 0; kx < kernel_w; ++kx) {
                    const std::size_t row = y * layer.stride().h + ky - layer.padding().top;  // wraps where outside
                    const std::size_t column = x * layer.stride().w + kx - layer.padding().left;
                    if (row >= input[1] || column >= input[2]) continue;
                    for (std::size_t i = 0; i < inputs; ++i) {
                        for (std::size_t o = 0; o < outputs; ++o) {
                            out.at(0, row, column, i) +=
                                signal.at(0, y, x, o) * static_cast<double>(layer.weight()(ky, kx, i, o));
                        }
                    }
                }
            }
        }
    }
    return out;
}

/// Every window's signal goes back to the first of its largest inputs: the recorded switch.
Array unpool(const Array& signal, const Array& in) {
    Array out(in.shape);
    for (std::size_t y = 0; y < signal.shape[1]; ++y) {
        for (std::size_t x = 0; x < signal.shape[2]; ++x) {
            for (std::size_t c = 0; c < in.shape[3]; ++c) {
                std::size_t best_row = 2 * y, best_column = 2 * x;
                for (std::size_t row = 2 * y; row < 2 * y + 3; ++row) {
                    for (std::size_t column = 2 * x; column < 2 * x + 3; ++column) {
                        if (in.at(0, row, column, c) > in.at(0, best_row, best_column, c)) {
                            best_row = row;
                            best_column = column;
                        }
                    }
                }
                out.at(0, best_row, best_column, c) += signal.at(0, y, x, c);
            }
        }
    }
    return out;
}

/// Carries 1 at `unit` of value `top` down to the input.
Array carried_down(const Network& network, const std::vector<Array>& values, ValueId top, std::size_t unit,
                   bool guided) {
    Array signal(values[top].shape);
    signal.data[unit] = 1;
    for (ValueId v = top; v > 0; --v) {
        const Layer& layer = *network.nodes()[v - 1].layer;
        const Array& in = values[v - 1];
        if (layer.kind() == Kind::convolution)
            signal = conv_adjoint(dynamic_cast<const Conv2d&>(layer), signal, in.shape);
        else if (layer.kind() == Kind::max_pool)
            signal = unpool(signal, in);
        else {
            for (std::size_t i = 0; i < signal.data.size(); ++i) {
                if (signal.data[i] < 0 || (guided && values[v].data[i] <= 0)) signal.data[i] = 0;
            }
        }
    }
    return signal;
}

}  // namespace

TEST_CASE(
    "single filter: deconvnet and guided_backprop carry the strongest unit alone down through the recorded switches") {
    const Network network = subject();
    Explainer explainer(network);
    Random random(32);
    const Tensor x = test::random_tensor(with_batch(network.input_shape(), 2), random);
    std::size_t compared = 0, different = 0;
    for (const char* layer : {"conv1", "relu1", "pool", "conv2", "relu2"}) {
        const ValueId top = network.find(layer);
        for (std::size_t channel = 0; channel < network.shape(top)[3]; ++channel) {
            const Target target = Target::parse(std::string("channel:") + layer + "/" + std::to_string(channel));
            CAPTURE(target.text());
            for (const char* id : {"deconvnet", "guided_backprop"}) {
                const Method& method = find_method(id);
                Params params(method.card);
                params.set("start", std::string_view("strongest"));
                const Result result = explain(method, {explainer, x, target, params});
                for (std::size_t n = 0; n < 2; ++n) {
                    const std::vector<Array> values = test::reference_forward(network, Array(batch_slice(x, n, 1)));
                    std::size_t unit = channel;
                    for (std::size_t i = channel; i < values[top].data.size(); i += values[top].shape[3]) {
                        if (values[top].data[i] > values[top].data[unit]) unit = i;
                    }
                    const bool guided = std::string_view(id) == "guided_backprop";
                    const Array expected = carried_down(network, values, top, unit, guided);
                    CHECK(test::relative_error(batch_slice(result.map(), n, 1), expected) <= 1e-5);
                    CHECK(result.value[n] == doctest::Approx(values[top].data[unit]).epsilon(1e-4));
                    const std::size_t pixel = unit / values[top].shape[3], width = values[top].shape[2];
                    CHECK(result.scalar("row")[n] == static_cast<double>(pixel / width));
                    CHECK(result.scalar("column")[n] == static_cast<double>(pixel % width));
                    ++compared;
                }
                // All units together are something else, and the default; dead channels show nothing either way.
                const Tensor all = explain(method, {explainer, x, target, Params(method.card)}).map();
                different += test::relative_error(all, result.map()) > 1e-3 ? 1 : 0;
            }
        }
    }
    CHECK(compared == 2 * 2 * (5 + 5 + 5 + 7 + 7));
    CHECK(different > 2 * (5 + 5 + 5 + 7 + 7) * 9 / 10);
}

TEST_CASE("single filter: targets of one unit are the same from either start") {
    Explainer explainer(subject());
    Random random(33);
    const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
    const Method& method = find_method("deconvnet");
    Params strongest(method.card);
    strongest.set("start", std::string_view("strongest"));
    const Target target = Target::parse("neuron:conv2/3,1,2");
    const Tensor a = explain(method, {explainer, x, target, strongest}).map();
    const Tensor b = explain(method, {explainer, x, target, Params(method.card)}).map();
    CHECK(std::equal(a.data(), a.data() + a.size(), b.data()));
}
