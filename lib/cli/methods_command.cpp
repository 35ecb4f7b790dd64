/// `pellucid methods`: what there is, as a table or as the cards themselves.
#include "commands.hpp"
#include "json_writer.hpp"
#include "pellucid/border/describe.hpp"
#include "output.hpp"
#include "pellucid/methods/method.hpp"

#include <fmt/format.h>

#include <memory>

namespace pellucid::cli {

void add_methods_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand("methods", "Lists the methods and what each answers");
    auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "the methods' cards as JSON");
    command->callback([json] {
        if (*json) {
            Json cards = Json::array();
            for (const Method& method : all_methods())
                cards.push_back(built([&](JsonWriter& out) { write(out, method.card); }));
            print_json(cards);
            return;
        }
        std::string family;
        for (const Method& method : all_methods()) {
            const Card& card = method.card;
            if (card.family != family) print("{}{}\n", family.empty() ? "" : "\n", card.family);
            family = card.family;
            print("  {:22} {}\n", card.id, std::string_view(card.question));
            for (const ParamCard& param : card.params) {
                const Json value = built([&](JsonWriter& out) { write(out, param.fallback); });
                print("    {:20} {} [{}]\n", param.name, std::string_view(param.help),
                      value.is_null() ? "none" : value.dump());
            }
        }
    });
}

}  // namespace pellucid::cli
