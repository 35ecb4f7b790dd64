/// Once warm, passes over inputs of one size take no memory from the heap.
#include "support/allocations.hpp"

#include "pellucid/methods/evaluator.hpp"
#include "pellucid/nn/patch_evaluator.hpp"
#include "pellucid/nn/predictor.hpp"
#include "pellucid/parallel.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// One thread: what oneTBB takes for its tasks is its own.
struct OneThread {
    OneThread() { set_thread_limit(1); }
    ~OneThread() { set_thread_limit(0); }
};

/// Requests during the second and third call.
template <typename Work>
std::size_t when_warm(Work work) {
    work();
    const std::size_t before = allocations();
    work();
    work();
    return allocations() - before;
}

}  // namespace

TEST_CASE("the counter sees every way to the heap") {
    if (!allocations_are_counted()) return;
    // Compilers leave out memory that nobody looks at.
    const void* volatile seen = nullptr;
    const auto requests = [&seen](auto make) {
        const std::size_t before = allocations();
        const auto made = make();
        seen = made.data();
        return allocations() - before;
    };
    CHECK(requests([] { return std::string(100, 'x'); }) == 1);
    CHECK(requests([] { return std::vector<float>(1000); }) == 1);
    CHECK(requests([] { return Tensor({1, 2, 3, 4}); }) == 1);
    CHECK(requests([] { return simd::AlignedVector(100); }) == 1);
}

TEST_CASE("warm passes take no memory: prediction, trace, gradient, relevance, patches") {
    if (!allocations_are_counted()) return;
    const OneThread one_thread;
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
        CAPTURE(seed);
        const Network network = merge_batch_norm(random_network(seed));
        const Network with_norms = random_network(seed);
        const Tensor one = random_batch(network, 1, seed), other = random_batch(network, 1, seed + 1);
        const Tensor many = random_batch(network, 40, seed);

        Predictor predictor(with_norms);
        CHECK(when_warm([&] { predictor(one); }) == 0);
        CHECK(when_warm([&] { predictor(many); }) == 0);

        Trace trace;
        CHECK(when_warm([&] { with_norms.forward(one, trace); }) == 0);

        Evaluator evaluator(with_norms);
        const Target target = Target::of_class(1);
        CHECK(when_warm([&] {
                  evaluator.gradients(one, target);
                  evaluator.gradients(other, target);
                  evaluator.input_gradient(one, target);
              }) == 0);

        network.forward(one, trace);
        const Tensor relevance = filled({1, 1, 1, network.classes()}, 1.0F);
        for (const std::string& id : composites::relevance_ids()) {
            CAPTURE(id);
            const Composite composite = composites::relevance(id, {});
            const std::vector<const Rule*> rules = composite.assign(network);
            Workspace workspace;
            Signals signals;
            CHECK(when_warm([&] {
                      run_backward({network, trace, rules, workspace}, network.logits(), relevance, 0, signals);
                  }) == 0);
        }

        PatchEvaluator patches(with_norms, with_norms.logits());
        Trace base;
        with_norms.forward(one, base);
        const Tensor paper = zeros(network.input_shape());
        std::vector<Patch> windows;
        for (std::size_t y = 0; y + 3 <= network.input_shape()[1]; ++y) {
            for (std::size_t x = 0; x + 3 <= network.input_shape()[2]; ++x)
                windows.push_back({{y, x, y + 3, x + 3}, paper.data()});
        }
        CHECK(when_warm([&] { patches.evaluate(base, 0, windows); }) == 0);
    }
}
