/// Interval bounds against a plain transcription in double precision (tests/parity/transcribed.py).
#ifndef __EMSCRIPTEN__

#include "pellucid/data/npy.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/onnx.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace pellucid;

TEST_CASE("parity: certificates are those of interval bounds in double precision, but for the room for rounding") {
    const std::string folder = PELLUCID_SOURCE_DIR "/tests/parity/";
    const Tensor inputs = read_npy(folder + "goldens/lenet/inputs.npy").pixels;
    Explainer explainer(load_onnx(PELLUCID_SOURCE_DIR "/models/lenet.onnx"));
    const Method& method = find_method("certificate");
    std::ifstream file(folder + "certificates.txt");
    std::string model;
    std::size_t n = 0, label = 0, compared = 0;
    double epsilon = 0, margin = 0, radius = 0;
    while (file >> model >> n >> label >> epsilon >> margin >> radius) {
        CAPTURE(n);
        Params params(method.card);
        params.set("epsilon", ParamValue(epsilon));
        params.set("bisections", std::string_view("30"));
        const Result result = explain(method, {explainer, batch_slice(inputs, n, 1), Target::of_class(label), params});
        // Ours are no larger than the exact ones, and hardly smaller.
        CHECK(result.scalar("margin")[0] <= margin + 1e-6 * std::abs(margin));
        CHECK(result.scalar("margin")[0] == doctest::Approx(margin).epsilon(0.02));
        CHECK(result.scalar("radius")[0] <= radius * (1 + 1e-6));
        CHECK(result.scalar("radius")[0] >= 0.97 * radius - 4e-6);
        ++compared;
    }
    CHECK(compared >= 10);
}

#endif
