/// The one description of cards, results, walks and networks for other worlds. wasm/src/types.ts says the same in
/// types.
#pragma once

#include "pellucid/backward/layerwise.hpp"
#include "pellucid/border/writer.hpp"
#include "pellucid/methods/method.hpp"

namespace pellucid {

/// {id, family, title, question, formula, reference, targets, params, outputs, caveat, …}.
void write(Writer& out, const Card& card);

/// A text, a number or a truth value; nothing for an image.
void write(Writer& out, const ParamValue& value);

/// The values in force, {name: value}, images left out.
void write(Writer& out, const Params& params);

/// [{layer, entering, leaving, bias, stabiliser}].
void write(Writer& out, const Ledger& ledger);

/// Fields of an open object: target (of the first sample), targets (of every sample, where there are several), value
/// (of the first sample), values, outputs {name: item}, ledger, params.
void write_fields(Writer& out, const Result& result, const Card& card, std::span<const Target> targets,
                  const Params& params);

/// [{layer, shape, relevance, sum}], from the top down.
void write(Writer& out, const Layerwise& pass);

/// What the unit "LAYER/c,y,x" received: the `strongest` messages through each layer that reads it, and the sum of the
/// rest.
void write_received(Writer& out, const Layerwise& pass, std::string_view unit, std::size_t strongest);

/// [{layer, values}] of one forward pass: every value, the network's input first.
void write(Writer& out, const Network& network, const Trace& trace);

/// How the activity of the unit "LAYER/c,y,x" comes about, in the pass of one sample.
void write_computed(Writer& out, const Network& network, const Trace& trace, std::string_view unit);

/// {input, layers, classes, head, range, metadata}.
void write(Writer& out, const Network& network);

}  // namespace pellucid
