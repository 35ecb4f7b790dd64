// The graph of an ONNX file → a Network, node by node in the order of the file.

#include "pellucid/data/file.hpp"
#include "pellucid/nn/frame.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/onnx/data_files.hpp"
#include "pellucid/nn/onnx/fold.hpp"
#include "pellucid/nn/onnx/plan.hpp"
#include "pellucid/nn/onnx/site.hpp"
#include "pellucid/nn/range.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {
namespace onnx {
namespace {

constexpr std::int64_t oldest_opset = 7, newest_opset = 25;
constexpr std::uint64_t most_elements_in_all = std::uint64_t{1} << 28U;

int opset_of(const ModelProto& model) {
    const auto found =
        std::ranges::find_if(model.opsets, [](const auto& set) { return set.first.empty() || set.first == "ai.onnx"; });
    if (found == model.opsets.end())
        fail(ErrorCode::bad_file, "not a sound ONNX file: it names no version of ONNX's operators");
    if (found->second < oldest_opset || found->second > newest_opset) {
        fail(ErrorCode::unsupported,
             "the file uses ONNX operator set {}; supported are {} to {}: convert it or export it again", found->second,
             oldest_opset, newest_opset);
    }
    return static_cast<int>(found->second);
}

/// Names for nodes: their own where they have one that is free, else the operator's with a number.
class Names {
public:
    explicit Names(const std::vector<const NodeProto*>& nodes) {
        for (const NodeProto* node : nodes) given_.insert(node->name);
        taken_.insert("input");
    }

    std::string next(const NodeProto& node, std::string_view prefix) {
        std::string name(node.name);
        std::size_t& count = counts_[std::string(node.name.empty() ? prefix : node.name)];
        if (node.name.empty()) {
            do name = fmt::format("{}{}", prefix, ++count);
            while (given_.contains(name) || taken_.contains(name));
        }
        for (count = std::max<std::size_t>(count, 1); taken_.contains(name);)
            name = fmt::format("{}_{}", node.name, ++count);
        taken_.insert(name);
        return name;
    }

private:
    std::set<std::string_view> given_;
    std::set<std::string, std::less<>> taken_;
    std::map<std::string, std::size_t> counts_;  ///< of a prefix or name: how often it was asked for
};

/// Refuses a layer whose output would be too large, before anything of that size exists.
void check_size(const Shape& shape, std::uint64_t& total, const NodeProto& node) {
    std::uint64_t count = 1;
    for (const std::size_t axis : {shape[1], shape[2], shape[3]}) {
        count = axis > longest_axis ? most_elements + 1 : std::min(count * axis, most_elements + 1);
    }
    total += count;
    if (count > most_elements || total > most_elements_in_all) {
        fail(ErrorCode::bad_file,
             "{}: its output of shape {} is too large: at most {} elements per image, {} in all layers", describe(node),
             to_string(shape), most_elements, most_elements_in_all);
    }
}

/// A ReLU can swallow a NaN, and the wrong answer then looks like any other.
void check_weights(const Tensor& weights, const NodeProto& node) {
    const auto numbers = elements(weights);
    const auto bad = std::ranges::find_if(numbers, [](float v) { return !std::isfinite(v); });
    if (bad == numbers.end()) return;
    fail(ErrorCode::bad_file, "{}: its weights hold {}; every weight must be a finite number", describe(node), *bad);
}

/// Builds the network node by node.
class Importer {
public:
    Importer(const GraphProto& graph, int opset, std::size_t file_size, bool ours)
        : opset_(opset),
          budget_(file_size),
          constants_(graph, opset, budget_),
          plan_(graph, constants_),
          input_(input_of(graph, constants_, plan_, ours)),
          network_(input_.shape),
          values_{{input_.name, {0, input_.form}}},
          names_(plan_.nodes()) {}

