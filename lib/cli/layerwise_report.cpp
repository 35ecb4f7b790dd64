#include "layerwise_report.hpp"

#include "output.hpp"
#include "pellucid/data/npy.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/target.hpp"
#include "pellucid/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace pellucid::cli {

void write_layers(const std::filesystem::path& folder, const Layerwise& pass) {
    for (const ValueId value : pass.values()) {
        std::string name(pass.network().name(value));
        for (char& c : name) {
            if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '_';
        }
        write_npy((folder / ("layer_" + name + ".npy")).string(), {pass.relevance(value), 4});
    }
}

namespace {

/// "[channel, row, column]", in the order that targets name them.
std::string place(const Json& unit) {
    return fmt::format("[{}, {}, {}]", unit["channel"].dump(), unit["row"].dump(), unit["column"].dump());
}

}  // namespace

Target check_unit(std::string_view unit, const Network& network) {
    // Units are named as in targets.
    try {
        Target named = Target::parse("neuron:" + std::string(unit));
        check_target(named, network);
        return named;
    } catch (const Error& error) {
        fail(error.code(), "--unit '{}', a unit is LAYER/c,y,x as in conv2/3,4,4: {}", unit, error.what());
    }
}

void print_received(const Json& received) {
    constexpr std::size_t most = 12;
    print("  {} has relevance {:.6g}\n", escaped(received["unit"].get<std::string>()),
          received["relevance"].get<double>());
    for (const Json& through : received["through"]) {
        const Json& messages = through["messages"];
        print("  received through {} (rule {}) from {} units\n", escaped(through["layer"].get<std::string>()),
              through["rule"].get<std::string>(), messages.size());
        double rest = 0;
        for (std::size_t i = 0; i < messages.size(); ++i) {
            const Json& message = messages[i];
            if (i >= most) {
                rest += message["value"].get<double>();
                continue;
            }
            print("    {:>12.6g}  from {} with R {:.6g}\n", message["value"].get<double>(), place(message["unit"]),
                  message["relevance"].get<double>());
            for (const Json& term : message["terms"]) {
                print("                  = {:.6g} · ({} = {:.6g}) · ({} = {:.6g})", term["coefficient"].get<double>(),
                      term["input"]["is"].get<std::string>(), term["input"]["value"].get<double>(),
                      term["weight"]["is"].get<std::string>(), term["weight"]["value"].get<double>());
                if (message.contains("multiplier")) {
                    print(" · (m = {:.6g})\n", message["multiplier"].get<double>());
                } else {
                    print(" / {:.6g} · R\n", term["denominator"].get<double>());
                }
            }
        }
        if (messages.size() > most) print("    {:>12.6g}  from the other {}\n", rest, messages.size() - most);
    }
}

}  // namespace pellucid::cli
