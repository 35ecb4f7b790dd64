#include "../support/oracle.hpp"
#include "../support/random_network.hpp"
#include "../support/random_tensor.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <string>

using namespace pellucid;
using namespace pellucid::test;

namespace {

std::unique_ptr<Layer> conv(std::size_t kernel, std::size_t inputs, std::size_t outputs, Random& random,
                            Padding padding = {}, Stride stride = {}) {
    Tensor weight = random_tensor({kernel, kernel, inputs, outputs}, random, 0.4F);
    Tensor bias = random_tensor({1, 1, 1, outputs}, random);
    return std::make_unique<Conv2d>(std::move(weight), std::move(bias), stride, padding);
}

std::unique_ptr<Layer> dense(std::size_t inputs, std::size_t outputs, Random& random) {
    Tensor weight = random_tensor({1, 1, inputs, outputs}, random, 0.4F);
    Tensor bias = random_tensor({1, 1, 1, outputs}, random);
    return std::make_unique<Dense>(std::move(weight), std::move(bias));
}

std::unique_ptr<Layer> norm(std::size_t channels, Random& random, bool shifts = true) {
    const Shape shape{1, 1, 1, channels};
    Tensor scale = random_tensor(shape, random);
    Tensor shift = shifts ? random_tensor(shape, random) : zeros(shape);
    Tensor mean = shifts ? random_tensor(shape, random) : zeros(shape);
    Tensor variance = uniform_tensor(shape, random, 0.5F, 2.0F);
    return std::make_unique<BatchNorm>(std::move(scale), std::move(shift), std::move(mean), std::move(variance));
}

std::unique_ptr<Layer> relu() { return std::make_unique<Activation>(Activation::Function::relu); }

std::size_t norms(const Network& network) {
    return static_cast<std::size_t>(std::count_if(network.nodes().begin(), network.nodes().end(), [](const Node& node) {
        return node.layer->kind() == Kind::batch_norm;
    }));
}

/// The merged network has no batch norm and computes the same.
void check_merge(const Network& network) {
    const Network merged = merge_batch_norm(network);
    CHECK(norms(merged) == 0);
    CHECK(merged.nodes().size() + norms(network) == network.nodes().size());
    const Tensor input = random_batch(network, 4, 1);
    CHECK(relative_error(predict_logits(merged, input), predict_logits(network, input)) <= 1e-5);
}

/// The norms of these names are still there, all others are merged, and the network computes the same.
void check_left(const Network& network, const std::vector<std::string>& names) {
    const Network merged = merge_batch_norm(network);
    std::vector<std::string> left;
    for (const Node& node : merged.nodes()) {
        if (node.layer->kind() == Kind::batch_norm) left.push_back(node.name);
    }
    CHECK(left == names);
    const Tensor input = random_batch(network, 4, 1);
    CHECK(relative_error(predict_logits(merged, input), predict_logits(network, input)) <= 1e-5);
}

}  // namespace

TEST_CASE("merging: random networks compute the same") {
    std::size_t merged = 0;
    for (std::uint32_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        const Network network = random_network(seed);
        merged += norms(network);
        check_merge(network);
    }
    CHECK(merged > 10);
}

TEST_CASE("merging: into the layer before") {
    Random random(1);
    SUBCASE("a padded convolution, twice") {
        Network network({1, 6, 6, 2});
        network.add("conv", conv(3, 2, 5, random, {1, 1, 1, 1}));
        network.add("norm1", norm(5, random));
        network.add("norm2", norm(5, random));
        check_merge(network);
        CHECK(merge_batch_norm(network).find("conv") == 1);
    }
    SUBCASE("a transposed convolution") {
        Network network({1, 4, 4, 2});
        Tensor weight = random_tensor({3, 3, 2, 4}, random);
        Tensor bias = random_tensor({1, 1, 1, 4}, random);
        network.add("up", std::make_unique<ConvTranspose2d>(std::move(weight), std::move(bias), Stride{2, 2}));
        network.add("norm", norm(4, random));
        check_merge(network);
    }
    SUBCASE("a dense layer, at the end") {
        Network network({1, 1, 1, 7});
        network.add("dense", dense(7, 3, random));
        network.add("norm", norm(3, random));
        network.metadata["title"] = "kept";
        check_merge(network);
        CHECK(merge_batch_norm(network).metadata.at("title") == "kept");
    }
}