    Network run() {
        for (const NodeProto* node : plan_.nodes()) {
            if (!taken_up_.contains(node) && !measure(*node)) import(*node);
        }
        const auto result = values_.find(plan_.result());
        if (result == values_.end()) {
            fail(ErrorCode::unsupported,
                 "the graph's output '{}' is no value of the network, but sizes or a side output",
                 shown(plan_.result()));
        }
        const Value& value = result->second;
        if (value.is_pending) {
            fail(ErrorCode::unsupported,
                 "the network ends in '{}', a product or power of its values; supported are those that make up a known "
                 "activation ({})",
                 shown(plan_.result()), known_curves());
        }
        if (network_.nodes().empty()) fail(ErrorCode::bad_file, "the graph computes nothing");
        if (value.form.is_reordered()) {
            fail(ErrorCode::unsupported,
                 "the network ends in a flattened image, whose numbers have another order here; supported is an "
                 "output of a Conv, Gemm or MatMul, or a Transpose to (N, H, W, C) before the Flatten");
        }
        // Steps towards an activation that has become a layer of its own are left over.
        const std::vector<char> wanted = values_below(network_, value.id);
        const bool all = value.id == network_.output() && std::ranges::all_of(wanted, [](char w) { return w != 0; });
        return all ? std::move(network_) : network_below(network_, value.id);
    }

private:
    Scope scope() { return {opset_, input_.batch, constants_, network_, values_, sizes_}; }

    /// The sizes that a node computes from others, or from a value; true where it does.
    bool measure(const NodeProto& node) {
        if (node.outputs.empty() || (!node.domain.empty() && node.domain != "ai.onnx")) return false;
        if (node.op == "Shape" && node.inputs.size() == 1 && values_.contains(node.inputs[0])) {
            sizes_[node.outputs[0]] = shape_of(node, values_.at(node.inputs[0]));
            return true;
        }
        if (node.inputs.empty() || !folds(node.op)) return false;
        std::vector<const Array*> arrays;
        for (const std::string_view name : node.inputs) {
            const auto size = sizes_.find(name);
            if (!name.empty() && size == sizes_.end() && !constants_.has(name)) return false;
            arrays.push_back(name.empty() ? nullptr : size != sizes_.end() ? &size->second : &constants_.get(name));
        }
        auto folded = fold(node, arrays, opset_, budget_);
        if (!folded) fail(ErrorCode::unsupported, "{}: this arithmetic on sizes is not supported", describe(node));
        sizes_[node.outputs[0]] = *std::move(folded);
        return true;
    }

    Array shape_of(const NodeProto& node, const Value& value) const {
        if (value.is_pending) fail(ErrorCode::unsupported, "{}: it reads no value of the network", describe(node));
        const auto [n, h, w, c] = network_.shape(value.id);
        std::vector<std::size_t> dims{c};
        if (value.form.axes == Axes::nchw) dims = {c, h, w};
        if (value.form.axes == Axes::nhwc) dims = {h, w, c};
        std::vector<std::int64_t> whole{0}, per_sample{1};
        for (const std::size_t dim : dims) whole.push_back(static_cast<std::int64_t>(dim));
        per_sample.resize(whole.size(), 0);
        const auto rank = static_cast<std::int64_t>(whole.size());
        const auto place = [&](std::string_view name, std::int64_t otherwise) {
            const AttributeProto* found = attribute(node, name);
            const std::int64_t at = found == nullptr ? otherwise : found->i.value_or(0);
            return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
        };
        const auto start = static_cast<std::ptrdiff_t>(place("start", 0));
        const std::ptrdiff_t end = std::max(start, static_cast<std::ptrdiff_t>(place("end", rank)));
        Array result{{static_cast<std::size_t>(end - start)},
                     true,
                     {},
                     {whole.begin() + start, whole.begin() + end},
                     {per_sample.begin() + start, per_sample.begin() + end}};
        if (start > 0) result.per_sample.clear();
        return result;
    }

