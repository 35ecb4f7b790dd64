/// The part of onnx.proto that pellucid speaks: field numbers, and messages as views into the file's bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace pellucid::onnx {

/// Field numbers of the messages, as onnx.proto fixes them for good.
namespace field {
namespace model {
enum : std::uint32_t {
    ir_version = 1,
    producer_name = 2,
    graph = 7,
    opset_import = 8,
    metadata_props = 14,
    functions = 25
};
}
namespace opset {
enum : std::uint32_t { domain = 1, version = 2 };
}
namespace property {
enum : std::uint32_t { key = 1, value = 2 };
}
namespace graph {
enum : std::uint32_t { node = 1, name = 2, initializer = 5, input = 11, output = 12, sparse_initializer = 15 };
}
namespace node {
enum : std::uint32_t { input = 1, output = 2, name = 3, op_type = 4, attribute = 5, domain = 7 };
}
namespace attribute {
enum : std::uint32_t { name = 1, f = 2, i = 3, s = 4, t = 5, floats = 7, ints = 8, type = 20 };
enum Type : std::int32_t { FLOAT = 1, INT = 2, STRING = 3, TENSOR = 4, FLOATS = 6, INTS = 7 };
}  // namespace attribute
namespace tensor {
enum : std::uint32_t {
    dims = 1,
    data_type = 2,
    segment = 3,
    float_data = 4,
    int32_data = 5,
    int64_data = 7,
    name = 8,
    raw_data = 9,
    double_data = 10,
    external_data = 13,
    data_location = 14
};
enum Type : std::int32_t {
    FLOAT = 1,
    UINT8 = 2,
    INT8 = 3,
    UINT16 = 4,
    INT16 = 5,
    INT32 = 6,
    INT64 = 7,
    BOOL = 9,
    FLOAT16 = 10,
    DOUBLE = 11,
    UINT32 = 12,
    UINT64 = 13,
    BFLOAT16 = 16
};
}  // namespace tensor
namespace value_info {
enum : std::uint32_t { name = 1, type = 2 };
}
namespace type {
enum : std::uint32_t { tensor = 1 };
}
namespace tensor_type {
enum : std::uint32_t { elem_type = 1, shape = 2 };
}
namespace shape {
enum : std::uint32_t { dim = 1 };
}
namespace dimension {
enum : std::uint32_t { value = 1, param = 2 };
}
}  // namespace field

/// A stored array. Its numbers are either `raw` (little-endian) or one of the lists; `element_count` says how many
/// there have to be, and the reader has checked nothing of it yet.
struct TensorProto {
    std::string_view name;
    std::vector<std::int64_t> dims;
    std::int32_t type = 0;
    std::optional<std::string_view> raw;
    std::vector<float> floats;
    std::vector<double> doubles;
    std::vector<std::int64_t> ints;
    bool is_external = false;  ///< its numbers are in another file
    /// Where: "location", "offset", "length", …
    std::vector<std::pair<std::string_view, std::string_view>> external;
};

struct AttributeProto {
    std::string_view name;
    std::optional<float> f;
    std::optional<std::int64_t> i;
    std::optional<std::string_view> s;
    std::unique_ptr<TensorProto> t;
    std::vector<float> floats;
    std::vector<std::int64_t> ints;
};

struct NodeProto {
    std::string_view name, op, domain;
    std::vector<std::string_view> inputs, outputs;
    std::vector<AttributeProto> attributes;
};

/// Name, element type and axes of an input or output; an axis without a number (symbolic or unknown) is empty.
struct ValueInfo {
    std::string_view name;
    std::int32_t type = 0;
    std::optional<std::vector<std::optional<std::int64_t>>> axes;
};

struct GraphProto {
    std::vector<NodeProto> nodes;
    std::vector<TensorProto> initializers;
    std::vector<ValueInfo> inputs, outputs;
    bool has_sparse_initializers = false;
};

struct ModelProto {
    std::optional<GraphProto> graph;
    std::vector<std::pair<std::string_view, std::int64_t>> opsets;  ///< (domain, version)
    std::vector<std::pair<std::string_view, std::string_view>> metadata;
    std::string_view producer;
};

/// The messages of a file, as views into it. Throws Error(bad_file) where the bytes are no such messages.
ModelProto parse(std::span<const std::byte> file);

}  // namespace pellucid::onnx
