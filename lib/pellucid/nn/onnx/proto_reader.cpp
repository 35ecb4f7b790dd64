// Protobuf bytes → the views of proto.hpp.
//
// Fields are matched together with their wire type; what does not match is skipped, as protobuf wants it, so a damaged
// file loses fields here and is refused where they are missed. Repeated numbers come packed or one by one: a reader has
// to take both. The limits below keep a small hostile file from growing into a large amount of memory.

#include "pellucid/error.hpp"
#include "pellucid/nn/onnx/foreign.hpp"
#include "pellucid/nn/onnx/proto.hpp"

#include <protozero/pbf_reader.hpp>

namespace pellucid::onnx {
namespace {

using protozero::pbf_wire_type;
using protozero::tag_and_type;

/// protozero's reader, safe where pointers have 32 bits: there a length of 2 GiB or more becomes negative in its own
/// check (1.8.1) and it walks out of the buffer. Every length is checked before protozero sees it.
class pbf_reader : public protozero::pbf_reader {
public:
    using protozero::pbf_reader::pbf_reader;
    explicit pbf_reader(const protozero::pbf_reader& reader) : protozero::pbf_reader(reader) {}

    bool next() {
        if (!protozero::pbf_reader::next()) return false;
        if (wire_type() == pbf_wire_type::length_delimited) {
            const char* at = data().data();
            const char* end = at + data().size();
            if (protozero::decode_varint(&at, end) > static_cast<std::uint64_t>(end - at)) {
                throw protozero::end_of_buffer_exception{};
            }
        }
        return true;
    }
    bool next(protozero::pbf_tag_type tag, pbf_wire_type type) {
        while (next()) {
            if (tag_and_type() == protozero::tag_and_type(tag, type)) return true;
            skip();
        }
        return false;
    }
    pbf_reader get_message() { return pbf_reader(protozero::pbf_reader::get_message()); }
};

constexpr auto varint = pbf_wire_type::varint;
constexpr auto bytes = pbf_wire_type::length_delimited;
constexpr auto fixed32 = pbf_wire_type::fixed32;
constexpr auto fixed64 = pbf_wire_type::fixed64;

constexpr std::size_t most_nodes = 20'000;
constexpr std::size_t most_arrays = 100'000;
constexpr std::size_t most_attributes = 32;
constexpr std::size_t most_axes = 16;
constexpr std::size_t most_properties = 10'000;

template <typename List>
auto& append(List& list, std::size_t most, const char* what) {
    if (list.size() >= most) fail(ErrorCode::bad_file, "not a sound ONNX file: more than {} {}", most, what);
    return list.emplace_back();
}

std::string_view text(pbf_reader& reader) {
    const auto view = reader.get_view();
    return {view.data(), view.size()};
}

template <typename T, typename Range>
void extend(std::vector<T>& list, const Range& range) {
    list.insert(list.end(), range.begin(), range.end());
}

std::pair<std::string_view, std::string_view> property(pbf_reader reader) {
    std::pair<std::string_view, std::string_view> result;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case tag_and_type(field::property::key, bytes): result.first = text(reader); break;
            case tag_and_type(field::property::value, bytes): result.second = text(reader); break;
            default: reader.skip();
        }
    }
    return result;
}

TensorProto tensor(pbf_reader reader) {
    TensorProto result;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case tag_and_type(field::tensor::dims, varint):
                append(result.dims, most_axes, "axes") = reader.get_int64();
                break;
            case tag_and_type(field::tensor::dims, bytes):
                for (const std::int64_t dim : reader.get_packed_int64()) append(result.dims, most_axes, "axes") = dim;
                break;
            case tag_and_type(field::tensor::data_type, varint): result.type = reader.get_int32(); break;
            case tag_and_type(field::tensor::float_data, fixed32): result.floats.push_back(reader.get_float()); break;
            case tag_and_type(field::tensor::float_data, bytes):
                extend(result.floats, reader.get_packed_float());
                break;
            case tag_and_type(field::tensor::double_data, fixed64):
                result.doubles.push_back(reader.get_double());
                break;
            case tag_and_type(field::tensor::double_data, bytes):
                extend(result.doubles, reader.get_packed_double());
                break;
            case tag_and_type(field::tensor::int32_data, varint): result.ints.push_back(reader.get_int32()); break;
            case tag_and_type(field::tensor::int32_data, bytes): extend(result.ints, reader.get_packed_int32()); break;
            case tag_and_type(field::tensor::int64_data, varint): result.ints.push_back(reader.get_int64()); break;
            case tag_and_type(field::tensor::int64_data, bytes): extend(result.ints, reader.get_packed_int64()); break;
            case tag_and_type(field::tensor::name, bytes): result.name = text(reader); break;
            case tag_and_type(field::tensor::raw_data, bytes): result.raw = text(reader); break;
            case tag_and_type(field::tensor::segment, bytes):
                fail(ErrorCode::unsupported, "array '{}' is stored in segments, which pellucid does not read",
                     result.name);
            case tag_and_type(field::tensor::external_data, bytes):
                result.is_external = true;
                append(result.external, most_attributes, "entries of external data") = property(reader.get_message());
                break;
            case tag_and_type(field::tensor::data_location, varint):
                result.is_external |= reader.get_int32() != 0;
                break;
            default: reader.skip();
        }
    }
    return result;
}

