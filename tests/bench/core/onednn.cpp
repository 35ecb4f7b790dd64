/// oneDNN by itself, where libdnnl-dev is installed: m1 forward and its input gradient, as a process that understands
/// the lines of native.cpp (open, input, threads, answer, time; works m1:forward:, m1:batch: and m1:gradient:INPUT).
/// Weights and activations in the layouts that oneDNN picks, ReLU fused into the convolutions, ReLU's gradient taken
/// behind the pooling, where there is less of it.
#include "pellucid/nn/onnx.hpp"

#include <dnnl.hpp>

#include <omp.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <unordered_map>

namespace {

using namespace dnnl;
using Dims = memory::dims;
constexpr auto f32 = memory::data_type::f32;
using Tag = memory::format_tag;

memory::desc any(const Dims& dims) { return {dims, f32, Tag::any}; }

/// A chain of primitives over one batch size.
class Chain {
public:
    Chain(pellucid::Network& network, memory::dim batch, bool backward, std::size_t target)
        : engine_(engine::kind::cpu, 0), stream_(engine_), batch_(batch), backward_(backward) {
        input_ = value_ = memory({{batch, 1, 28, 28}, f32, Tag::nchw}, engine_);
        std::vector<std::array<pellucid::Tensor*, 2>> weights;
        for (std::size_t node = 0; node < network.nodes().size(); ++node) {
            const auto parameters = network.layer(node).parameters();
            if (!parameters.empty()) weights.push_back({parameters[0].value, parameters[1].value});
        }
        convolution(weights[0], 1, 16, 28, true);
        convolution(weights[1], 16, 32, 14, true);
        convolution(weights[2], 32, 32, 7, false);
        dense(weights[3], {32, 7, 7}, 64, Tag::hwio, true);
        dense(weights[4], {64}, 10, Tag::io, false);
        output_ = value_ = in_layout(value_, {{batch, 10}, f32, Tag::nc});
        if (!backward) return;
        value_ = memory({{1, 10}, f32, Tag::nc}, engine_);
        float* seed = static_cast<float*>(value_.get_data_handle());
        for (std::size_t i = 0; i < 10; ++i) seed[i] = i == target ? 1.0F : 0.0F;
        for (auto step = backward_steps_.rbegin(); step != backward_steps_.rend(); ++step) (*step)();
        output_ = in_layout(value_, {{1, 1, 28, 28}, f32, Tag::nchw});
    }

    /// Copies in, computes, and copies out.
    void run(const float* in, std::vector<float>& out) {
        std::copy_n(in, batch_ * 784, static_cast<float*>(input_.get_data_handle()));
        for (const auto& [primitive, arguments] : steps_) primitive.execute(stream_, arguments);
        stream_.wait();
        const float* data = static_cast<const float*>(output_.get_data_handle());
        out.assign(data, data + output_.get_desc().get_size() / sizeof(float));
    }

private:
    using Arguments = std::unordered_map<int, memory>;

