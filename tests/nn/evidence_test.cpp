/// Evidential output: probabilities and their gradients against arithmetic in double, and what the metadata may say.
#include "pellucid/nn/evidence.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;

namespace {

Network evidential(const char* function, std::size_t classes = 4) {
    Random random(3);
    Network network(Shape{1, 3, 3, 1});
    network.add("flat", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(test::random_tensor({1, 1, 9, classes}, random),
                                                 test::random_tensor({1, 1, 1, classes}, random)));
    network.metadata[evidence_key] = function;
    return network;
}

/// p_k from the definition.
double expected(const std::vector<double>& z, std::size_t k, bool relu) {
    double strength = 0, own = 0;
    for (std::size_t c = 0; c < z.size(); ++c) {
        const double alpha = 1 + (relu ? std::max(z[c], 0.0) : std::log(1 + std::exp(z[c])));
        strength += alpha;
        if (c == k) own = alpha;
    }
    return own / strength;
}

}  // namespace

TEST_CASE("evidence: probabilities, their gradients and that of the loss are those of the definition") {
    Random random(8);
    for (const char* function : {"relu", "softplus"}) {
        CAPTURE(std::string(function));
        const bool relu = std::string_view(function) == "relu";
        const Network network = evidential(function);
        const Tensor logits = test::random_tensor({1, 1, 1, 4}, random);
        const std::vector<double> z(logits.begin(), logits.end());
        const std::vector<double> p = probabilities(network, elements(logits));
        for (std::size_t k = 0; k < 4; ++k) {
            CHECK(p[k] == doctest::Approx(expected(z, k, relu)).epsilon(1e-12));
            std::vector<float> gradient(4), of_loss(4);
            probability_gradient(network, elements(logits), k, gradient);
            loss_gradient(network, elements(logits), k, of_loss);
            for (std::size_t c = 0; c < 4; ++c) {
                constexpr double h = 1e-6;
                std::vector<double> up = z, down = z;
                up[c] += h;
                down[c] -= h;
                const double slope = (expected(up, k, relu) - expected(down, k, relu)) / (2 * h);
                CHECK(gradient[c] == doctest::Approx(slope).epsilon(1e-5).scale(1e-3));
                CHECK(of_loss[c] == doctest::Approx(-slope / p[k]).epsilon(1e-5).scale(1e-3));
            }
        }
        const Dirichlet of(evidence_of(network), elements(logits));
        double belief = 0;
        for (const double alpha : of.alpha) belief += (alpha - 1) / of.strength;
        CHECK(belief + of.vacuity() == doctest::Approx(1.0));
        CHECK(of.variance(0) == doctest::Approx(of.alpha[0] * (of.strength - of.alpha[0]) /
                                                (of.strength * of.strength * (of.strength + 1))));
        // A method's probability is that one, and the file keeps what the logits mean.
        const std::string file = write_onnx(network);
        Explainer explainer(read_onnx(std::as_bytes(std::span(file))));
        const Tensor x = test::uniform_tensor({1, 3, 3, 1}, random, 0.0F, 1.0F);
        const Tensor own = predict_logits(network, x);
        const Method& method = find_method("gradient");
        const Result result = explain(method, {explainer, x, Target::parse("prob:2"), Params(method.card)});
        CHECK(result.value[0] == doctest::Approx(expected({own.begin(), own.end()}, 2, relu)).epsilon(1e-6));
    }
}

TEST_CASE("evidence: other words, and networks that do not end in logits, are refused in a sentence") {
    CHECK(evidence_of(Network(Shape{1, 2, 2, 1})) == Evidence::none);
    CHECK_THROWS_WITH_AS(evidence_of(evidential("cubic")),
                         "the metadata's evidence_function is 'cubic'; it may be relu or softplus", Error);
    CHECK_THROWS_WITH_AS(evidence_of(evidential("relu", 1)), doctest::Contains("two classes or more"), Error);
    Network network = evidential("relu");
    network.add("end", std::make_unique<Softmax>());
    CHECK_THROWS_WITH_AS(evidence_of(network), doctest::Contains("ends in the logits"), Error);
}
