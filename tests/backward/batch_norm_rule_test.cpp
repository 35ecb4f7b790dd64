// A BatchNorm that no layer beside it takes in, under relevance: zennit's numbers for the ε rule at it, the ledger, and
// every placement with every composite.

#include "pellucid/backward/composite.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace pellucid;
using namespace pellucid::test;

namespace {

Tensor row(const std::vector<float>& values) {
    Tensor tensor = zeros({1, 1, 1, values.size()});
    std::copy(values.begin(), values.end(), tensor.data());
    return tensor;
}

float number(std::size_t i, std::size_t step, float divisor) {
    return (static_cast<float>(i * step % 11) - 3.0F) / divisor;
}

/// conv 2×2 → ReLU → BatchNorm → Flatten → ReLU-free Dense; the ReLU keeps the norm from the convolution, and a
/// max-pool of single pixels from the Dense.
Network behind_relu() {
    Network network({1, 3, 3, 1});
    Tensor weight = zeros({2, 2, 1, 2}), dense = zeros({1, 1, 8, 2});
    for (std::size_t i = 0; i < 8; ++i) weight((i / 2) % 2, i % 2, 0, i / 4) = number(i, 3, 4.0F);
    for (std::size_t i = 0; i < 16; ++i) {
        const std::size_t feature = i % 8, channel = feature / 4, pixel = feature % 4;
        dense(0, 0, pixel * 2 + channel, i / 8) = number(i, 5, 8.0F);
    }
    network.add("conv", std::make_unique<Conv2d>(std::move(weight), row({0.25F, -0.125F})));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("norm", std::make_unique<BatchNorm>(row({1.5F, -2.0F}), row({0.5F, 0.25F}), row({0.125F, 0.5F}),
                                                    row({4.0F, 0.25F}), 0.0F));
    network.add("same", std::make_unique<MaxPool2d>(Window{.h = 1, .w = 1, .stride = {1, 1}}));
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(std::move(dense), row({0.125F, -0.25F})));
    return network;
}

std::unique_ptr<Layer> relu() { return std::make_unique<Activation>(Activation::Function::relu); }

struct Stack {
    Random random;
    Network network;
    explicit Stack(std::uint32_t seed, const Shape& input = {1, 6, 6, 2}) : random(seed), network(input) {}
    std::size_t channels() const { return network.shape(network.output())[3]; }
    std::string name() const { return "n" + std::to_string(network.output()); }
    Stack& conv(std::size_t outputs, Padding padding = {}) {
        network.add(name(),
                    std::make_unique<Conv2d>(random_tensor({3, 3, channels(), outputs}, random, 0.4F),
                                             random_tensor({1, 1, 1, outputs}, random, 0.2F), Stride{}, padding));
        return *this;
    }
    Stack& norm() {
        const Shape shape{1, 1, 1, channels()};
        network.add(name(), std::make_unique<BatchNorm>(uniform_tensor(shape, random, 0.5F, 1.5F),
                                                        random_tensor(shape, random), random_tensor(shape, random),
                                                        uniform_tensor(shape, random, 0.5F, 2.0F)));
        return *this;
    }
    Stack& add(std::unique_ptr<Layer> layer) {
        network.add(name(), std::move(layer));
        return *this;
    }
    Network dense() {
        add(std::make_unique<Flatten>());
        network.add(name(), std::make_unique<Dense>(random_tensor({1, 1, channels(), 3}, random, 0.3F),
                                                    random_tensor({1, 1, 1, 3}, random, 0.2F)));
        return std::move(network);
    }
};

std::vector<std::pair<const char*, std::function<Network()>>> placements() {
    const Padding one{1, 1, 1, 1};
    return {{"first, before padding", [=] { return Stack(1).norm().conv(4, one).add(relu()).dense(); }},
            {"behind a ReLU, before padding",
             [=] { return Stack(2).conv(4).add(relu()).norm().conv(3, one).add(relu()).dense(); }},
            {"behind a ReLU, before a pool",
             [=] { return Stack(3).conv(4).add(relu()).norm().add(std::make_unique<MaxPool2d>()).dense(); }},
            {"behind a pool, before a ReLU",
             [=] { return Stack(4).conv(4).add(std::make_unique<AveragePool2d>()).norm().add(relu()).dense(); }},
            {"at the end",
             [=] {
                 Stack stack(5);
                 stack.network = stack.conv(4).add(relu()).dense();
                 stack.add(relu()).norm();
                 return std::move(stack.network);
             }},
            {"before a ReLU at the start", [=] { return Stack(6).norm().add(relu()).conv(4).add(relu()).dense(); }}};
}

}  // namespace