    /// The node that alone reads the value and combines it with a constant; or null.
    const NodeProto* scaler(std::string_view name) {
        const auto readers = plan_.readers(name);
        if (readers.size() != 1 || readers[0] == nullptr || name == plan_.result()) return nullptr;
        const NodeProto& node = *readers[0];
        const bool scales = node.op == "Mul" || node.op == "Div" || node.op == "Add" || node.op == "Sub";
        if (!scales || node.inputs.size() != 2 || node.outputs.size() != 1) return nullptr;
        return constants_.has(node.inputs[0]) != constants_.has(node.inputs[1]) ? &node : nullptr;
    }

    Built build(const NodeProto& node, const NodeProto* adder) {
        const Operator& known = operator_of(node);
        const Scope scope = this->scope();
        Site site(node, adder, scope);
        if (node.inputs.size() > known.most_inputs)
            site.unsound("it reads {} values; right are at most {}", node.inputs.size(), known.most_inputs);
        if (node.outputs.empty()) site.unsound("it writes nothing");
        const NodeProto* next = scaler(node.outputs[0]);
        site.set_scaled_next(next != nullptr && (next->op == "Mul" || next->op == "Div"));
        Built built = known.build(site);
        site.refuse_unknown_attributes();
        return built;
    }

    /// Takes up the nodes behind an affine map that are such, too, into the one layer; the last of them.
    const NodeProto* take_up_scalers(const NodeProto& node, Built& built, ValueId source) {
        const NodeProto* last = &node;
        while (const auto* map = dynamic_cast<const Affine*>(built.layer.get())) {
            const NodeProto* next = scaler(last->outputs[0]);
            if (next == nullptr) break;
            values_[last->outputs[0]] = {source, built.form};
            Built more = build(*next, nullptr);
            const auto* other = dynamic_cast<const Affine*>(more.layer.get());
            if (other == nullptr) break;
            auto [factor, offset] = map->affine();
            const auto [times, plus] = other->affine();
            for (std::size_t c = 0; c < factor.size(); ++c) {
                factor[c] *= times[c];
                offset[c] = offset[c] * times[c] + plus[c];
            }
            built.layer = std::make_unique<Affine>(std::move(factor), std::move(offset));
            taken_up_.insert(next);
            last = next;
        }
        return last;
    }

    ValueId add(const NodeProto& node, std::unique_ptr<Layer> layer, std::vector<ValueId> ids) {
        std::vector<Shape> shapes;
        for (const ValueId id : ids) shapes.push_back(network_.shape(id));
        const Shape output = layer->output_shape(shapes);
        check_size(output, elements_, node);
        if (detail::frame_elements(*layer, shapes[0], output) > most_elements) {
            fail(ErrorCode::bad_file, "{}: with its padding it would read more than {} elements per image",
                 describe(node), most_elements);
        }
        for (const Parameter& parameter : layer->parameters()) {
            budget_.spend(parameter.value->size());
            check_weights(*parameter.value, node);
        }
        return network_.add(names_.next(node, operator_of(node).prefix), std::move(layer), std::move(ids));
    }

    Value place(const NodeProto& node, Built built) {
        const Scope scope = this->scope();
        const Site site(node, nullptr, scope);
        Value value{0, built.form, std::move(built.curves), built.is_pending};
        if (value.is_pending) return value;
        value.id = built.reads ? *built.reads : site.value(0).id;
        if (!built.layer) {
            value.curves = site.value(0).curves;
            return value;
        }
        const Kind kind = built.layer->kind();
        std::vector<ValueId> ids{value.id};
        if (kind == Kind::add || kind == Kind::concat) ids.push_back(site.value(1).id);
        if (value.curves.empty()) value.curves = curves_behind(*built.layer, value.id, curves_of(node, value.id));
        value.id = add(node, std::move(built.layer), std::move(ids));
        for (std::size_t i = 2; kind == Kind::concat && i < node.inputs.size(); ++i)
            value.id = add(node, std::make_unique<Concat>(), {value.id, site.value(i).id});
        if (built.times != 1.0) {
            const std::size_t channels = network_.shape(value.id)[3];
            value.id =
                add(node, std::make_unique<Affine>(std::vector(channels, built.times), std::vector(channels, 0.0)),
                    {value.id});
        }
        return value;
    }

