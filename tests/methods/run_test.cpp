/// Runs: those that end early, and those with a target for each sample.
#include "pellucid/methods/run.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/random.hpp"
#include "support/answers.hpp"
#include "support/random_network.hpp"
#include "support/resources.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace pellucid;

namespace {

/// Needs `needed` of at most `most` parts.
class EarlyRun final : public Run {
public:
    EarlyRun(std::size_t most, std::size_t needed) : most_(most), needed_(needed) {}
    std::size_t most() const override { return most_; }
    bool finished() const override { return Run::finished() || done() >= needed_; }
    Result snapshot() override { return {{static_cast<double>(done())}, {}, {}}; }

protected:
    void advance(std::size_t part) override { CHECK(part == done()); }

private:
    std::size_t most_, needed_;
};

}  // namespace

TEST_CASE("runs: one that ends early is finished before its bound, and says so") {
    EarlyRun run(10, 3);
    CHECK(run.state().most == 10);
    CHECK(!run.finished());
    CHECK(run.progress() == 0.0);
    CHECK(run.step());
    CHECK(run.progress() == doctest::Approx(0.1));
    CHECK(run.step());
    CHECK(run.step());
    CHECK(run.finished());
    CHECK(run.progress() == 1.0);
    CHECK(!run.step());
    CHECK(run.done() == 3);
    EarlyRun whole(4, 9);
    while (whole.step()) CHECK(whole.progress() <= 1.0);
    CHECK(whole.done() == 4);
    CHECK(EarlyRun(0, 9).progress() == 1.0);
    // A run that goes on beyond what it took for its bound is not at its end.
    CHECK(State{7, 7, false}.progress() < 1.0);
}

TEST_CASE("runs: a target for each sample is answered as it would be alone") {
    Explainer explainer(test::random_network(1));
    test::give_resources(explainer);
    const Tensor x = test::random_batch(explainer.network(), 5, 3);
    const std::vector<std::size_t> classes{2, 2, 0, 1, 0};
    for (const Method& method : all_methods()) {
        if (std::ranges::find(method.card.targets, TargetKind::logit) == method.card.targets.end()) continue;
        if (method.card.pace == Pace::asked) continue;  // too slow to be asked so often
        CAPTURE(method.card.id);
        Params params(method.card);
        for (const ParamCard& p : method.card.params) {
            if (p.name == "samples" || p.name == "points" || p.name == "steps")
                params.set(p.name, std::string_view("3"));
        }
        if (!test::answer(method, {explainer, x, Target::of_class(0), params})) continue;
        Request request{explainer, x, {}, params};
        for (const std::size_t c : classes) request.targets.push_back(Target::of_class(c));
        const auto run = start(method, request);
        std::size_t steps = 0;
        while (run->step()) {
            ++steps;
            CHECK(run->most() >= run->done());
        }
        CHECK(run->state().finished);
        CHECK(steps == run->done());
        const Result together = run->snapshot();
        REQUIRE(together.value.size() == classes.size());
        for (std::size_t n = 0; n < classes.size(); ++n) {
            const Result alone =
                explain(method, {explainer, batch_slice(x, n, 1), Target::of_class(classes[n]), params});
            CHECK(together.value[n] == doctest::Approx(alone.value[0]).epsilon(1e-5));
            if (std::holds_alternative<Table>(together.items.front().second)) continue;
            const std::vector<double> a = test::answer_of(together, n), b = test::answer_of(alone, 0);
            REQUIRE(a.size() == b.size());
            double largest = 1e-6, difference = 0;
            for (std::size_t i = 0; i < a.size(); ++i) {
                largest = std::max(largest, std::abs(b[i]));
                difference = std::max(difference, std::abs(a[i] - b[i]));
            }
            CHECK(difference <= 1e-4 * largest);
        }
    }
}

TEST_CASE("runs: targets are one for all or one for each, and every one is checked") {
    Explainer explainer(test::random_network(1));
    const Tensor x = test::random_batch(explainer.network(), 3, 3);
    const Method& method = find_method("gradient");
    Request request{explainer, x, {}, Params(method.card)};
    request.targets = {Target::of_class(1)};
    const Result one = explain(method, request);
    CHECK(one.map() == explain(method, {explainer, x, Target::of_class(1), Params(method.card)}).map());
    request.targets = {Target::of_class(1), Target::of_class(0)};
    CHECK_THROWS_WITH_AS(start(method, request), doctest::Contains("2 targets for 3 inputs"), Error);
    request.targets = {Target::of_class(1), Target::of_class(0), Target::of_class(99)};
    CHECK_THROWS_AS(start(method, request), Error);
    request.targets.back() = Target::of_class(1);
    request.layerwise = true;
    CHECK_THROWS_WITH_AS(start(method, request), doctest::Contains("one target"), Error);
}

TEST_CASE("random streams: each of seed, purpose, sample and number gives another one") {
    std::set<std::uint64_t> seen;
    for (std::uint32_t seed = 0; seed < 8; ++seed) {
        for (const Purpose purpose : {Purpose::noise, Purpose::masks, Purpose::start}) {
            for (std::uint64_t sample = 0; sample < 8; ++sample) {
                for (std::uint64_t n = 0; n < 8; ++n) {
                    seen.insert(static_cast<std::uint32_t>(stream_bits(seed, purpose, sample, n)));
                }
            }
        }
    }
    CHECK(seen.size() == 8 * 3 * 8 * 8);
    CHECK(stream(3, Purpose::start).uniform() == stream(3, Purpose::start).uniform());
}

TEST_CASE("pgd: a random start depends on its seed, and is the same alone and in a batch") {
    Explainer explainer(test::random_network(2));
    const Tensor x = test::random_batch(explainer.network(), 2, 3);
    const Method& pgd = find_method("pgd");
    const auto attacked = [&](const Tensor& input, std::string_view seed, std::string_view norm) {
        Params params(pgd.card);
        params.set("random_start", std::string_view("true"));
        params.set("steps", std::string_view("1"));
        params.set("seed", seed);
        params.set("norm", norm);
        return explain(pgd, {explainer, input, Target::of_class(0), params}).map();
    };
    for (const char* norm : {"linf", "l2"}) {
        const Tensor both = attacked(x, "3", norm);
        const Tensor alone = attacked(batch_slice(x, 1, 1), "3", norm), second = batch_slice(both, 1, 1);
        for (std::size_t i = 0; i < alone.size(); ++i) CHECK(std::abs(alone.data()[i] - second.data()[i]) < 1e-5F);
        CHECK(both != attacked(x, "4", norm));
    }
}
