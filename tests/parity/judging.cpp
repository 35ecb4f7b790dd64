/// What judges maps, labels and groups, against quantus, captum, cleanlab and scikit-learn (tests/parity/judging.py).
#ifndef __EMSCRIPTEN__

#include "pellucid/data/npy.hpp"
#include "pellucid/methods/data/confident.hpp"
#include "pellucid/methods/data/spectral.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/onnx.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;

namespace {

const std::string root = PELLUCID_SOURCE_DIR "/";
constexpr std::size_t judged_inputs = 3;

Tensor stored(const std::string& name) { return read_npy(root + "tests/parity/judging/" + name + ".npy").pixels; }
Tensor golden(const std::string& name) { return read_npy(root + "tests/parity/goldens/lenet/" + name + ".npy").pixels; }

std::vector<double> numbers(const std::string& name) {
    const Tensor read = stored(name);
    return {read.data(), read.data() + read.size()};
}

struct Asked {
    Explainer explainer{load_onnx(root + "models/lenet.onnx")};
    Tensor inputs = batch_slice(golden("inputs"), 0, judged_inputs);
    std::vector<Target> targets;

    Asked() {
        // Written as int32, (N, 1): read as one picture of bytes it would be refused, so they are taken from the
        // logits.
        const Tensor logits = predict_logits(explainer.network(), inputs);
        for (const std::size_t label : argmax(logits)) targets.push_back(Target::of_class(label));
    }

    Result operator()(std::string_view metric, std::size_t n, const std::string& method, const std::string& map,
                      std::initializer_list<std::pair<std::string_view, std::string_view>> settings,
                      const std::string& replay = "") {
        const Method& found = find_method(metric);
        Params params(found.card);
        params.set("method", std::string_view(method));
        for (const auto& [name, value] : settings) params.set(name, value);
        if (!map.empty())
            params.set("attribution", ParamValue(std::make_shared<const Tensor>(batch_slice(golden(map), n, 1))));
        if (!replay.empty()) params.set(replay, ParamValue(std::make_shared<const Tensor>(golden("noise"))));
        return explain(found, {explainer, batch_slice(inputs, n, 1), targets[n], params});
    }
};

void check_near(double ours, double theirs, double bound = 1e-4) {
    CHECK(std::abs(ours - theirs) <= bound * std::max(std::abs(theirs), 1e-3));
}

}  // namespace

TEST_CASE("parity of judges: curves are quantus' and the definition's") {
    Asked asked;
    const std::vector<double> flipping = numbers("pixel_flipping");
    for (const char* way : {"deletion", "insertion"}) {
        const std::vector<double> wanted = numbers(way);
        const std::size_t length = wanted.size() / judged_inputs;
        for (std::size_t n = 0; n < judged_inputs; ++n) {
            const Result result = asked(way, n, "lrp", "lrp_epsilon_plus", {{"steps", "28"}});
            const auto& curve = result.find<Series>("curve")->values;
            REQUIRE(curve.size() == length);
            for (std::size_t k = 0; k < length; ++k) CHECK(std::abs(curve.data()[k] - wanted[n * length + k]) < 1e-4);
        }
    }
    const std::size_t length = flipping.size() / judged_inputs;
    for (std::size_t n = 0; n < judged_inputs; ++n) {
        const Result result = asked("pixel_flipping", n, "lrp", "lrp_epsilon_plus", {});
        const auto& curve = result.find<Series>("curve")->values;
        REQUIRE(curve.size() == length + 1);
        for (std::size_t k = 0; k < length; ++k) CHECK(std::abs(curve.data()[k + 1] - flipping[n * length + k]) < 1e-4);
    }
}

TEST_CASE("parity of judges: infidelity, sensitivity and sparseness are quantus' and captum's") {
    Asked asked;
    for (std::size_t n = 0; n < judged_inputs; ++n) {
        check_near(
            asked("infidelity", n, "gradient", "", {{"compat", "quantus"}, {"side", "4"}}).scalar("infidelity")[0],
            numbers("infidelity_blocks")[n]);
        check_near(asked("infidelity", n, "gradient", "", {}, "disturbances").scalar("infidelity")[0],
                   numbers("infidelity_noise")[n]);
        check_near(
            asked("infidelity", n, "gradient", "", {{"optimal_scale", "true"}}, "disturbances").scalar("infidelity")[0],
            numbers("infidelity_scaled")[n]);
        check_near(asked("max_sensitivity", n, "gradient", "", {}, "noise").scalar("max_sensitivity")[0],
                   numbers("max_sensitivity")[n]);
        check_near(asked("sparseness", n, "lrp", "lrp_epsilon_plus", {}).scalar("gini")[0], numbers("sparseness")[n]);
    }
}