TEST_CASE("merging: into the layers behind") {
    Random random(2);
    SUBCASE("a convolution without padding, at the start") {
        Network network({1, 6, 6, 2});
        network.add("norm", norm(2, random));
        network.add("conv", conv(3, 2, 5, random, {}, {2, 2}));
        check_merge(network);
    }
    SUBCASE("a dense layer behind a flatten") {
        Network network({1, 3, 3, 4});
        network.add("relu", relu());
        network.add("norm", norm(4, random));
        network.add("flatten", std::make_unique<Flatten>());
        network.add("dense", dense(36, 5, random));
        check_merge(network);
    }
    SUBCASE("two readers, because the layer before has another one") {
        Network network({1, 5, 5, 3});
        const ValueId start = network.add("conv", conv(1, 3, 4, random));
        const ValueId normed = network.add("norm", norm(4, random), {start});
        const ValueId left = network.add("left", conv(1, 4, 4, random), {normed});
        const ValueId right = network.add("right", conv(1, 4, 4, random), {normed});
        const ValueId sum = network.add("sum", std::make_unique<Add>(), {left, right});
        network.add("all", std::make_unique<Add>(), {sum, start});
        check_merge(network);
    }
    SUBCASE("a padded convolution where nothing is shifted") {
        Network network({1, 5, 5, 3});
        network.add("norm", norm(3, random, false));
        network.add("conv", conv(3, 3, 4, random, {1, 1, 1, 1}));
        check_merge(network);
    }
}

TEST_CASE("merging: a norm stays where merging it would change the function") {
    Random random(3);
    SUBCASE("zero padding behind a shift") {
        Network network({1, 5, 5, 3});
        network.add("first", norm(3, random));
        network.add("padded", conv(3, 3, 4, random, {0, 0, 1, 0}));
        check_left(network, {"first"});
    }
    SUBCASE("a non-linear reader; the one behind it goes") {
        Network network({1, 5, 5, 3});
        network.add("norm", norm(3, random));
        network.add("relu", relu());
        network.add("norm2", norm(3, random));
        network.add("conv", conv(3, 3, 4, random));
        check_left(network, {"norm"});
    }
    SUBCASE("nothing beside it") {
        Network network({1, 5, 5, 3});
        network.add("norm", norm(3, random));
        check_left(network, {"norm"});
    }
    SUBCASE("the layer before is read by others, too") {
        Network network({1, 5, 5, 3});
        const ValueId start = network.add("conv", conv(1, 3, 4, random));
        const ValueId normed = network.add("norm", norm(4, random), {start});
        network.add("sum", std::make_unique<Add>(), {start, normed});
        check_left(network, {"norm"});
    }
    SUBCASE("behind a ReLU, before a pool") {
        Network network({1, 6, 6, 3});
        network.add("relu", relu());
        network.add("norm", norm(3, random));
        network.add("pool", std::make_unique<MaxPool2d>());
        check_left(network, {"norm"});
    }
}

TEST_CASE("merging: a constant affine map goes into its neighbours, but one of the input stays") {
    Random random(4);
    Network network({1, 6, 6, 2});
    network.add("normalise", std::make_unique<Affine>(std::vector{2.0, 4.0}, std::vector{-1.0, 0.5}));
    network.add("conv", conv(3, 2, 5, random));
    network.add("temperature", std::make_unique<Affine>(std::vector(5, 0.5), std::vector(5, 0.0)));
    check_left(network, {"normalise"});
    CHECK(merge_batch_norm(network).find("temperature") == 2);
}
