#include "pellucid/border/describe.hpp"
#include "pellucid/methods/inside/computed.hpp"

namespace pellucid {

namespace {

void write_rect(Writer& out, const methods::FieldRect& rect) {
    out.field("top", rect.top);
    out.field("left", rect.left);
    out.field("height", rect.height());
    out.field("width", rect.width());
}

}  // namespace

void write(Writer& out, const Network& network, const Trace& trace) {
    out.begin_list();
    for (ValueId value = 0; value <= network.output(); ++value) {
        out.begin_object();
        out.field("layer", network.name(value));
        out.key("values");
        out.pictures(trace.values[value]);
        out.end();
    }
    out.end();
}

void write_computed(Writer& out, const Network& network, const Trace& trace, std::string_view unit) {
    const methods::Computed result = methods::computed(
        network, trace, Target::parse("neuron:" + std::string(unit)));  // units are named as in targets
    out.begin_object();
    out.field("unit", unit);
    out.field("layer", network.name(result.value));
    out.field("op", result.value == 0 ? std::string_view("Input") : network.nodes()[result.value - 1].layer->op());
    out.field("by", methods::to_string(result.computation));
    out.field("activation", result.activity);
    out.field("bias", result.bias);
    out.field("sum", result.sum);
    out.key("field");
    out.begin_object();
    write_rect(out, result.field);
    out.end();
    out.key("reads");
    out.begin_list();
    for (const methods::ReadWindow& read : result.reads) {
        out.begin_object();
        out.field("layer", network.name(read.value));
        write_rect(out, read.rect);
        out.field("firstChannel", read.first_channel);
        out.key("input");
        out.pictures(read.input);
        out.key("weight");
        if (read.weight.size() > 0) {
            out.pictures(read.weight);
        } else {
            out.nothing();
        }
        out.end();
    }
    out.end();
    out.end();
}

}  // namespace pellucid
