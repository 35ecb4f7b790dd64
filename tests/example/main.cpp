/// example MODEL.onnx INPUT.npy CLASS: prints the target's value, and of the relevance the share that speaks for it.
#include <pellucid/data/npy.hpp>
#include <pellucid/error.hpp>
#include <pellucid/methods/method.hpp>
#include <pellucid/nn/onnx.hpp>

#include <xtensor/xmath.hpp>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    try {
        pellucid::Explainer explainer(pellucid::load_onnx(argv[1]));
        const pellucid::Method& lrp = pellucid::find_method("lrp");
        pellucid::Params params(lrp.card);
        params.set("composite", "epsilon_plus");
        const auto target = pellucid::Target::of_class(std::strtoul(argv[3], nullptr, 10));
        const auto result = explain(lrp, {explainer, pellucid::read_npy(argv[2]).pixels, target, params});
        // A result is an xtensor container: expressions go on from it.
        const auto& map = result.map();
        const double total = xt::sum(xt::abs(map))();
        const double speaking_for = xt::sum(xt::maximum(map, 0.0F))();
        std::printf("%.6f %.6f\n", result.value[0], speaking_for / total);
    } catch (const pellucid::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
