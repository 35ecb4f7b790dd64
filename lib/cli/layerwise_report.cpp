#include "layerwise_report.hpp"

#include "output.hpp"
#include "pellucid/data/npy.hpp"
#include "pellucid/methods/target.hpp"
#include "pellucid/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace pellucid::cli {

namespace {

/// [channel, row, column], as targets name units.
Json place(const Network& network, ValueId value, std::size_t unit) {
    const Shape& shape = network.shape(value);
    return {unit % shape[3], unit / shape[3] / shape[2], unit / shape[3] % shape[2]};
}

Json to_json(const Network& network, const ReceivedThrough& through) {
    const Messages& messages = through.messages;
    std::vector<const Message*> order;
    for (const Message& message : messages.list) order.push_back(&message);
    std::stable_sort(order.begin(), order.end(),
                     [](const Message* a, const Message* b) { return std::abs(a->value) > std::abs(b->value); });
    Json list = Json::array();
    for (const Message* message : order) {
        Json terms = Json::array();
        for (const MessageTerm& term : message->terms) {
            const MessageForm& form = messages.forms[term.form];
            terms.push_back({{"coefficient", form.coefficient},
                             {"input", {{"is", form.input}, {"value", term.input}}},
                             {"weight", {{"is", form.weight}, {"value", term.weight}}},
                             {"denominator", term.denominator}});
        }
        list.push_back({{"unit", place(network, through.value, message->unit)},
                        {"relevance", message->relevance},
                        {"message", message->value},
                        {"terms", terms}});
        if (message->multiplier) list.back()["multiplier"] = *message->multiplier;
    }
    return {{"layer", through.layer}, {"rule", through.rule}, {"messages", list}};
}

}  // namespace

void write_layers(const std::filesystem::path& folder, const Layerwise& pass) {
    for (const ValueId value : pass.values()) {
        std::string name(pass.network().name(value));
        for (char& c : name) {
            if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '_';
        }
        write_npy((folder / ("layer_" + name + ".npy")).string(), {pass.relevance(value), 4});
    }
}

Json to_json(const Layerwise& pass) {
    Json layers = Json::array();
    for (const ValueId value : pass.values()) {
        const Tensor& relevance = pass.relevance(value);
        double sum = 0;
        for (const float r : elements(relevance)) sum += static_cast<double>(r);
        layers.push_back({{"layer", pass.network().name(value)}, {"shape", relevance.shape()}, {"sum", sum}});
    }
    return layers;
}

Json received_json(const Layerwise& pass, std::string_view unit) {
    // Units are named as in targets.
    const Target named = Target::parse("neuron:" + std::string(unit));
    const Network& network = pass.network();
    check_target(named, network);
    const ValueId value = target_value(named, network);
    const Shape& shape = network.shape(value);
    const Received received = pass.received(value, (named.y * shape[2] + named.x) * shape[3] + named.index);
    Json json{{"unit", unit},
              {"relevance", received.relevance},
              {"activation", received.activation},
              {"through", Json::array()}};
    for (const ReceivedThrough& through : received.through) json["through"].push_back(to_json(network, through));
    return json;
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
                rest += message["message"].get<double>();
                continue;
            }
            print("    {:>12.6g}  from {} with R {:.6g}\n", message["message"].get<double>(),
                       message["unit"].dump(), message["relevance"].get<double>());
            for (const Json& term : message["terms"]) {
                print("                  = {:.6g} · ({} = {:.6g}) · ({} = {:.6g})",
                           term["coefficient"].get<double>(), term["input"]["is"].get<std::string>(),
                           term["input"]["value"].get<double>(), term["weight"]["is"].get<std::string>(),
                           term["weight"]["value"].get<double>());
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
