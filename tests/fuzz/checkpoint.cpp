// Checkpoints of a training: any state of any recipe, under the right checksum.
#include "targets.hpp"

#include "pellucid/train/checkpoint.hpp"
#include "pellucid/train/trainer.hpp"

#include <cmath>

namespace pellucid::fuzz {

namespace {

constexpr std::string_view recipe_text = R"({"input": [4, 4, 1], "epochs": 2, "batch": 3, "ema": 0.9, "layers": [
    {"name": "conv", "type": "conv", "channels": 2, "kernel": 3}, {"name": "relu", "type": "relu"},
    {"name": "flatten", "type": "flatten"}, {"name": "dense", "type": "dense", "units": 3}]})";

LabelledImages images() {
    LabelledImages data{{5, 4, 4, std::vector<std::uint8_t>(80)}, {0, 1, 2, 1, 0}};
    for (std::size_t i = 0; i < data.images.pixels.size(); ++i)
        data.images.pixels[i] = static_cast<std::uint8_t>(37 * i);
    return data;
}

bool finite(const Network& network) {
    for (const Node& node : network.nodes()) {
        for (const Parameter& parameter : node.layer->parameters()) {
            for (const float weight : elements(*parameter.value)) {
                if (!std::isfinite(weight)) return false;
            }
        }
    }
    return true;
}

}  // namespace

void run_checkpoint(Input bytes) {
    static const train::Recipe recipe = train::parse_recipe(recipe_text, "recipe");
    static const LabelledImages data = images();
    // The first byte says how many whole pieces of the file the fuzzer has to find by itself.
    if (bytes.empty()) return;
    const std::uint8_t form = bytes.front();
    bytes = bytes.subspan(1);
    train::Trainer trainer(recipe, data);
    Bytes file;
    if (form % 3 == 0) {
        file.assign(bytes.begin(), bytes.end());
    } else if (form % 3 == 1) {
        file = train::seal_checkpoint(bytes);
    } else {
        // A true state with bytes written over it: pairs of a place and a value.
        trainer.step();
        Bytes state = train::checkpoint_body(recipe, trainer);
        for (std::size_t i = 0; i + 2 < bytes.size(); i += 3)
            state[(bytes[i] << 8U | bytes[i + 1]) % state.size()] = bytes[i + 2];
        file = train::seal_checkpoint(state);
    }
    const bool taken = ended_well([&] { train::parse_checkpoint(file, "checkpoint", recipe, trainer); });
    expect(finite(trainer.network()), "weights are numbers");
    if (!taken) return;
    expect(finite(trainer.snapshot()), "averages of weights are numbers");
    // Goes on, or says why not; what it is left with can be saved and taken up.
    ended_well([&] { trainer.step(); });
    expect(finite(trainer.network()), "weights are numbers after a step");
    const Bytes saved = trainer.save();
    expect(ended_well([&] { trainer.restore(saved); }), "a saved state can be taken up");
}

}  // namespace pellucid::fuzz
