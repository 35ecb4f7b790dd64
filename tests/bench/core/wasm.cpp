/// The works as JavaScript calls them: arrays in, arrays out, copied at the boundary as the package does it
/// (wasm/src/bindings), in the calling thread.
#include "peak.hpp"
#include "subject.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"

#include <emscripten/bind.h>
#include <emscripten/val.h>

namespace pellucid::bench {
namespace {

using emscripten::val;

val to_js(std::span<const float> numbers) {
    return val(emscripten::typed_memory_view(numbers.size(), numbers.data())).call<val>("slice");
}

template <class T>
void from_js(const val& array, std::span<T> to) {
    val(emscripten::typed_memory_view(to.size(), to.data())).call<void>("set", array);
}

template <class T>
std::vector<T> vector_from_js(const val& array) {
    std::vector<T> numbers(array["length"].as<std::size_t>());
    from_js(array, std::span<T>(numbers));
    return numbers;
}

Network network_from_js(const val& file) {
    const auto bytes = vector_from_js<std::uint8_t>(file);
    return read_onnx(std::as_bytes(std::span(bytes)));
}

class WasmSubject {
public:
    WasmSubject(const val& file, std::size_t target) : subject_(network_from_js(file), target) {}

    val forward(const val& images) { return to_js(elements(subject_.forward(read(images)))); }
    val trace(const val& image) { return to_js(elements(subject_.trace(read(image)))); }
    val gradient(const val& image) { return to_js(elements(subject_.gradient(read(image)))); }
    val occlusion(const val& image, std::size_t window) { return to_js(subject_.occlusion(read(image), window)); }
    val explain(const std::string& method, const std::string& params, const val& image) {
        return to_js(elements(subject_.explain(method, params, read(image))));
    }
    void start_training(const val& images, const val& labels) {
        subject_.start_training(vector_from_js<std::uint8_t>(images), vector_from_js<std::uint8_t>(labels));
    }
    double train() { return subject_.train(); }

private:
    const Tensor& read(const val& images) {
        reshape_to(images_, {images["length"].as<std::size_t>() / 784, 28, 28, 1});
        from_js(images, elements(images_));
        return images_;
    }

    Subject subject_;
    Tensor images_;
};

/// Multiply-adds that `rounds` of the limit's loop do.
double peak(std::size_t rounds) {
    const float sum = peak_wasm.run(rounds, 0.999F, 0.001F);
    return sum == 0 ? 0 : static_cast<double>(rounds * Peak::sums * peak_wasm.lanes);
}

}  // namespace
}  // namespace pellucid::bench

EMSCRIPTEN_BINDINGS(pellucid_bench) {
    using namespace pellucid::bench;
    emscripten::function("peak", &peak);
    emscripten::class_<WasmSubject>("Subject")
        .constructor<const emscripten::val&, std::size_t>()
        .function("forward", &WasmSubject::forward)
        .function("trace", &WasmSubject::trace)
        .function("gradient", &WasmSubject::gradient)
        .function("occlusion", &WasmSubject::occlusion)
        .function("explain", &WasmSubject::explain)
        .function("startTraining", &WasmSubject::start_training)
        .function("train", &WasmSubject::train);
}
