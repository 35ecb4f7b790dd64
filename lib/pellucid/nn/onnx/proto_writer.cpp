#include "pellucid/nn/onnx/proto_writer.hpp"

#include "pellucid/nn/onnx/proto.hpp"

#include <protozero/pbf_writer.hpp>

#include <bit>

namespace pellucid::onnx {
namespace {

using protozero::data_view;
using protozero::pbf_writer;

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian and is written as it is");

constexpr std::int64_t ir_version = 8;

void add_text(pbf_writer& message, std::uint32_t number, std::string_view text) {
    message.add_bytes(number, data_view{text.data(), text.size()});
}

void add_value(pbf_writer& message, std::int64_t value) {
    message.add_int64(field::attribute::i, value);
    message.add_enum(field::attribute::type, field::attribute::INT);
}
void add_value(pbf_writer& message, float value) {
    message.add_float(field::attribute::f, value);
    message.add_enum(field::attribute::type, field::attribute::FLOAT);
}
void add_value(pbf_writer& message, std::string_view value) {
    add_text(message, field::attribute::s, value);
    message.add_enum(field::attribute::type, field::attribute::STRING);
}
void add_value(pbf_writer& message, const std::vector<std::int64_t>& values) {
    for (const std::int64_t value : values) message.add_int64(field::attribute::ints, value);
    message.add_enum(field::attribute::type, field::attribute::INTS);
}

void add_value_info(pbf_writer& graph, std::uint32_t number, std::string_view name, const Dims& dims) {
    pbf_writer info{graph, number};
    add_text(info, field::value_info::name, name);
    pbf_writer type{info, field::value_info::type};
    pbf_writer tensor{type, field::type::tensor};
    tensor.add_enum(field::tensor_type::elem_type, field::tensor::FLOAT);
    pbf_writer shape{tensor, field::tensor_type::shape};
    {
        pbf_writer batch{shape, field::shape::dim};
        add_text(batch, field::dimension::param, "N");
    }
    for (const std::int64_t dim : dims) {
        pbf_writer axis{shape, field::shape::dim};
        axis.add_int64(field::dimension::value, dim);
    }
}

template <typename T>
std::string_view raw_bytes(std::span<const T> values) {
    return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

void GraphWriter::add_array(std::string_view name, const Dims& dims, std::int32_t type, std::string_view raw) {
    pbf_writer graph{arrays_};
    pbf_writer array{graph, field::graph::initializer};
    for (const std::int64_t dim : dims) array.add_int64(field::tensor::dims, dim);
    array.add_enum(field::tensor::data_type, type);
    add_text(array, field::tensor::name, name);
    add_text(array, field::tensor::raw_data, raw);
}

void GraphWriter::add_floats(std::string_view name, const Dims& dims, std::span<const float> values) {
    add_array(name, dims, field::tensor::FLOAT, raw_bytes(values));
}

void GraphWriter::add_ints(std::string_view name, const Dims& dims, std::span<const std::int64_t> values) {
    add_array(name, dims, field::tensor::INT64, raw_bytes(values));
}

void GraphWriter::add_node(std::string_view op, std::string_view name, const std::vector<std::string>& inputs,
                           std::string_view output, const Attributes& attributes) {
    pbf_writer graph{nodes_};
    pbf_writer node{graph, field::graph::node};
    for (const std::string& input : inputs) add_text(node, field::node::input, input);
    add_text(node, field::node::output, output);
    add_text(node, field::node::name, name);
    add_text(node, field::node::op_type, op);
    for (const auto& [key, value] : attributes) {
        pbf_writer attribute{node, field::node::attribute};
        add_text(attribute, field::attribute::name, key);
        std::visit([&](const auto& given) { add_value(attribute, given); }, value);
    }
}

void GraphWriter::set_input(std::string_view name, const Dims& dims) {
    pbf_writer graph{ends_};
    add_value_info(graph, field::graph::input, name, dims);
}

void GraphWriter::set_output(std::string_view name, const Dims& dims) {
    pbf_writer graph{ends_};
    add_value_info(graph, field::graph::output, name, dims);
}

std::string GraphWriter::finish(const std::map<std::string, std::string>& metadata, std::int64_t opset) const {
    std::string graph = nodes_;
    {
        pbf_writer writer{graph};
        add_text(writer, field::graph::name, "network");
    }
    graph += arrays_;
    graph += ends_;
    std::string file;
    pbf_writer model{file};
    model.add_int64(field::model::ir_version, ir_version);
    add_text(model, field::model::producer_name, "pellucid");
    add_text(model, field::model::graph, graph);
    {
        pbf_writer set{model, field::model::opset_import};
        add_text(set, field::opset::domain, "");
        set.add_int64(field::opset::version, opset);
    }
    for (const auto& [key, value] : metadata) {
        pbf_writer property{model, field::model::metadata_props};
        add_text(property, field::property::key, key);
        add_text(property, field::property::value, value);
    }
    return file;
}

}  // namespace pellucid::onnx
