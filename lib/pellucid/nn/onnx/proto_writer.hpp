/// Writes the messages of an ONNX graph.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pellucid::onnx {

using Attribute = std::variant<std::int64_t, float, std::string_view, std::vector<std::int64_t>>;
using Attributes = std::vector<std::pair<std::string_view, Attribute>>;
using Dims = std::vector<std::int64_t>;

/// Collects a GraphProto; `finish` puts it into a whole file.
class GraphWriter {
public:
    /// Stored arrays, as raw_data.
    void add_floats(std::string_view name, const Dims& dims, std::span<const float> values);
    void add_ints(std::string_view name, const Dims& dims, std::span<const std::int64_t> values);
    void add_array(std::string_view name, const Dims& dims, std::int32_t type, std::string_view raw);

    void add_node(std::string_view op, std::string_view name, const std::vector<std::string>& inputs,
                  std::string_view output, const Attributes& attributes = {});

    /// A float value (N, dims…) with a symbolic batch size.
    void set_input(std::string_view name, const Dims& dims);
    void set_output(std::string_view name, const Dims& dims);

    /// The bytes of the file, IR version 8.
    std::string finish(const std::map<std::string, std::string>& metadata = {}, std::int64_t opset = 17) const;

private:
    std::string nodes_, arrays_, ends_;  ///< fields of the graph, encoded
};

}  // namespace pellucid::onnx
