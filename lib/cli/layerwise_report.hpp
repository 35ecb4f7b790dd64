/// The relevance of every layer as files and as JSON, and what one unit received.
#pragma once

#include "json_writer.hpp"
#include "pellucid/backward/layerwise.hpp"
#include "pellucid/methods/target.hpp"

#include <filesystem>
#include <string_view>

namespace pellucid::cli {

/// layer_NAME.npy for every value that the pass crossed, (N, h, w, c); characters that files cannot have become '_'.
void write_layers(const std::filesystem::path& folder, const Layerwise& pass);

/// The unit "LAYER/c,y,x" as a target. Throws Error that names it where the network has no such unit.
Target check_unit(std::string_view unit, const Network& network);

/// What write_received() says of a unit, for people.
void print_received(const Json& received);

}  // namespace pellucid::cli
