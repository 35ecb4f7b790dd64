// Targets: every malformed text, and every well-formed one that the network has not.
#include "bad_input/book.hpp"
#include "pellucid/backward/layerwise.hpp"
#include "pellucid/methods/method.hpp"
#include "support/patterns.hpp"
#include "support/random_network.hpp"

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// Texts that are no targets, whatever the network.
std::vector<std::string> malformed() {
    std::vector<std::string> texts{"",
                                   " ",
                                   ":",
                                   "/",
                                   "nonsense",
                                   "Predicted",
                                   "predicted:",
                                   "predicted:3",
                                   "class",
                                   "prob",
                                   "contrast",
                                   "neuron",
                                   "channel",
                                   "norm",
                                   "norm:",
                                   "neuron:",
                                   "channel:",
                                   "neuron:/0,0,0",
                                   "channel:/0",
                                   "class:3:4",
                                   "klass:3",
                                   ":3",
                                   "class=3",
                                   "contrast:1",
                                   "contrast:1-",
                                   "contrast:-1",
                                   "contrast:1-2-3",
                                   "contrast:1,2",
                                   "contrast:a-b",
                                   "channel:a",
                                   "channel:a/",
                                   "channel:a/x",
                                   "channel:a/-1",
                                   "channel:a/1.5",
                                   "neuron:a/",
                                   "neuron:a/1,2",
                                   "neuron:a/1,2,3,4",
                                   "neuron:a/1,,3",
                                   "neuron:a/a,b,c",
                                   "neuron:a/1;2;3",
                                   "neuron:a/-1,0,0",
                                   "\x1b[31mred\x1b[0m",
                                   "class:3\n",
                                   "\xff\xfe",
                                   "neuron:a/99999999999999999999,0,0"};
    for (const std::string kind : {"class:", "prob:"}) {
        for (const std::string index : {"", " 3", "3 ", "-1", "+3", "1.5", "1e1", "0x3", "three", "NaN", "inf",
                                        "99999999999999999999", "18446744073709551616", "3\x1b[31m"}) {
            texts.push_back(kind + index);
        }
    }
    texts.emplace_back(100'000, 'a');
    texts.push_back("class:" + std::string(100'000, '9'));
    return texts;
}

/// Of the form, but not there.
std::vector<std::string> absent(const Network& network) {
    const std::string layer(network.name(1));
    const Shape& shape = network.shape(1);
    std::vector<std::string> texts;
    for (const std::size_t past : {network.classes(), std::size_t{1'000'000}}) {
        for (const char* form : {"class:{}", "prob:{}", "contrast:{}-0", "contrast:0-{}"})
            texts.push_back(fmt::format(fmt::runtime(form), past));
    }
    texts.push_back(fmt::format("channel:{}/{}", layer, shape[3]));
    texts.push_back(fmt::format("neuron:{}/{},0,0", layer, shape[3]));
    texts.push_back(fmt::format("neuron:{}/0,{},0", layer, shape[1]));
    texts.push_back(fmt::format("neuron:{}/0,0,{}", layer, shape[2]));
    texts.push_back(fmt::format("neuron:{}/0", layer));
    for (const char* name : {"nowhere", "\x1b[31m", "\xff", " "}) {
        texts.push_back(fmt::format("norm:{}", name));
        texts.push_back(fmt::format("channel:{}/0", name));
        texts.push_back(fmt::format("neuron:{}/0,0,0", name));
    }
    return texts;
}

}  // namespace

TEST_CASE("bad input: texts that are no targets") {
    for (const std::string& text : malformed()) {
        refuses("Target::parse", "no target", text, [&] { Target::parse(text); });
    }
}

TEST_CASE("bad input: targets that the network has not") {
    const Network network = random_network(0);
    for (const std::string& text : absent(network)) {
        refuses("check_target", "nothing of that kind there", text,
                [&] { check_target(Target::parse(text), network); });
    }
}

TEST_CASE("bad input: targets of every method") {
    Explainer explainer(random_network(0));
    give_patterns(explainer);
    const Tensor x = random_batch(explainer.network(), 1, 3);
    for (const Method& method : all_methods()) {
        const auto ask = [&](std::string_view kind, const std::string& text) {
            refuses(fmt::format("{}: start", method.card.id), kind, text,
                    [&] { start(method, {explainer, x, Target::parse(text), Params(method.card)}); });
        };
        ask("a class that is not there", "class:1000");
        ask("a layer that is not there", "norm:nowhere");
        for (const TargetKind kind : any_target()) {
            if (std::ranges::find(method.card.targets, kind) != method.card.targets.end()) continue;
            const std::string layer(explainer.network().name(1));
            const std::string word = to_string(kind);
            ask("a kind of target that it does not answer", word == "prob"       ? "prob:0"
                                                            : word == "contrast" ? "contrast:0-1"
                                                            : word == "channel"  ? "channel:" + layer + "/0"
                                                            : word == "neuron"   ? "neuron:" + layer + "/0,0,0"
                                                                                 : "norm:" + layer);
        }
    }
}

TEST_CASE("bad input: patterns and walks") {
    Explainer explainer(random_network(0));
    const Network& network = explainer.network();
    const Tensor x = random_batch(network, 2, 3);
    for (const char* id : {"pattern_net", "pattern_attribution"}) {
        refuses(fmt::format("{}: start", id), "a network without patterns", "",
                [&] { explain(find_method(id), {explainer, x, Target::of_class(0), Params(find_method(id).card)}); });
    }
    refuses("Explainer::attach(patterns)", "another network's", "", [&] {
        Explainer other(random_network(1));
        give_patterns(other);
        explainer.attach(Role::patterns, Network(other.patterns()));
    });
    refuses("Explainer::attach(patterns)", "a network that is no patterns", "",
            [&] { explainer.attach(Role::patterns, Network(network)); });
    refuses("Explainer::patterns", "none given", "", [&] { explainer.patterns(); });

    const Method& lrp = find_method("lrp");
    const auto walk = [&](const Tensor& input) {
        return explain(lrp, {explainer, input, Target::of_class(0), Params(lrp.card), true}).layerwise;
    };
    const auto one = walk(batch_slice(x, 0, 1));
    refuses("Layerwise::received", "a unit that is not there", "10000000", [&] { one->received(0, 10'000'000); });
    refuses("Layerwise::received", "a value that is not there", "10000", [&] { one->received(10'000, 0); });
    const auto two = walk(x);
    refuses("Layerwise::received", "a batch", "2 inputs", [&] { two->received(0, 0); });
}