AttributeProto attribute(pbf_reader reader) {
    AttributeProto result;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case tag_and_type(field::attribute::name, bytes): result.name = text(reader); break;
            case tag_and_type(field::attribute::f, fixed32): result.f = reader.get_float(); break;
            case tag_and_type(field::attribute::i, varint): result.i = reader.get_int64(); break;
            case tag_and_type(field::attribute::s, bytes): result.s = text(reader); break;
            case tag_and_type(field::attribute::t, bytes):
                result.t = std::make_unique<TensorProto>(tensor(reader.get_message()));
                break;
            case tag_and_type(field::attribute::floats, fixed32): result.floats.push_back(reader.get_float()); break;
            case tag_and_type(field::attribute::floats, bytes): extend(result.floats, reader.get_packed_float()); break;
            case tag_and_type(field::attribute::ints, varint): result.ints.push_back(reader.get_int64()); break;
            case tag_and_type(field::attribute::ints, bytes): extend(result.ints, reader.get_packed_int64()); break;
            default: reader.skip();
        }
    }
    return result;
}

NodeProto node(pbf_reader reader) {
    NodeProto result;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case tag_and_type(field::node::input, bytes): result.inputs.push_back(text(reader)); break;
            case tag_and_type(field::node::output, bytes): result.outputs.push_back(text(reader)); break;
            case tag_and_type(field::node::name, bytes): result.name = text(reader); break;
            case tag_and_type(field::node::op_type, bytes): result.op = text(reader); break;
            case tag_and_type(field::node::domain, bytes): result.domain = text(reader); break;
            case tag_and_type(field::node::attribute, bytes):
                append(result.attributes, most_attributes, "attributes of a node") = attribute(reader.get_message());
                break;
            default: reader.skip();
        }
    }
    return result;
}

std::vector<std::optional<std::int64_t>> axes(pbf_reader reader) {
    std::vector<std::optional<std::int64_t>> result;
    while (reader.next(field::shape::dim, bytes)) {
        auto& axis = append(result, most_axes, "axes");
        auto dimension = reader.get_message();
        while (dimension.next(field::dimension::value, varint)) axis = dimension.get_int64();
    }
    return result;
}

ValueInfo value_info(pbf_reader reader) {
    ValueInfo result;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case tag_and_type(field::value_info::name, bytes): result.name = text(reader); break;
            case tag_and_type(field::value_info::type, bytes): {
                auto type = reader.get_message();
                while (type.next(field::type::tensor, bytes)) {
                    auto tensor_type = type.get_message();
                    while (tensor_type.next()) {
                        switch (tensor_type.tag_and_type()) {
                            case tag_and_type(field::tensor_type::elem_type, varint):
                                result.type = tensor_type.get_int32();
                                break;
                            case tag_and_type(field::tensor_type::shape, bytes):
                                result.axes = axes(tensor_type.get_message());
                                break;
                            default: tensor_type.skip();
                        }
                    }
                }
                break;
            }
            default: reader.skip();
        }
    }
    return result;
}

GraphProto graph(pbf_reader reader) {
    GraphProto result;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case tag_and_type(field::graph::node, bytes):
                append(result.nodes, most_nodes, "nodes") = node(reader.get_message());
                break;
            case tag_and_type(field::graph::initializer, bytes):
                append(result.initializers, most_arrays, "stored arrays") = tensor(reader.get_message());
                break;
            case tag_and_type(field::graph::input, bytes):
                append(result.inputs, most_arrays, "inputs") = value_info(reader.get_message());
                break;
            case tag_and_type(field::graph::output, bytes):
                append(result.outputs, most_arrays, "outputs") = value_info(reader.get_message());
                break;
            case tag_and_type(field::graph::sparse_initializer, bytes):
                result.has_sparse_initializers = true;
                reader.skip();
                break;
            default: reader.skip();
        }
    }
    return result;
}

std::pair<std::string_view, std::int64_t> opset(pbf_reader reader) {
    std::pair<std::string_view, std::int64_t> result;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case tag_and_type(field::opset::domain, bytes): result.first = text(reader); break;
            case tag_and_type(field::opset::version, varint): result.second = reader.get_int64(); break;
            default: reader.skip();
        }
    }
    return result;
}

ModelProto model(pbf_reader reader) {
    ModelProto result;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case tag_and_type(field::model::producer_name, bytes): result.producer = text(reader); break;
            case tag_and_type(field::model::graph, bytes):
                if (result.graph) fail(ErrorCode::bad_file, "not a sound ONNX file: it holds two graphs");
                result.graph = graph(reader.get_message());
                break;
            case tag_and_type(field::model::opset_import, bytes):
                append(result.opsets, most_properties, "operator sets") = opset(reader.get_message());
                break;
            case tag_and_type(field::model::metadata_props, bytes):
                append(result.metadata, most_properties, "metadata entries") = property(reader.get_message());
                break;
            case tag_and_type(field::model::functions, bytes):
                fail(ErrorCode::unsupported,
                     "the file defines operators of its own (functions), which pellucid does not "
                     "read: export it with plain operators");
            default: reader.skip();
        }
    }
    return result;
}

}  // namespace

ModelProto parse(std::span<const std::byte> file) {
    refuse_other_formats(file);
    try {
        return model(pbf_reader{reinterpret_cast<const char*>(file.data()), file.size()});
    } catch (const protozero::exception& error) {
        fail(ErrorCode::bad_file, "not a sound ONNX file: its protobuf encoding is damaged or cut off ({})",
             error.what());
    }
}

}  // namespace pellucid::onnx
