/// The works as a process that does on request what a line on its standard input says, and answers with a line of JSON:
///   open MODEL FILE.onnx TARGET | input NAME FILE.f32 | training IMAGES.u8 LABELS.u8 | threads N | kernels NAME
///   answer WORK [FIRST]  → {"answer": [numbers]}, for the input of that number
///   time WORK COUNT      → {"ms": milliseconds for COUNT calls}
/// A WORK is MODEL:forward:INPUT, and so on: see works(). Inputs of several images are taken in turn by works of one.
#include "peak.hpp"
#include "subject.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/simd/kernels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>

namespace {

using namespace pellucid;
using Numbers = std::span<const float>;

std::vector<std::uint8_t> read_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(ErrorCode::bad_file, "{} cannot be read", path);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Opened {
    std::map<std::string, std::unique_ptr<bench::Subject>> subjects;
    std::map<std::string, std::vector<Tensor>> single;  ///< image by image
    std::map<std::string, Tensor> batches;              ///< all at once
    std::size_t next = 0;
    std::vector<float> loss;
};

void read_input(Opened& state, const std::string& name, const std::string& path) {
    const std::vector<std::uint8_t> bytes = read_bytes(path);
    const std::size_t count = bytes.size() / (784 * sizeof(float));
    Tensor all(Shape{count, 28, 28, 1});
    std::copy_n(reinterpret_cast<const float*>(bytes.data()), all.size(), all.data());
    for (std::size_t n = 0; n < count; ++n) state.single[name].push_back(batch_slice(all, n, 1));
    state.batches[name] = std::move(all);
}

const bench::Peak& peak_of(std::string_view name) {
    if (name == bench::peak_avx512.name) return bench::peak_avx512;
    return bench::peak_avx2;
}

/// What a WORK does; its answer stays valid until the next call.
std::function<Numbers()> work(Opened& state, const std::string& text) {
    std::vector<std::string> words;
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, ':');) words.push_back(word);
    if (words.at(0) == "peak") {  // one call: 1.2 million multiply-adds
        return [&peak = peak_of(words.at(1)), sum = std::vector<float>(1)]() mutable -> Numbers {
            sum[0] = peak.run(100'000 / peak.lanes, 0.999F, 0.001F);
            return sum;
        };
    }
    const auto found = state.subjects.find(words.at(0));
    if (found == state.subjects.end()) fail(ErrorCode::bad_argument, "no model '{}' was opened", words.at(0));
    bench::Subject& subject = *found->second;
    const std::string kind = words.at(1);
    if (kind == "train") {
        return [&]() -> Numbers {
            state.loss.assign(1, static_cast<float>(subject.train()));
            return state.loss;
        };
    }
    const std::string input = words.at(2);
    if (kind == "batch")
        return [&, &all = state.batches.at(input)]() -> Numbers { return elements(subject.forward(all)); };
    const std::vector<Tensor>& images = state.single.at(input);
    const auto image = [&]() -> const Tensor& { return images[state.next++ % images.size()]; };
    if (kind == "forward") return [&, image]() -> Numbers { return elements(subject.forward(image())); };
    if (kind == "trace") return [&, image]() -> Numbers { return elements(subject.trace(image())); };
    if (kind == "gradient") return [&, image]() -> Numbers { return elements(subject.gradient(image())); };
    if (kind == "occlusion") return [&, image]() -> Numbers { return subject.occlusion(image(), 4); };
    if (kind == "explain") {
        return [&, image, method = words.at(3), params = words.size() > 4 ? words[4] : ""]() -> Numbers {
            return elements(subject.explain(method, params, image()));
        };
    }
    fail(ErrorCode::bad_argument, "there is no work '{}'", kind);
}

std::string obey(Opened& state, std::istringstream& line) {
    std::string command, name, path;
    line >> command >> name;
    if (command == "open") {
        std::size_t target = 0;
        line >> path >> target;
        state.subjects[name] = std::make_unique<bench::Subject>(load_onnx(path), target);
    } else if (command == "input") {
        line >> path;
        read_input(state, name, path);
    } else if (command == "training") {
        line >> path;
        state.subjects.at("m1")->start_training(read_bytes(name), read_bytes(path));
    } else if (command == "threads") {
        set_thread_limit(std::stoul(name));
    } else if (command == "kernels") {
        simd::use_kernels(nullptr);  // "best", and what this machine does not have
        for (const simd::Kernels* table : simd::available_kernels()) {
            if (table->name == name) simd::use_kernels(table);
        }
        return fmt::format(R"({{"kernels": "{}"}})", simd::kernels().name);
    } else if (command == "answer") {
        state.next = 0;
        line >> state.next;
        return fmt::format(R"({{"answer": [{}]}})", fmt::join(work(state, name)(), ","));
    } else if (command == "time") {
        std::size_t count = 0;
        line >> count;
        const std::function<Numbers()> act = work(state, name);
        const auto began = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < count; ++i) act();
        const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - began;
        return fmt::format(R"({{"ms": {}}})", time.count());
    } else {
        fail(ErrorCode::bad_argument, "there is no command '{}'", command);
    }
    return "{}";
}

}  // namespace

int main() {
    Opened state;
    for (std::string text; std::getline(std::cin, text);) {
        std::string answer;
        try {
            std::istringstream line(text);
            answer = obey(state, line);
        } catch (const std::exception& error) {
            std::string message = error.what();
            std::replace(message.begin(), message.end(), '"', '\'');
            answer = fmt::format(R"({{"error": "{}"}})", message);
        }
        std::cout << answer << std::endl;
    }
}
