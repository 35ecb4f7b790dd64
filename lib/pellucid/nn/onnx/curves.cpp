#include "pellucid/nn/onnx/curves.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::onnx {
namespace {

constexpr std::size_t most_curves = 6;  // of one value; an activation's steps with layers of their own are fewer

struct NamedCurve {
    const char* name;
    Activation activation;
};

const std::vector<NamedCurve>& known() {
    using Function = Activation::Function;
    static const std::vector<NamedCurve> list{{"SiLU", Activation(Function::swish)},
                                              {"GELU", Activation(Function::gelu)},
                                              {"GELU by tanh", Activation(Function::gelu_tanh)},
                                              {"Mish", Activation(Function::mish)},
                                              {"HardSwish", Activation(Function::hard_swish)},
                                              {"ReLU", Activation(Function::relu)},
                                              {"Softsign", Activation(Function::softsign)},
                                              {"Softplus", Activation(Function::softplus)},
                                              {"Sigmoid", Activation(Function::sigmoid)},
                                              {"Tanh", Activation(Function::tanh)}};
    return list;
}

/// The factor between two curves, where there is one.
std::optional<double> factor_between(const std::vector<double>& y, const std::vector<double>& of) {
    const auto largest = std::ranges::max_element(of, {}, [](double value) { return std::abs(value); });
    const double factor = y[static_cast<std::size_t>(largest - of.begin())] / *largest;
    if (!std::isfinite(factor) || factor == 0.0) return std::nullopt;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double wanted = factor * of[i];
        // Files hold constants such as √2 as float32.
        if (!(std::abs(y[i] - wanted) <= 5e-7 * std::max(std::abs(factor), std::abs(wanted)))) return std::nullopt;
    }
    return std::abs(factor - 1.0) < 1e-6 ? 1.0 : factor;
}

}  // namespace

const std::vector<double>& curve_points() {
    static const std::vector<double> points = [] {
        std::vector<double> list;
        for (int i = -24; i <= 24; ++i) list.push_back(0.27 * i + 0.013);
        // Far out, too, where a file may change over to another formula.
        for (const double far : {9.5, 14.0, 21.0, 33.0, 58.0, 85.0}) list.insert(list.end(), {far, -far});
        return list;
    }();
    return points;
}

Curves mapped(const Curves& curves, FunctionRef<double(double)> f) {
    Curves result = curves;
    for (Curve& curve : result) std::ranges::transform(curve.y, curve.y.begin(), [&](double y) { return f(y); });
    return result;
}

Curves combined(const Curves& a, const Curves& b, FunctionRef<double(double, double)> op) {
    Curves result;
    for (const Curve& x : a) {
        const auto other = std::ranges::find(b, x.base, &Curve::base);
        if (other == b.end()) continue;
        result.push_back(x);
        std::ranges::transform(x.y, other->y, result.back().y.begin(), [&](double p, double q) { return op(p, q); });
    }
    return result;
}

Curves with_own(const Curves& curves, ValueId id) {
    Curves result = curves;
    if (result.size() >= most_curves) result.erase(result.begin());
    result.push_back({id, curve_points()});
    return result;
}

std::optional<Match> match(const Curves& curves) {
    for (const Curve& curve : curves) {
        for (const auto& [name, activation] : known()) {
            std::vector<double> y = curve_points();
            std::ranges::transform(y, y.begin(), [&](double x) { return activation.at(x); });
            if (const auto factor = factor_between(curve.y, y)) return Match{curve.base, activation, *factor};
        }
    }
    return std::nullopt;
}

std::string known_curves() {
    std::string names;
    for (const NamedCurve& curve : known()) names += (names.empty() ? "" : ", ") + std::string(curve.name);
    return names;
}

}  // namespace pellucid::onnx
