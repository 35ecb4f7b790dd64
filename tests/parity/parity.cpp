#ifndef __EMSCRIPTEN__  // .npy is read natively only; WASM is compared with native in tests/wasm

#include "parity.hpp"

#include "support/answers.hpp"
#include "support/rounds.hpp"

#include "pellucid/data/npy.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/onnx.hpp"

#include <doctest/doctest.h>
#include <xtensor/xnpy.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <sstream>

namespace pellucid::parity {

namespace {

const std::string root = PELLUCID_SOURCE_DIR "/";
const std::string goldens_root = root + "tests/parity/goldens/";

std::vector<std::size_t> load_classes(const std::string& path) {
    const auto array = xt::load_npy<std::int32_t>(path);
    return {array.begin(), array.end()};
}

Tensor load_rows(const std::string& path) {
    const auto array = xt::load_npy<float>(path);
    Tensor tensor(Shape{array.shape()[0], 1, 1, array.shape()[1]});
    std::copy(array.begin(), array.end(), tensor.data());
    return tensor;
}

std::vector<Case> load_cases(const std::string& path) {
    std::vector<Case> cases;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        Case one;
        words >> one.file >> one.method;
        for (std::string word; words >> word;) {
            const std::size_t equals = word.find('=');
            const bool array = word[0] == '@';
            const std::string key = word.substr(array ? 1 : 0, equals - (array ? 1 : 0));
            if (key == "float32") {
                one.reference_in_float32 = std::stod(word.substr(equals + 1));
                continue;
            }
            (array ? one.arrays : one.params)[key] = word.substr(equals + 1);
            if (!array) one.settings += (one.settings.empty() ? "" : " ") + word;
        }
        cases.push_back(one);
    }
    return cases;
}

}  // namespace

std::vector<std::string> golden_folders() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(goldens_root)) {
        if (entry.is_directory()) names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

Goldens load_goldens(const std::string& name) {
    Goldens goldens;
    goldens.folder = goldens_root + name + "/";
    std::ifstream(goldens.folder + "model.txt") >> goldens.model;
    goldens.inputs = read_npy(goldens.folder + "inputs.npy").pixels;
    goldens.logits = load_rows(goldens.folder + "logits.npy");
    goldens.targets = load_classes(goldens.folder + "targets.npy");
    goldens.others = load_classes(goldens.folder + "others.npy");
    goldens.cases = load_cases(goldens.folder + "cases.txt");
    return goldens;
}

bool is_listed(const std::string& id) {
    const auto list = all_methods();
    return std::any_of(list.begin(), list.end(), [&](const Method& m) { return m.card.id == id; });
}

Deviation compare(const Goldens& goldens, const Case& one) {
    const Method& method = find_method(one.method);
    Explainer explainer(load_onnx(root + goldens.model));
    if (needs(method.card, Role::patterns)) {
        explainer.attach(
            Role::patterns,
            load_onnx(std::filesystem::path(root + goldens.model).replace_extension(".patterns.onnx").string()));
    }
    const Tensor expected = read_npy(goldens.folder + one.file).pixels;
    Params params(method.card);
    for (const auto& [key, value] : one.params) params.set(key, std::string_view(value));
    for (const auto& [key, file] : one.arrays) {
        if (key == "targets") continue;
        params.set(key, ParamValue(std::make_shared<const Tensor>(read_npy(goldens.folder + file).pixels)));
    }
    const auto& classes = one.arrays.contains("targets") ? goldens.others : goldens.targets;
    Deviation worst;
    worst.rows = test::rounds(static_cast<std::uint32_t>(expected.shape()[0]));
    const bool targeted = one.params.contains("targeted") && one.params.at("targeted") == "true";
    const std::vector<std::size_t> answers = argmax(goldens.logits);
    for (std::size_t n = 0; n < worst.rows; ++n) {
        // The answer that an attack should lead to is there already: ours says so.
        if (targeted && classes[n] == answers[n]) continue;
        const std::vector<double> map = test::answer_of(
            explain(method, {explainer, batch_slice(goldens.inputs, n, 1), Target::of_class(classes[n]), params}), 0);
        const auto theirs = sample(expected, n);
        // Where the reference gives one map for all channels, so do ours: the first.
        const std::size_t step = map.size() / theirs.size();
        REQUIRE(map.size() == theirs.size() * step);
        double difference = 0, largest = 0, dot = 0, ours_square = 0, theirs_square = 0;
        for (std::size_t i = 0; i < theirs.size(); ++i) {
            const double a = map[i * step], b = theirs[i];
            difference = std::max(difference, std::abs(a - b));
            largest = std::max(largest, std::abs(b));
            dot += a * b;
            ours_square += a * a;
            theirs_square += b * b;
        }
        worst.relative = std::max(worst.relative, largest > 0 ? difference / largest : difference);
        if (theirs_square > 0) worst.cosine = std::min(worst.cosine, dot / std::sqrt(ours_square * theirs_square));
    }
    return worst;
}

}  // namespace pellucid::parity

using namespace pellucid;
using namespace pellucid::parity;

TEST_CASE("parity: logits and methods agree with the reference libraries") {
    const std::vector<std::string> folders = golden_folders();
    REQUIRE(folders.size() >= 3);
    // "1": printed case by case; a path: written there for table.mjs, one case a line.
    const char* wanted = std::getenv("PELLUCID_PARITY_TABLE");
    const std::string table = wanted == nullptr ? "" : wanted;
    std::ofstream rows;
    if (!table.empty() && table != "1") rows.open(table);
    std::size_t compared = 0;
    for (const std::string& folder : folders) {
        const Goldens goldens = load_goldens(folder);
        REQUIRE(!goldens.cases.empty());
        const Tensor logits = predict_logits(load_onnx(PELLUCID_SOURCE_DIR "/" + goldens.model), goldens.inputs);
        for (std::size_t i = 0; i < logits.size(); ++i) {
            REQUIRE(logits.data()[i] == doctest::Approx(goldens.logits.data()[i]).epsilon(1e-4));
        }
        for (const Case& one : goldens.cases) {
            CAPTURE(folder);
            CAPTURE(one.file);
            CAPTURE(one.method);
            CHECK(is_listed(one.method));
            if (!is_listed(one.method)) continue;
            const Deviation d = compare(goldens, one);
            CHECK(d.relative <= 1e-4);
            CHECK(d.cosine > 0.9999);
            if (table == "1") MESSAGE("| ", folder, " | ", one.file, " | ", d.relative, " | ", d.cosine, " |");
            if (rows.is_open()) {
                rows << folder << '\t' << one.file << '\t' << one.method << '\t' << one.settings << '\t' << d.rows
                     << '\t' << d.relative << '\t' << std::setprecision(9) << d.cosine << '\t'
                     << one.reference_in_float32 << '\n';
            }
            ++compared;
        }
    }
    CHECK(compared >= 60);
}

#endif
