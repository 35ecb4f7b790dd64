/// What an explainer keeps between calls (traces, references, composites, points) never shows in an answer; and the
/// checks that are made with every call.
#include "pellucid/error.hpp"
#include "pellucid/methods/finite.hpp"
#include "pellucid/methods/method.hpp"
#include "support/random_network.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>

using namespace pellucid;

namespace {

struct Question {
    const char* method;
    std::vector<std::pair<const char*, const char*>> params;
    std::size_t target = 0;
    std::uint32_t input = 0;
    bool layerwise = false;
};

Request asked(const Question& question, Explainer& explainer, std::size_t samples) {
    Params params(find_method(question.method).card);
    for (const auto& [name, text] : question.params) params.set(name, text);
    return {explainer, test::random_batch(explainer.network(), samples, question.input),
            Target::of_class(question.target), params, question.layerwise};
}

bool same(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("explain: what was asked before does not change an answer by a bit") {
    const std::vector<Question> questions{
        {"lrp", {}},
        {"lrp", {{"composite", "epsilon"}}},
        {"lrp", {}},
        {"lrp", {{"composite", "epsilon"}, {"epsilon", "0.1"}}, 1},
        {"lrp", {{"composite", "epsilon_gamma_box"}}, 0, 1},
        {"lrp", {{"composite", "epsilon_gamma_box"}, {"low", "-1"}}, 0, 1},
        {"lrp", {{"composite", "epsilon_gamma_box"}, {"gamma", "1"}}, 0, 1, true},
        {"lrp", {{"compat", "captum"}}, 0, 1},
        {"lrp", {{"compat", "none"}}, 0, 1},
        {"deep_taylor", {}, 2, 1},
        {"lrp", {{"compat", "innvestigate"}}, 2, 1},
        {"lrp", {{"rule", "w_square"}}, 2, 1},
        {"lrp", {}, 2, 1},
        {"deeplift", {}, 2, 1},
        {"deeplift", {{"baseline", "ink"}}, 2, 1},
        {"deeplift", {{"baseline", "blurred"}}, 2, 2},
        {"deeplift", {{"rule", "reveal_cancel"}}, 2, 2},
        {"deeplift", {}, 2, 2},
        {"integrated_gradients", {{"points", "5"}}, 2, 2},
        {"integrated_gradients", {{"points", "7"}}, 2, 2},
        {"integrated_gradients", {{"points", "5"}}, 2, 2},
    };
    for (const std::uint32_t seed : {1U, 2U, 3U, 4U}) {
        CAPTURE(seed);
        Explainer kept(test::random_network(seed));
        std::size_t samples = 1;
        for (std::size_t i = 0; i < questions.size(); ++i) {
            CAPTURE(i);
            const Question& question = questions[i];
            const Method& method = find_method(question.method);
            Explainer fresh(test::random_network(seed));
            const Result right = explain(method, asked(question, fresh, samples));
            const Result again = explain(method, asked(question, kept, samples));
            CHECK(same(again.map(), right.map()));
            CHECK(again.value == right.value);
            REQUIRE(again.ledger.size() == right.ledger.size());
            for (std::size_t row = 0; row < right.ledger.size(); ++row) {
                CHECK(again.ledger[row].layer == right.ledger[row].layer);
                CHECK(again.ledger[row].leaving == right.ledger[row].leaving);
                CHECK(again.ledger[row].bias == right.ledger[row].bias);
            }
            CHECK((again.layerwise != nullptr) == question.layerwise);
            samples = i % 4 == 3 ? 3 - samples : samples;  // 1, and at times 2
        }
    }
}

TEST_CASE("explain: a run that is stepped gives what explain() gives") {
    Explainer explainer(test::random_network(5));
    for (const char* id : {"lrp", "deeplift", "gradient", "grad_cam"}) {
        CAPTURE(id);
        const Question question{id, {}};
        const auto run = start(find_method(id), asked(question, explainer, 2));
        CHECK_THROWS_AS(run->snapshot(), Error);
        while (run->step()) {
        }
        CHECK(same(run->snapshot().map(), explain(find_method(id), asked(question, explainer, 2)).map()));
    }
}

TEST_CASE("params: the preset that compat names counts until another one is named") {
    Params params(find_method("lrp").card);
    CHECK(params.chosen("composite") == nullptr);
    params.set("compat", "captum");
    CHECK(std::get<std::string>(params.value("composite")) == "epsilon");
    CHECK(std::get<double>(Params(params).value("epsilon")) == 1e-9);
    params.set("epsilon", "0.5");
    CHECK(std::get<double>(params.value("epsilon")) == 0.5);
    params.set("compat", "innvestigate");
    CHECK(params.chosen("composite") == nullptr);
    CHECK(std::get<double>(params.value("stabiliser")) == 1e-7);
    CHECK(std::get<double>(params.value("epsilon")) == 0.5);
    params.set("compat", "none");
    CHECK(params.chosen("stabiliser") == nullptr);
    CHECK(params.given("epsilon"));
    CHECK(!params.given("stabiliser"));
}

TEST_CASE("finite: the first number that is not, even where a sum of finite ones overflows") {
    constexpr float greatest = std::numeric_limits<float>::max(), infinite = std::numeric_limits<float>::infinity();
    CHECK(find_not_finite({}) == nullptr);
    for (const std::size_t size : {1, 7, 64, 100}) {
        std::vector<float> numbers(size, greatest);
        CHECK(find_not_finite(numbers) == nullptr);
        for (const float wrong : {infinite, -infinite, std::numeric_limits<float>::quiet_NaN()}) {
            for (const float usual : {0.5F, greatest}) {
                for (std::size_t place = 0; place < size; ++place) {
                    std::fill(numbers.begin(), numbers.end(), usual);
                    numbers[place] = wrong;
                    numbers.back() = wrong == infinite ? -infinite : wrong;
                    CHECK(find_not_finite(numbers) == &numbers[place]);
                }
            }
        }
    }
}