    /// The curves that the value of that number has, which the node reads.
    Curves curves_of(const NodeProto& node, ValueId id) const {
        for (const std::string_view name : node.inputs) {
            const auto found = values_.find(name);
            if (found != values_.end() && !found->second.is_pending && found->second.id == id)
                return found->second.curves;
        }
        return {};
    }

    /// What a layer's output is as a function of other values, where the layer takes each number alone.
    static Curves curves_behind(const Layer& layer, ValueId source, const Curves& before) {
        if (const auto* activation = dynamic_cast<const Activation*>(&layer))
            return mapped(with_own(before, source), [&](double x) { return activation->at(x); });
        const auto* map = dynamic_cast<const Affine*>(&layer);
        if (map == nullptr) return {};
        const auto [factor, offset] = map->affine();
        const auto same = [](const std::vector<double>& list) {
            return std::ranges::all_of(list, [&](double value) { return value == list.front(); });
        };
        if (!same(factor) || !same(offset)) return {};
        return mapped(with_own(before, source), [&](double x) { return factor.front() * x + offset.front(); });
    }

    void import(const NodeProto& node) {
        try {
            const NodeProto* adder = plan_.adder(node, constants_);
            Built built = build(node, adder);
            const NodeProto* last = adder != nullptr ? adder : &node;
            if (dynamic_cast<const Affine*>(built.layer.get()) != nullptr) {
                const Scope scope = this->scope();
                const ValueId source = built.reads ? *built.reads : Site(node, nullptr, scope).value(0).id;
                built.reads = source;
                last = take_up_scalers(node, built, source);
            }
            // A second output (a pool's places, a Dropout's mask) stays unknown, and so refuses who reads it.
            Value value = place(node, std::move(built));
            if (adder != nullptr) taken_up_.insert(adder);
            values_[last->outputs[0]] = value;
            if (last != &node) values_.insert_or_assign(node.outputs[0], std::move(value));
        } catch (const Error& error) {
            // What a layer refuses of its arguments or shapes was wrong in the file.
            if (error.code() == ErrorCode::bad_file || error.code() == ErrorCode::unsupported) throw;
            fail(ErrorCode::bad_file, "{}: {}", describe(node), error.what());
        }
    }

    int opset_;
    Budget budget_;
    Constants constants_;
    Plan plan_;
    Input input_;
    Network network_;
    std::map<std::string_view, Value> values_;
    std::map<std::string_view, Array> sizes_;
    Names names_;
    std::set<const NodeProto*> taken_up_;
    std::uint64_t elements_ = 0;
};

Network import(const ModelProto& model, std::size_t file_size) {
    if (!model.graph) fail(ErrorCode::bad_file, "not an ONNX file: it holds no graph");
    if (model.graph->has_sparse_initializers)
        fail(ErrorCode::unsupported, "the file holds sparse weights; supported: dense ones");
    Network network = Importer(*model.graph, opset_of(model), file_size, model.producer == "pellucid").run();
    for (const auto& [key, text] : model.metadata) network.metadata[std::string(key)] = std::string(text);
    infer_input_range(network);  // says at once what is wrong with one that is declared
    return network;
}

}  // namespace
}  // namespace onnx

namespace {

Network read_with(std::span<const std::byte> file, onnx::DataSource& source) {
    onnx::ModelProto model = onnx::parse(file);
    onnx::read_external(model, source);
    return onnx::import(model, file.size() + source.size());
}

}  // namespace

Network read_onnx(std::span<const std::byte> file, const DataFiles& data) {
    return read_with(file, *onnx::given_files(data));
}

Network load_onnx(const std::string& path) {
    const Bytes bytes = read_file(path);
    try {
        return read_with(std::as_bytes(std::span(bytes)), *onnx::files_beside(path));
    } catch (const Error& error) {
        fail(error.code(), "{}: {}", path, error.what());
    }
}

}  // namespace pellucid
