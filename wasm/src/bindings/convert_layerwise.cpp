#include "convert.hpp"
#include "pellucid/backward/layerwise.hpp"

#include <emscripten/bind.h>

#include <algorithm>
#include <cmath>

namespace pellucid::wasm {

namespace {

val to_js(const MessageForm& form, const MessageTerm& term) {
    const auto factor = [](const std::string& is, double value) {
        val plain = val::object();
        plain.set("is", is);
        plain.set("value", value);
        return plain;
    };
    val plain = val::object();
    plain.set("coefficient", form.coefficient);
    plain.set("input", factor(form.input, term.input));
    plain.set("weight", factor(form.weight, term.weight));
    plain.set("denominator", term.denominator);
    return plain;
}

val to_js(const Messages& messages, const Message& message, const Shape& shape) {
    val terms = val::array();
    for (const MessageTerm& term : message.terms) terms.call<void>("push", to_js(messages.forms[term.form], term));
    val unit = val::object();
    unit.set("channel", message.unit % shape[3]);
    unit.set("row", message.unit / shape[3] / shape[2]);
    unit.set("column", message.unit / shape[3] % shape[2]);
    val plain = val::object();
    plain.set("unit", unit);
    plain.set("relevance", message.relevance);
    plain.set("value", message.value);
    plain.set("terms", terms);
    if (message.multiplier) plain.set("multiplier", *message.multiplier);
    return plain;
}

val to_js(const ReceivedThrough& through, const Shape& shape, std::size_t strongest) {
    std::vector<const Message*> order;
    for (const Message& message : through.messages.list) order.push_back(&message);
    std::stable_sort(order.begin(), order.end(),
                     [](const Message* a, const Message* b) { return std::abs(a->value) > std::abs(b->value); });
    val messages = val::array();
    double rest = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i < strongest)
            messages.call<void>("push", to_js(through.messages, *order[i], shape));
        else
            rest += order[i]->value;
    }
    val plain = val::object();
    plain.set("layer", through.layer);
    plain.set("rule", through.rule);
    plain.set("messages", messages);
    plain.set("count", order.size());
    plain.set("rest", rest);
    return plain;
}

}  // namespace

val to_js(const Layerwise& pass) {
    val layers = val::array();
    for (const ValueId value : pass.values()) {
        val plain = val::object();
        plain.set("layer", std::string(pass.network().name(value)));
        plain.set("relevance", to_image(pass.relevance(value)));
        layers.call<void>("push", plain);
    }
    return layers;
}

val received_to_js(const Layerwise& pass, const std::string& unit, std::size_t strongest) {
    const Target named = Target::parse("neuron:" + unit);  // units are named as in targets
    const Network& network = pass.network();
    check_target(named, network);
    const ValueId value = target_value(named, network);
    const Shape& shape = network.shape(value);
    const Received received = pass.received(value, (named.y * shape[2] + named.x) * shape[3] + named.index);
    val through = val::array();
    for (const ReceivedThrough& each : received.through) {
        through.call<void>("push", to_js(each, network.shape(each.value), strongest));
    }
    val plain = val::object();
    plain.set("unit", unit);
    plain.set("relevance", received.relevance);
    plain.set("activation", received.activation);
    plain.set("through", through);
    return plain;
}

}  // namespace pellucid::wasm
