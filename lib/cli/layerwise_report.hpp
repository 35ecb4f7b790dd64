/// The relevance of every layer as files and as JSON, and what one unit received.
#pragma once

#include "card_json.hpp"
#include "pellucid/backward/layerwise.hpp"

#include <filesystem>
#include <string_view>

namespace pellucid::cli {

/// layer_NAME.npy for every value that the pass crossed, (N, h, w, c); characters that files cannot have become '_'.
void write_layers(const std::filesystem::path& folder, const Layerwise& pass);

/// Name, shape and sum of every layer's relevance, from the top down.
Json to_json(const Layerwise& pass);

/// What the unit "LAYER/c,y,x" received, from whom, and how it was computed; the strongest messages first.
Json received_json(const Layerwise& pass, std::string_view unit);
void print_received(const Json& received);

}  // namespace pellucid::cli
