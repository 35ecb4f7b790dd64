#include "core_model.hpp"

#include "guard.hpp"
#include "js_writer.hpp"
#include "pellucid/border/describe.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/finite.hpp"
#include "pellucid/methods/inside/without.hpp"
#include "pellucid/nn/evidence.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/range.hpp"

#include <emscripten/bind.h>

#include <cmath>

namespace pellucid::wasm {

namespace {

std::vector<std::byte> copied(const val& bytes) {
    std::vector<std::byte> file(bytes["length"].as<std::size_t>());
    val(emscripten::typed_memory_view(file.size(), reinterpret_cast<unsigned char*>(file.data())))
        .call<void>("set", bytes);
    return file;
}

Network network_from(const val& bytes) { return read_onnx(copied(bytes)); }

/// data: {name of a data file: its bytes}; the name "" stands for whatever name the model has for its only one.
Network network_from(const val& bytes, const val& data) {
    const val names = val::global("Object").call<val>("keys", data);
    std::vector<std::vector<std::byte>> kept;
    DataFiles files;
    for (std::size_t i = 0; i < names["length"].as<std::size_t>(); ++i) {
        kept.push_back(copied(data[names[i]]));
        files[names[i].as<std::string>()] = kept.back();
    }
    return read_onnx(copied(bytes), files);
}

}  // namespace

val CoreModel::open(const val& bytes) {
    return guarded([&] {
        explainer_ = std::make_shared<Explainer>(network_from(bytes));
        return built([&](Writer& out) { write(out, explainer_->network()); });
    });
}

val CoreModel::open_with_data(const val& bytes, const val& data) {
    return guarded([&] {
        explainer_ = std::make_shared<Explainer>(network_from(bytes, data));
        return built([&](Writer& out) { write(out, explainer_->network()); });
    });
}

val CoreModel::declare_range(const std::string& range) {
    return guarded([&] {
        Network network = explainer_->network();
        set_input_range(network, range);
        explainer_ = std::make_shared<Explainer>(std::move(network));
        return built([&](Writer& out) { write(out, explainer_->network()); });
    });
}

val CoreModel::without(const val& changes) {
    return guarded([&] {
        std::vector<std::string> texts;
        const auto count = changes["length"].as<std::size_t>();
        for (std::size_t i = 0; i < count; ++i) texts.push_back(changes[i].as<std::string>());
        explainer_ = std::make_shared<Explainer>(methods::without(explainer_->network(), texts));
        return built([&](Writer& out) { write(out, explainer_->network()); });
    });
}

val CoreModel::attach(const std::string& role, const val& what) {
    return guarded([&] {
        const Role parsed = parse_role(role);
        if (parsed == Role::strokes) {
            explainer_->attach(Strokes(drawing_from_js(what)));
        } else {
            const std::vector<std::byte> bytes = copied(what);
            explainer_->attach(parsed, std::span<const std::byte>(bytes));
        }
        return val(true);
    });
}

val CoreModel::detach(const std::string& role) {
    return guarded([&] {
        explainer_->detach(parse_role(role));
        return val(true);
    });
}

Tensor CoreModel::read_input(const val& input) const {
    Tensor tensor = from_js(input, explainer_->network().input_shape(), "the input");
    for (std::size_t i = 0; i < tensor.size(); ++i) {
        if (!std::isfinite(tensor.data()[i])) {
            fail(ErrorCode::bad_argument, "the input's element {} is {}; every element must be a finite number", i,
                 tensor.data()[i]);
        }
    }
    check_range(tensor, explainer_->network());
    return tensor;
}

val CoreModel::ink(const val& shares) const {
    return guarded([&] {
        const Network& network = explainer_->network();
        Tensor tensor = from_js(shares, network.input_shape(), "the input");
        scale_to_range(tensor, input_range(network));
        return to_js(elements(tensor));
    });
}

const Trace& CoreModel::trace_of_one(const val& input) {
    const Tensor one = read_input(input);
    if (one.shape()[0] != 1) {
        fail(ErrorCode::bad_shape, "the input has {} numbers, as many as {} inputs; one was expected, of {}",
             one.size(), one.shape()[0], sample_size(one));
    }
    return explainer_->plain().trace(one);
}

val CoreModel::predict(const val& input) {
    return guarded([&] {
        const Network& network = explainer_->network();
        const Trace& trace = trace_of_one(input);
        const Tensor& logits = trace.values[network.logits()];
        check_finite(elements(logits));
        val plain = val::object();
        plain.set("output", to_js(elements(trace.values[network.output()])));
        plain.set("logits", to_js(elements(logits)));
        plain.set("probabilities", to_js(elements(probabilities(network, logits))));
        plain.set("predicted", decision(network, elements(logits)));
        const Evidence evidence = evidence_of(network);
        plain.set("vacuity",
                  evidence == Evidence::none ? val::null() : val(Dirichlet(evidence, elements(logits)).vacuity()));
        return plain;
    });
}

val CoreModel::values(const val& input) {
    return guarded([&] {
        const Trace& trace = trace_of_one(input);
        const Network& network = explainer_->network();
        check_finite(elements(trace.values[network.logits()]));
        return built([&](Writer& out) { write(out, network, trace); });
    });
}

val CoreModel::computed(const val& input, const std::string& unit) {
    return guarded([&] {
        const Trace& trace = trace_of_one(input);
        return built([&](Writer& out) { write_computed(out, explainer_->network(), trace, unit); });
    });
}

namespace {

std::vector<Target> targets_from(const val& target) {
    if (target.isString()) return {Target::parse(target.as<std::string>())};
    std::vector<Target> targets;
    const auto count = target["length"].as<std::size_t>();
    for (std::size_t i = 0; i < count; ++i) targets.push_back(Target::parse(target[i].as<std::string>()));
    return targets;
}

}  // namespace

val CoreRun::start(const CoreModel& model, const std::string& method, const val& input, const val& target,
                   const val& params) {
    return guarded([&] {
        const Method& found = find_method(method);
        explainer_ = model.explainer();
        method_ = method;
        targets_ = targets_from(target);
        params_.emplace(found.card);
        set_params(*params_, params, explainer_->network().input_shape());
        params_->follow(input_range(explainer_->network()));
        run_ = pellucid::start(found, {*explainer_, model.read_input(input), {}, *params_, layers_, targets_});
        return val(true);
    });
}

val CoreRun::step() {
    return guarded([&] { return val(run_->step()); });
}

val CoreRun::snapshot() {
    return guarded([&] {
        const Result result = run_->snapshot();
        check_finite(result, method_);
        return built([&](Writer& out) {
            out.begin_object();
            write_fields(out, result, params_->card(), targets_, *params_);
            if (result.layerwise) {
                out.key("layers");
                write(out, *result.layerwise);
            }
            out.end();
        });
    });
}

val CoreRun::received(const std::string& unit, std::size_t strongest) {
    return guarded([&] {
        const Result result = run_->snapshot();
        if (!result.layerwise) {
            fail(ErrorCode::bad_argument, "this method has no relevance of single layers; methods with a ledger have");
        }
        return built([&](Writer& out) { write_received(out, *result.layerwise, unit, strongest); });
    });
}

val CoreRun::compute(std::size_t part) {
    return guarded([&] {
        val tensors = val::array();
        for (const Tensor& tensor : run_->compute(part)) tensors.call<void>("push", to_plain_tensor(tensor));
        return tensors;
    });
}

val CoreRun::absorb(std::size_t part, const val& tensors) {
    return guarded([&] {
        std::vector<Tensor> computed;
        const auto count = tensors["length"].as<std::size_t>();
        for (std::size_t i = 0; i < count; ++i) computed.push_back(from_plain_tensor(tensors[i]));
        run_->absorb(part, computed);
        return val(true);
    });
}

}  // namespace pellucid::wasm
