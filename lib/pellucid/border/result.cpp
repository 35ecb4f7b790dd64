#include "pellucid/border/describe.hpp"

#include <cmath>

namespace pellucid {

namespace {

void write_item(Writer& out, const Map& map) { out.pictures(map.data); }

/// The rows of a batch of vectors, as lists.
void write_rows(Writer& out, const Tensor& values) {
    out.begin_list();
    for (std::size_t n = 0; n < values.shape()[0]; ++n) out.numbers(sample(values, n));
    out.end();
}

void write_item(Writer& out, const Series& series) {
    out.begin_object();
    out.key("at");
    out.numbers(series.at);
    out.key("values");
    write_rows(out, series.values);
    out.end();
}

void write_item(Writer& out, const Frames& frames) {
    out.begin_object();
    out.list("steps", frames.steps);
    if (!frames.layer.empty()) out.field("layer", frames.layer);
    out.key("images");
    out.begin_list();
    for (const Tensor& image : frames.images) out.pictures(image);
    out.end();
    out.end();
}

void write_item(Writer& out, const Scalar& scalar) {
    out.begin_list();
    for (const double value : scalar.per_sample) out.number(value);
    out.end();
}

void write_item(Writer& out, const Table& table) {
    out.begin_object();
    out.list("columns", table.columns);
    out.key("rows");
    out.begin_list();
    for (const std::vector<double>& row : table.rows) {
        out.begin_list();
        for (const double value : row) out.number(value);
        out.end();
    }
    out.end();
    out.end();
}

void write_item(Writer& out, const Scores& scores) {
    out.begin_object();
    out.list("groups", scores.groups);
    if (!scores.layer.empty()) out.field("layer", scores.layer);
    out.key("values");
    write_rows(out, scores.values);
    out.end();
}

}  // namespace

void write(Writer& out, const Params& params) {
    out.begin_object();
    for (const auto& [card, value] : params.all()) {
        if (card->type == ParamType::image) continue;
        out.key(card->name);
        write(out, value);
    }
    out.end();
}

void write(Writer& out, const Ledger& ledger) {
    out.begin_list();
    for (const LedgerRow& row : ledger) {
        out.begin_object();
        out.field("layer", row.layer);
        out.field("entering", row.entering);
        out.field("leaving", row.leaving);
        out.field("bias", row.bias);
        out.field("stabiliser", row.stabiliser);
        out.end();
    }
    out.end();
}

void write_fields(Writer& out, const Result& result, const Card& card, std::span<const Target> targets,
                  const Params& params) {
    out.field("method", card.id);
    out.field("target", targets.front().text());
    if (targets.size() > 1) {
        out.key("targets");
        out.begin_list();
        for (const Target& target : targets) out.text(target.text());
        out.end();
    }
    out.field("value", result.value.empty() ? std::nan("") : result.value.front());
    out.list("values", result.value);
    out.key("outputs");
    out.begin_object();
    for (const auto& [name, item] : result.items) {
        out.key(name);
        std::visit([&](const auto& of_kind) { write_item(out, of_kind); }, item);
    }
    out.end();
    out.key("ledger");
    write(out, result.ledger);
    out.key("params");
    write(out, params);
}

}  // namespace pellucid
