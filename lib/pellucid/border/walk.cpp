#include "pellucid/border/describe.hpp"

#include "pellucid/nn/head.hpp"
#include "pellucid/nn/range.hpp"
#include "pellucid/order.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

namespace {

void write_factor(Writer& out, std::string_view name, const std::string& is, double value) {
    out.key(name);
    out.begin_object();
    out.field("is", is);
    out.field("value", value);
    out.end();
}

void write_message(Writer& out, const Messages& messages, const Message& message, const Shape& shape) {
    out.begin_object();
    out.key("unit");
    out.begin_object();
    out.field("channel", message.unit % shape[3]);
    out.field("row", message.unit / shape[3] / shape[2]);
    out.field("column", message.unit / shape[3] % shape[2]);
    out.end();
    out.field("relevance", message.relevance);
    out.field("value", message.value);
    out.key("terms");
    out.begin_list();
    for (const MessageTerm& term : message.terms) {
        const MessageForm& form = messages.forms[term.form];
        out.begin_object();
        out.field("coefficient", form.coefficient);
        write_factor(out, "input", form.input, term.input);
        write_factor(out, "weight", form.weight, term.weight);
        out.field("denominator", term.denominator);
        out.end();
    }
    out.end();
    if (message.multiplier) out.field("multiplier", *message.multiplier);
    out.end();
}

void write_through(Writer& out, const ReceivedThrough& through, const Shape& shape, std::size_t strongest) {
    const std::vector<Message>& list = through.messages.list;
    const auto order = sorted_places(
        list.size(), [&](std::size_t a, std::size_t b) { return std::abs(list[a].value) > std::abs(list[b].value); });
    out.begin_object();
    out.field("layer", through.layer);
    out.field("rule", through.rule);
    out.key("messages");
    out.begin_list();
    double rest = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i < strongest) {
            write_message(out, through.messages, list[order[i]], shape);
        } else {
            rest += list[order[i]].value;
        }
    }
    out.end();
    out.field("count", order.size());
    out.field("rest", rest);
    out.end();
}

}  // namespace

void write(Writer& out, const Layerwise& pass) {
    out.begin_list();
    for (const ValueId value : pass.values()) {
        const Tensor& relevance = pass.relevance(value);
        double sum = 0;
        for (const float r : elements(relevance)) sum += static_cast<double>(r);
        out.begin_object();
        out.field("layer", pass.network().name(value));
        out.list("shape", relevance.shape());
        out.key("relevance");
        out.pictures(relevance);
        out.field("sum", sum);
        out.end();
    }
    out.end();
}

void write_received(Writer& out, const Layerwise& pass, std::string_view unit, std::size_t strongest) {
    const Target named = Target::parse("neuron:" + std::string(unit));  // units are named as in targets
    const Network& network = pass.network();
    check_target(named, network);
    const ValueId value = target_value(named, network);
    const Shape& shape = network.shape(value);
    const Received received = pass.received(value, (named.y * shape[2] + named.x) * shape[3] + named.index);
    out.begin_object();
    out.field("unit", unit);
    out.field("relevance", received.relevance);
    out.field("activation", received.activation);
    out.key("through");
    out.begin_list();
    for (const ReceivedThrough& each : received.through) {
        write_through(out, each, network.shape(each.value), strongest);
    }
    out.end();
    out.end();
}

void write(Writer& out, const Network& network) {
    const Shape& input = network.input_shape();
    out.begin_object();
    out.key("input");
    out.begin_object();
    out.field("height", input[1]);
    out.field("width", input[2]);
    out.field("channels", input[3]);
    out.end();
    out.key("layers");
    out.begin_list();
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Node& node = network.nodes()[i];
        std::size_t parameters = 0;
        for (const Parameter& parameter : node.layer->parameters()) parameters += parameter.value->size();
        out.begin_object();
        out.field("name", node.name);
        out.field("op", node.layer->op());
        out.list("shape", std::span(network.shape(i + 1)).subspan(1));
        out.field("parameters", parameters);
        out.end();
    }
    out.end();
    out.field("classes", network.classes());
    out.field("head", std::string_view(to_string(head_of(network))));
    const InputRange range = input_range(network);
    out.key("range");
    out.begin_object();
    out.key("low");
    out.numbers(range.low);
    out.key("high");
    out.numbers(range.high);
    out.end();
    out.key("metadata");
    out.begin_object();
    for (const auto& [key, text] : network.metadata) out.field(key, text);
    out.end();
    out.end();
}

}  // namespace pellucid
