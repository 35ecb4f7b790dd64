/// The relevance of every layer as files and as JSON, and what one unit received.
#pragma once

#include "json_writer.hpp"
#include "pellucid/backward/layerwise.hpp"

#include <filesystem>
#include <string_view>

namespace pellucid::cli {

/// layer_NAME.npy for every value that the pass crossed, (N, h, w, c); characters that files cannot have become '_'.
void write_layers(const std::filesystem::path& folder, const Layerwise& pass);

/// What write_received() says of a unit, for people.
void print_received(const Json& received);

}  // namespace pellucid::cli