TEST_CASE("batch norm under relevance: zennit's numbers for the ε rule at it") {
    // zennit 0.5.1 in double: ZPlus at the convolution, Epsilon at BatchNorm and Dense.
    struct Case {
        double epsilon;
        std::size_t target;
        std::vector<double> relevance;
    };
    const std::vector<Case> cases{
        {1e-6, 0, {-0.40944135, -0.713414073, 0, 0, -6.650945321, 0.187887986, 0.017578041, 0, 0.4736096}},
        {1e-6,
         1,
         {-0.048589934, -0.237804723, -0.335755589, 0, -4.853993915, -3.940135919, 0.007533447, 0, -2.690988611}},
        {0.25, 0, {-0.368247969, -0.647873883, 0, 0, -6.015793427, 0.151943389, 0.010630314, 0, 0.377205369}},
        {0.25,
         1,
         {-0.050468947, -0.222897822, -0.312190935, 0, -4.561770813, -3.623130586, 0.004702252, 0, -2.222458888}}};
    Tensor x = zeros({1, 3, 3, 1});
    for (std::size_t i = 0; i < 9; ++i) x.data()[i] = (static_cast<float>(i * 5 % 7) - 1.0F) / 4.0F;
    Explainer explainer(behind_relu());
    const Method& lrp = find_method("lrp");
    for (const auto& [epsilon, target, relevance] : cases) {
        Params params(lrp.card);
        params.set("composite", std::string_view("epsilon_plus"));
        params.set("epsilon", epsilon);
        const Result result = explain(lrp, {explainer, x, Target::of_class(target), params});
        CHECK(result.value[0] == doctest::Approx(target == 0 ? -3.80859375 : -7.701171875));
        for (std::size_t i = 0; i < 9; ++i)
            CHECK(std::abs(static_cast<double>(result.map().data()[i]) - relevance[i]) <= 7e-6);
        // The ledger says what the norm's offset kept.
        const auto norm = std::ranges::find(result.ledger, std::string("norm"), &LedgerRow::layer);
        REQUIRE(norm != result.ledger.end());
        CHECK(std::abs(norm->bias) > 0.1);
        if (epsilon < 1e-3)
            CHECK(std::abs(norm->entering - norm->leaving - norm->bias) <= 1e-4 * std::abs(norm->entering));
    }
}

TEST_CASE("batch norm under relevance: every placement, every composite and method; the ledger misses nothing") {
    for (const auto& [where, make] : placements()) {
        CAPTURE(std::string(where));
        Explainer explainer(make());
        REQUIRE(std::ranges::any_of(explainer.merged().network().nodes(),
                                    [](const Node& node) { return node.layer->kind() == Kind::batch_norm; }));
        Random random(9);
        const Tensor x = random_tensor(with_batch(explainer.network().input_shape(), 2), random);
        std::vector<std::pair<std::string, std::pair<std::string, std::string>>> runs;
        for (const std::string& composite : composites::relevance_ids())
            runs.push_back({"lrp", {"composite", composite}});
        runs.push_back({"deep_taylor", {}});
        runs.push_back({"excitation_backprop", {}});
        for (const char* rule : {"rescale", "reveal_cancel"}) runs.push_back({"deeplift", {"rule", rule}});
        for (const auto& [id, parameter] : runs) {
            CAPTURE(id);
            CAPTURE(parameter.second);
            const Method& method = find_method(id);
            Params params(method.card);
            if (!parameter.first.empty()) params.set(parameter.first, std::string_view(parameter.second));
            const Result result = explain(method, {explainer, x, Target::of_class(1), params});
            double total = 0, absorbed = 0, value = 0, baseline = 0;
            for (const float v : elements(result.map())) total += static_cast<double>(v);
            for (const double v : result.value) value += id == "excitation_backprop" ? 1.0 : v;
            if (const Scalar* at_baseline = result.find<Scalar>("baseline_value")) {
                for (const double one : at_baseline->per_sample) baseline += one;
            }
            double size = std::abs(value);
            for (const LedgerRow& row : result.ledger) {
                absorbed += row.bias + row.stabiliser;
                size = std::max({size, std::abs(row.entering), std::abs(row.leaving)});
            }
            CHECK(std::isfinite(total));
            CHECK(std::abs(total + absorbed - (value - baseline)) <= 1e-4 * size);
            // DeepLIFT is complete whatever stands in the network.
            if (id == "deeplift") CHECK(std::abs(absorbed) <= 1e-4 * size);
        }
    }
}
