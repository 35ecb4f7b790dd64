/// DeepSHAP is the mean of DeepLIFT over its baselines, layer by layer.
#include "deeplift_checks.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "support/chain.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;
using test::check_messages;
using test::params_with;
using test::Vector;

TEST_CASE("deep_shap: layers and messages are means over the baselines") {
    Explainer explainer(test::random_network(6));
    const Network& network = explainer.network();
    Random random(10);
    const Tensor x = test::random_tensor(network.input_shape(), random);
    const Tensor baselines =
        test::random_tensor(with_batch(network.input_shape(), 9), random);  // a part of one at the end
    const Method& shap = find_method("deep_shap");
    const Method& deeplift = find_method("deeplift");
    for (const char* rule : {"rescale", "reveal_cancel"}) {
        CAPTURE(rule);
        Params params(shap.card);
        params.set("baselines", ParamValue(std::make_shared<const Tensor>(baselines)));
        params.set("rule", std::string_view(rule));
        const Result result = explain(shap, {explainer, x, Target::of_class(0), params, true});
        REQUIRE(result.layerwise != nullptr);
        const Layerwise& walk = *result.layerwise;
        CHECK(std::equal(result.map().data(), result.map().data() + result.map().size(), walk.relevance(0).data()));
        check_messages(walk, false);
        std::vector<Result> single;
        for (std::size_t k = 0; k < 9; ++k) {
            single.push_back(explain(deeplift, {explainer, x, Target::of_class(0),
                                                params_with(deeplift, batch_slice(baselines, k, 1), rule), true}));
        }
        for (const ValueId value : walk.values()) {
            const Tensor& mean = walk.relevance(value);
            Vector wanted(mean.size(), 0.0);
            double size = 0;
            for (const Result& one : single) {
                for (std::size_t i = 0; i < wanted.size(); ++i)
                    wanted[i] += static_cast<double>(one.layerwise->relevance(value).data()[i]) / 9;
            }
            for (const double v : wanted) size = std::max(size, std::abs(v));
            for (std::size_t i = 0; i < wanted.size(); ++i)
                CHECK(std::abs(wanted[i] - static_cast<double>(mean.data()[i])) <= 1e-5 * size);
        }
        REQUIRE(result.ledger.size() == single[0].ledger.size());
        for (std::size_t row = 0; row < result.ledger.size(); ++row) {
            double entering = 0, leaving = 0, size = 0;
            for (const Result& one : single) {
                CHECK(one.ledger[row].layer == result.ledger[row].layer);
                entering += one.ledger[row].entering / 9;
                leaving += one.ledger[row].leaving / 9;
                size += std::abs(one.ledger[row].entering) + std::abs(one.ledger[row].leaving);
            }
            CHECK(std::abs(result.ledger[row].entering - entering) <= 1e-5 * size);
            CHECK(std::abs(result.ledger[row].leaving - leaving) <= 1e-5 * size);
        }
    }
}

TEST_CASE("deep_shap: the mean over its baselines, each with its own difference") {
    Explainer explainer(test::random_network(4));
    const Network& network = explainer.network();
    Random random(9);
    const Tensor x = test::random_tensor(with_batch(network.input_shape(), 2), random);
    const Tensor baselines = test::random_tensor(with_batch(network.input_shape(), 11), random);
    const Method& shap = find_method("deep_shap");
    const Method& deeplift = find_method("deeplift");
    Params params(shap.card);
    params.set("baselines", ParamValue(std::make_shared<const Tensor>(baselines)));
    const Result result = explain(shap, {explainer, x, Target::of_class(2), params});
    const std::size_t size = sample_size(x);
    for (std::size_t n = 0; n < 2; ++n) {
        Vector mean(size, 0.0), square(size, 0.0);
        for (std::size_t k = 0; k < 11; ++k) {
            const Tensor one = explain(deeplift, {explainer, batch_slice(x, n, 1), Target::of_class(2),
                                                  params_with(deeplift, batch_slice(baselines, k, 1), "rescale")})
                                   .map();
            for (std::size_t i = 0; i < size; ++i) {
                mean[i] += static_cast<double>(one.data()[i]) / 11;
                square[i] += static_cast<double>(one.data()[i]) * static_cast<double>(one.data()[i]) / 11;
            }
        }
        for (std::size_t i = 0; i < size; ++i) {
            CHECK(result.map().data()[n * size + i] == doctest::Approx(mean[i]).epsilon(1e-5));
            const double error = std::sqrt((square[i] - mean[i] * mean[i]) / 10);  // s² = variance · 11/10, over 11
            CHECK(result.map("standard_error").data()[n * size + i] == doctest::Approx(error).epsilon(1e-3));
        }
    }
    CHECK(test::number(result, "completeness_gap") < 1e-4);
    Params wrong(shap.card);
    wrong.set("baselines", ParamValue(std::make_shared<const Tensor>(zeros({3, 2, 2, 1}))));
    CHECK_THROWS_WITH_AS(explain(shap, {explainer, x, Target::of_class(2), wrong}), doctest::Contains("do not fit"),
                         Error);
}