    memory in_layout(memory from, const memory::desc& wanted, bool once = false) {
        if (from.get_desc() == wanted) return from;
        memory to(wanted, engine_);
        if (once) {
            reorder(from, to).execute(stream_, from, to);
            stream_.wait();
        } else {
            add(reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
        }
        return to;
    }
    void add(const primitive& step, const Arguments& arguments) { steps_.emplace_back(step, arguments); }
    prop_kind kind() const { return backward_ ? prop_kind::forward_training : prop_kind::forward_inference; }

    static primitive_attr relu(bool wanted) {
        primitive_attr attributes;
        post_ops after;
#if DNNL_VERSION_MAJOR >= 3
        if (wanted) after.append_eltwise(algorithm::eltwise_relu, 0.0F, 0.0F);
#else
        if (wanted) after.append_eltwise(1.0F, algorithm::eltwise_relu, 0.0F, 0.0F);
#endif
        attributes.set_post_ops(after);
        return attributes;
    }

    memory stored(pellucid::Tensor* tensor, const Dims& dims, Tag tag) {
        return memory({dims, f32, tag}, engine_, tensor->data());
    }

    void convolution(const std::array<pellucid::Tensor*, 2>& weights, memory::dim in, memory::dim out, memory::dim size,
                     bool pool) {
        const Dims ones{1, 1};
        const memory::desc source = any({batch_, in, size, size}), kernel = any({out, in, 3, 3}), bias = any({out}),
                           result = any({batch_, out, size, size});
#if DNNL_VERSION_MAJOR >= 3
        const convolution_forward::primitive_desc plan(engine_, kind(), algorithm::convolution_auto, source, kernel,
                                                       bias, result, ones, ones, ones, relu(true));
#else
        const convolution_forward::primitive_desc plan(
            {kind(), algorithm::convolution_auto, source, kernel, bias, result, ones, ones, ones}, relu(true), engine_);
#endif
        const memory user = stored(weights[0], {out, in, 3, 3}, Tag::hwio);
        const memory active(plan.dst_desc(), engine_);
        add(convolution_forward(plan), {{DNNL_ARG_SRC, in_layout(value_, plan.src_desc())},
                                        {DNNL_ARG_WEIGHTS, in_layout(user, plan.weights_desc(), true)},
                                        {DNNL_ARG_BIAS, stored(weights[1], {out}, Tag::x)},
                                        {DNNL_ARG_DST, active}});
        value_ = active;
        if (backward_)
            backward_steps_.push_back([=, this] {
                convolution_back(plan, user, {1, in, size, size}, {1, out, size, size}, {out, in, 3, 3});
            });
        if (pool) this->pool(out, size);
        if (backward_) relu_back_later(value_);
    }

    void convolution_back(const convolution_forward::primitive_desc& hint, memory user, const Dims& in, const Dims& out,
                          const Dims& kernel) {
        const Dims ones{1, 1};
#if DNNL_VERSION_MAJOR >= 3
        const convolution_backward_data::primitive_desc plan(engine_, algorithm::convolution_auto, any(in), any(kernel),
                                                             any(out), ones, ones, ones, hint);
#else
        const convolution_backward_data::primitive_desc plan(
            {algorithm::convolution_auto, any(in), any(kernel), any(out), ones, ones, ones}, engine_, hint);
#endif
        const memory to(plan.diff_src_desc(), engine_);
        add(convolution_backward_data(plan), {{DNNL_ARG_DIFF_DST, in_layout(value_, plan.diff_dst_desc())},
                                              {DNNL_ARG_WEIGHTS, in_layout(user, plan.weights_desc(), true)},
                                              {DNNL_ARG_DIFF_SRC, to}});
        value_ = to;
    }

    void pool(memory::dim channels, memory::dim size) {
        const Dims twos{2, 2}, zeros{0, 0};
        const memory::desc result = any({batch_, channels, size / 2, size / 2});
#if DNNL_VERSION_MAJOR >= 3
        const pooling_forward::primitive_desc plan(engine_, kind(), algorithm::pooling_max, value_.get_desc(), result,
                                                   twos, twos, zeros, zeros, zeros);
#else
        const pooling_forward::primitive_desc plan(
            {kind(), algorithm::pooling_max, value_.get_desc(), result, twos, twos, zeros, zeros}, engine_);
#endif
        const memory to(plan.dst_desc(), engine_);
        Arguments arguments{{DNNL_ARG_SRC, value_}, {DNNL_ARG_DST, to}};
        const memory::desc before = value_.get_desc();
        if (backward_) {
            const memory places(plan.workspace_desc(), engine_);
            arguments.emplace(DNNL_ARG_WORKSPACE, places);
            backward_steps_.push_back([=, this] {
#if DNNL_VERSION_MAJOR >= 3
                const pooling_backward::primitive_desc back(engine_, algorithm::pooling_max, before, plan.dst_desc(),
                                                            twos, twos, zeros, zeros, zeros, plan);
#else
                const pooling_backward::primitive_desc back(
                    {algorithm::pooling_max, before, plan.dst_desc(), twos, twos, zeros, zeros}, engine_, plan);
#endif
                const memory spread(back.diff_src_desc(), engine_);
                add(pooling_backward(back), {{DNNL_ARG_DIFF_DST, in_layout(value_, back.diff_dst_desc())},
                                             {DNNL_ARG_WORKSPACE, places},
                                             {DNNL_ARG_DIFF_SRC, spread}});
                value_ = spread;
            });
        }
        add(pooling_forward(plan), arguments);
        value_ = to;
    }

    /// The gradient passes where the value that the ReLU put out is above 0.
    void relu_back_later(memory active) {
        backward_steps_.push_back([=, this] {
            const memory::desc shape = active.get_desc();
            constexpr auto relu = algorithm::eltwise_relu_use_dst_for_bwd;
#if DNNL_VERSION_MAJOR >= 3
            const eltwise_forward::primitive_desc hint(engine_, prop_kind::forward_training, relu, shape, shape, 0.0F);
            const eltwise_backward::primitive_desc plan(engine_, relu, shape, shape, shape, 0.0F, 0.0F, hint);
#else
            const eltwise_forward::primitive_desc hint({prop_kind::forward_training, relu, shape, 0.0F}, engine_);
            const eltwise_backward::primitive_desc plan({relu, shape, shape, 0.0F}, engine_, hint);
#endif
            const memory to(shape, engine_);
            add(eltwise_backward(plan),
                {{DNNL_ARG_DST, active}, {DNNL_ARG_DIFF_DST, in_layout(value_, shape)}, {DNNL_ARG_DIFF_SRC, to}});
            value_ = to;
        });
    }

    void dense(const std::array<pellucid::Tensor*, 2>& weights, const Dims& in, memory::dim out, Tag tag, bool active) {
        Dims source{batch_}, kernel{out};
        source.insert(source.end(), in.begin(), in.end());
        kernel.insert(kernel.end(), in.begin(), in.end());
        const memory::desc result = any({batch_, out});
#if DNNL_VERSION_MAJOR >= 3
        const inner_product_forward::primitive_desc plan(engine_, kind(), any(source), any(kernel), any({out}), result,
                                                         relu(active));
#else
        const inner_product_forward::primitive_desc plan({kind(), any(source), any(kernel), any({out}), result},
                                                         relu(active), engine_);
#endif
        const memory user = stored(weights[0], kernel, tag);
        const memory to(plan.dst_desc(), engine_);
        add(inner_product_forward(plan), {{DNNL_ARG_SRC, in_layout(value_, plan.src_desc())},
                                          {DNNL_ARG_WEIGHTS, in_layout(user, plan.weights_desc(), true)},
                                          {DNNL_ARG_BIAS, stored(weights[1], {out}, Tag::x)},
                                          {DNNL_ARG_DST, to}});
        value_ = to;
        if (!backward_) return;
        backward_steps_.push_back([=, this] {
#if DNNL_VERSION_MAJOR >= 3
            const inner_product_backward_data::primitive_desc back(engine_, any(source), any(kernel),
                                                                   any({batch_, out}), plan);
#else
            const inner_product_backward_data::primitive_desc back({any(source), any(kernel), any({batch_, out})},
                                                                   engine_, plan);
#endif
            const memory gradient(back.diff_src_desc(), engine_);
            add(inner_product_backward_data(back), {{DNNL_ARG_DIFF_DST, in_layout(value_, back.diff_dst_desc())},
                                                    {DNNL_ARG_WEIGHTS, in_layout(user, back.weights_desc(), true)},
                                                    {DNNL_ARG_DIFF_SRC, gradient}});
            value_ = gradient;
        });
        if (active) relu_back_later(to);
    }

    engine engine_;
    stream stream_;
    memory::dim batch_;
    bool backward_;
    memory input_, value_, output_;
    std::vector<std::pair<primitive, Arguments>> steps_;
    std::vector<std::function<void()>> backward_steps_;  ///< to be added in reverse
};

struct State {
    std::unique_ptr<pellucid::Network> network;
    std::size_t target = 0;
    std::map<std::string, std::vector<float>> inputs;
    std::map<std::string, std::unique_ptr<Chain>> chains;
    std::size_t next = 0;
    std::vector<float> answer;
};

std::function<void()> work(State& state, const std::string& text) {
    const std::size_t first = text.find(':'), second = text.find(':', first + 1);
    const std::string kind = text.substr(first + 1, second - first - 1);
    const std::vector<float>& input = state.inputs.at(text.substr(second + 1));
    const std::size_t images = input.size() / 784;
    auto& chain = state.chains[kind];
    if (!chain)
        chain = std::make_unique<Chain>(*state.network, kind == "batch" ? static_cast<memory::dim>(images) : 1,
                                        kind == "gradient", state.target);
    return [&state, &input, images, made = chain.get(), whole = kind == "batch"] {
        made->run(whole ? input.data() : input.data() + 784 * (state.next++ % images), state.answer);
    };
}

std::string obey(State& state, std::istringstream& line) {
    std::string command, name, path;
    line >> command >> name;
    std::ostringstream answer;
    if (command == "open") {
        line >> path >> state.target;
        state.network = std::make_unique<pellucid::Network>(pellucid::load_onnx(path));
    } else if (command == "input") {
        line >> path;
        std::ifstream file(path, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        const float* numbers = reinterpret_cast<const float*>(bytes.data());
        state.inputs[name].assign(numbers, numbers + bytes.size() / sizeof(float));
    } else if (command == "threads") {
        omp_set_num_threads(std::stoi(name));
        state.chains.clear();  // primitives are made for a number of threads
    } else if (command == "versions") {
        const version_t* version = dnnl::version();
        answer << R"({"versions": {"oneDNN": ")" << version->major << '.' << version->minor << '.' << version->patch
               << "\"}}";
        return answer.str();
    } else if (command == "answer") {
        line >> state.next;
        work(state, name)();
        answer << R"({"answer": [)";
        for (std::size_t i = 0; i < state.answer.size(); ++i) answer << (i == 0 ? "" : ",") << state.answer[i];
        answer << "]}";
        return answer.str();
    } else if (command == "time") {
        std::size_t count = 0;
        line >> count;
        const std::function<void()> act = work(state, name);
        const auto began = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < count; ++i) act();
        const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - began;
        answer << R"({"ms": )" << time.count() << "}";
        return answer.str();
    }
    return "{}";
}

}  // namespace

int main() {
    State state;
    std::cout.precision(9);
    for (std::string text; std::getline(std::cin, text);) {
        try {
            std::istringstream line(text);
            std::cout << obey(state, line) << std::endl;
        } catch (const std::exception& error) {
            std::cout << R"({"error": ")" << error.what() << "\"}" << std::endl;
        }
    }
}
