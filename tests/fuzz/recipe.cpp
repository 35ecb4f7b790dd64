// Recipes: JSON, options and the network that they ask for.
#include "targets.hpp"

#include "pellucid/train/recipe.hpp"

namespace pellucid::fuzz {

void run_recipe(Input bytes) {
    ended_well([&] {
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        const train::Recipe recipe = train::parse_recipe(text, "recipe");
        // A recipe that was read can be written, which the network's file and the checkpoint do, and read again.
        const std::string written = train::to_json(recipe);
        expect(ended_well([&] {
                   expect(train::to_json(train::parse_recipe(written, "written")) == written, "recipe there and back");
               }),
               "a recipe that was read is written as one that can be read");
        (void)train::make_optimiser(recipe.training);
    });
}

}  // namespace pellucid::fuzz