TEST_CASE("parity of judges: cascading randomisation is torch's with the same weights, compared as quantus does") {
    Asked asked;
    const std::vector<double> ranks = numbers("randomisation_spearman"), structure = numbers("randomisation_ssim");
    const std::size_t stages = ranks.size() / judged_inputs;
    for (std::size_t n = 0; n < judged_inputs; ++n) {
        const Result result = asked("model_randomisation", n, "gradient", "", {{"seed", "3"}});
        REQUIRE(result.find<Series>("spearman")->values.size() == stages);
        for (std::size_t k = 0; k < stages; ++k) {
            // Ranks of gradients that are all but equal change with the rounding.
            CHECK(std::abs(result.find<Series>("spearman")->values.data()[k] - ranks[n * stages + k]) < 1e-3);
            CHECK(std::abs(result.find<Series>("ssim")->values.data()[k] - structure[n * stages + k]) < 1e-4);
        }
    }
}

TEST_CASE("parity of audits: cleanlab finds the same labels in the same order") {
    const std::vector<double> table = numbers("audit_probabilities"), given = numbers("audit_labels");
    std::vector<std::size_t> labels(given.begin(), given.end());
    const std::size_t classes = table.size() / labels.size();
    const methods::LabelAudit audit = methods::audit_labels(table, classes, labels);
    const std::vector<double> issues = numbers("audit_issues"), confident = numbers("audit_confident");
    REQUIRE(audit.issues.size() == issues.size());
    CHECK(std::equal(issues.begin(), issues.end(), audit.issues.begin(),
                     [](double a, std::size_t b) { return a == static_cast<double>(b); }));
    CHECK(std::equal(confident.begin(), confident.end(), audit.confident.begin(),
                     [](double a, std::size_t b) { return a == static_cast<double>(b); }));
    // The same through the method.
    Explainer explainer(load_onnx(root + "models/lenet.onnx"));
    explainer.attach(DataSet(zeros({1, 28, 28, 1}), {0}));
    const Method& method = find_method("label_audit");
    Params params(method.card);
    params.set("probabilities", ParamValue(std::make_shared<const Tensor>(stored("audit_probabilities"))));
    params.set("labels", ParamValue(std::make_shared<const Tensor>(stored("audit_labels"))));
    const Result result = explain(method, {explainer, zeros({1, 28, 28, 1}), Target::of_class(0), params});
    REQUIRE(result.find<Table>("issues")->rows.size() == issues.size());
    CHECK(result.find<Table>("issues")->rows[0][0] == issues[0]);
}

TEST_CASE("parity of spray: scikit-learn finds the same clusters in the same affinities") {
    const std::vector<double> flat = numbers("spray_affinity"), points = numbers("spray_points");
    const auto size = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(flat.size()))));
    const methods::Square affinity{size, flat};
    std::vector<std::vector<double>> rows;
    for (std::size_t n = 0; n < size; ++n)
        rows.emplace_back(points.begin() + static_cast<std::ptrdiff_t>(3 * n),
                          points.begin() + static_cast<std::ptrdiff_t>(3 * n + 3));
    CHECK(methods::neighbour_affinity(rows, 8).values == flat);
    for (const std::size_t count : {2UL, 3UL, 4UL}) {
        const std::vector<std::size_t> ours = methods::spectral_clusters(affinity, count, 8).of;
        const std::vector<double> theirs = numbers("spray_labels_" + std::to_string(count));
        // Whoever is together there is together here.
        for (std::size_t a = 0; a < size; ++a) {
            for (std::size_t b = 0; b < a; ++b) CHECK((ours[a] == ours[b]) == (theirs[a] == theirs[b]));
        }
    }
    const methods::Clusters found = methods::spectral_clusters(affinity, 0, 8);
    CHECK(found.count == 3);
    const std::vector<double> eigenvalues = numbers("spray_eigenvalues");
    REQUIRE(found.eigenvalues.size() == eigenvalues.size());
    for (std::size_t k = 0; k < eigenvalues.size(); ++k) CHECK(std::abs(found.eigenvalues[k] - eigenvalues[k]) < 1e-6);
}

#endif
