/// Every rule against a replica over dense matrices in double.
///
/// A layer with weights is a matrix M (outputs × inputs, the connections that exist) and a bias; the replicas below
/// are the definitions written out unit by unit, and share no code with the rules.
#include "pellucid/backward/rules.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/random.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace pellucid;

namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;  // [output][input]

struct Dense2 {
    Matrix weight;     ///< 0 where there is no connection
    Matrix connected;  ///< 1 where there is one, else 0
    Vector bias;       ///< per output unit
};

Matrix matrix_of(const WeightedLayer& layer, const Tensor& weight, const Shape& in, const Shape& out) {
    const PreparedWeights prepared = layer.prepare(weight, nullptr);
    Matrix m(element_count(out), Vector(element_count(in)));
    Tensor x = zeros(in), z(out);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = 1.0F;
        layer.apply(x, prepared, z);
        x.data()[i] = 0.0F;
        for (std::size_t k = 0; k < z.size(); ++k) m[k][i] = z.data()[k];  // one product each: exact
    }
    return m;
}

Dense2 replica_of(const WeightedLayer& layer, const Shape& in, const Shape& out) {
    Dense2 r{
        matrix_of(layer, layer.weight(), in, out), matrix_of(layer, filled(layer.weight().shape(), 1.0F), in, out), {}};
    for (std::size_t k = 0; k < element_count(out); ++k) r.bias.push_back(layer.bias().data()[k % out[3]]);
    return r;
}

double pos(double v) { return std::max(v, 0.0); }
double neg(double v) { return std::min(v, 0.0); }
double stab(double z, double epsilon) { return z >= 0 ? z + epsilon : z - epsilon; }

/// Numerator of connection (k, i) and what the bias adds to the denominator of output k.
using Share = std::function<double(double a, double w, double connected)>;

struct Replica {
    Vector relevance;
    double condition = 1;   ///< how much a denominator magnifies the rounding of its terms, at most
    Vector denominators{};  ///< per output: the product of those of the groups that serve it
};

/// R_i = Σ_k share(a_i, w_ki)/stab(Σ share + bias) · R_k over the outputs with `open`.
void spread(const Dense2& d, const Vector& a, const Vector& r, double epsilon, const Share& share,
            const std::function<double(double b)>& bias, const std::function<bool(std::size_t)>& open,
            double coefficient, Replica& replica) {
    replica.denominators.resize(r.size(), 1.0);
    for (std::size_t k = 0; k < r.size(); ++k) {
        if (!open(k)) continue;
        double z = bias(d.bias[k]);
        double terms = std::abs(z);
        for (std::size_t i = 0; i < a.size(); ++i) {
            const double term = share(a[i], d.weight[k][i], d.connected[k][i]);
            z += term;
            terms += std::abs(term);
        }
        replica.denominators[k] *= z;
        if (r[k] == 0) continue;
        if (terms > 0) replica.condition = std::max(replica.condition, terms / std::abs(stab(z, epsilon)));
        for (std::size_t i = 0; i < a.size(); ++i) {
            replica.relevance[i] +=
                coefficient * share(a[i], d.weight[k][i], d.connected[k][i]) / stab(z, epsilon) * r[k];
        }
    }
}

Replica replica(const std::string& rule, const Dense2& d, const Vector& a, const Vector& r,
                const rules::RuleOptions& o) {
    Replica result{Vector(a.size(), 0.0)};
    Vector z(r.size());
    for (std::size_t k = 0; k < r.size(); ++k) {
        z[k] = d.bias[k];
        for (std::size_t i = 0; i < a.size(); ++i) z[k] += a[i] * d.weight[k][i];
    }
    const auto every = [](std::size_t) { return true; };
    const auto all = [](double b) { return b; };
    const double e = o.stabiliser_epsilon;
    if (rule == "zero" || rule == "epsilon") {
        spread(
            d, a, r, rule == "zero" ? 0 : o.epsilon, [](double x, double w, double) { return x * w; }, all, every, 1,
            result);
    } else if (rule == "gamma") {
        const double g = o.gamma;
        spread(
            d, a, r, e,
            [g](double x, double w, double) { return pos(x) * (w + g * pos(w)) + neg(x) * (w + g * neg(w)); },
            [g](double b) { return b + g * pos(b); }, [&](std::size_t k) { return z[k] > 0; }, 1, result);
        spread(
            d, a, r, e,
            [g](double x, double w, double) { return pos(x) * (w + g * neg(w)) + neg(x) * (w + g * pos(w)); },
            [g](double b) { return b + g * neg(b); }, [&](std::size_t k) { return z[k] < 0; }, 1, result);
    } else if (rule == "z_plus") {
        spread(d, a, r, e, [](double x, double w, double) { return pos(x * w); }, pos, every, 1, result);
    } else if (rule == "alpha_beta") {
        spread(d, a, r, e, [](double x, double w, double) { return pos(x * w); }, pos, every, o.alpha, result);
        spread(d, a, r, e, [](double x, double w, double) { return neg(x * w); }, neg, every, -o.beta, result);
    } else if (rule == "z_box") {
        const double l = o.low, h = o.high;
        spread(
            d, a, r, e, [l, h](double x, double w, double) { return x * w - l * pos(w) - h * neg(w); },
            [](double) { return 0.0; }, every, 1, result);
    } else if (rule == "w_square") {
        spread(
            d, a, r, e, [](double, double w, double) { return w * w; }, [](double b) { return b * b; }, every, 1,
            result);
    } else {
        spread(d, a, r, e, [](double, double, double c) { return c; }, [](double) { return 0.0; }, every, 1, result);
    }
    return result;
}

/// The rules in which captum and innvestigate differ, as they define them; e: captum's stabiliser, 0 for
/// innvestigate's.
Replica foreign_replica(const std::string& rule, const Dense2& d, const Vector& a, const Vector& r,
                        const rules::RuleOptions& o) {
    Replica result{Vector(a.size(), 0.0)};
    const auto every = [](std::size_t) { return true; };
    const auto whole = [](double b) { return b; };
    const bool captum = !o.split_inputs;
    const double e = captum ? 1e-9 : 0.0;
    if (rule == "gamma") {
        const double g = o.gamma;
        spread(d, a, r, e, [g](double x, double w, double) { return x * (w + g * pos(w)); }, whole, every, 1, result);
    } else if (rule == "z_plus" || rule == "alpha_beta") {
        const bool both = rule == "alpha_beta";
        spread(
            d, a, r, e, [captum](double x, double w, double) { return captum ? x * pos(w) : pos(x * w); }, whole, every,
            both ? static_cast<double>(o.alpha) : 1.0, result);
        if (both) {
            spread(
                d, a, r, e, [captum](double x, double w, double) { return captum ? x * neg(w) : neg(x * w); }, whole,
                every, -o.beta, result);
        }
    } else if (rule == "w_square") {
        spread(
            d, a, r, e, [](double, double w, double) { return w * w; }, [](double) { return 0.0; }, every, 1, result);
    }
    return result;
}

Vector as_vector(const Tensor& t) { return {t.data(), t.data() + t.size()}; }

rules::RuleOptions habits_of(const std::string& library) {
    rules::RuleOptions options;
    if (library == "captum") {
        options.epsilon = options.stabiliser_epsilon = 1e-9F;
        options.bias = Habit::Bias::whole;
        options.split_inputs = false;
    } else if (library == "innvestigate") {
        options.epsilon = options.stabiliser_epsilon = 1e-7F;
        options.bias = Habit::Bias::whole;
        options.stabiliser = Stabiliser::exact_zero;
    }
    return options;
}

void check_rule(const std::string& id, const WeightedLayer& layer, const Tensor& a, Random& random,
                const std::string& library = "zennit") {
    const Shape in = a.shape();
    const Shape out = layer.output_shape(std::span(&in, 1));
    rules::RuleOptions options = habits_of(library);
    options.low = -1.5F;
    options.high = 2.0F;
    const RulePtr rule = rules::linear_rule(id, options);
    Tensor z(out), r(out), result(in);
    layer.apply(a, layer.prepared(), z);
    for (float& v : elements(r)) v = random.normal();

    const Record record;
    const Tensor* input = &a;
    Tensor* target = &result;
    Workspace workspace;
    LedgerRow row;
    rule->cross({layer, {std::span(&input, 1), z, record}, r, std::span(&target, 1), workspace, &row});

    const auto& define = library == "zennit" ? replica : foreign_replica;
    const auto [wanted, condition, unused] =
        define(id, replica_of(layer, in, out), as_vector(a), as_vector(r), options);
    double largest = 0, entering = 0, leaving = 0;
    for (const double v : wanted) largest = std::max(largest, std::abs(v));
    for (const float v : elements(r)) entering += static_cast<double>(v);
    for (const float v : elements(result)) leaving += static_cast<double>(v);
    // A denominator near 0 magnifies float's rounding of its terms: what can be asked for scales with that.
    const double bound = 1e-6 * largest * std::max(1.0, condition);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        CAPTURE(id);
        CAPTURE(i);
        CHECK(std::abs(wanted[i] - static_cast<double>(result.data()[i])) <= bound);
    }
    // What the bias absorbs closes the sum; the other rules also drop what reaches a unit that nothing speaks for.
    if (id == "epsilon" || id == "flat" || id == "w_square") {
        CHECK(entering == doctest::Approx(leaving + row.bias).epsilon(2e-3));
    }
}

/// Whole numbers from -2 to 2.
Tensor whole_tensor(const Shape& shape, Random& random) {
    Tensor tensor = test::random_tensor(shape, random);
    for (float& v : elements(tensor)) v = std::clamp(std::round(1.5F * v), -2.0F, 2.0F);
    return tensor;
}

/// In small whole numbers, with relevances that the denominators divide, float makes no rounding error anywhere: what
/// is left to differ is the formula. Returns whether there was any relevance to hand down.
bool check_exactly(const std::string& id, const WeightedLayer& layer, const Tensor& a) {
    const Shape in = a.shape();
    const Shape out = layer.output_shape(std::span(&in, 1));
    rules::RuleOptions options;
    options.epsilon = options.stabiliser_epsilon = 0.0F;
    options.low = -2.0F;
    options.high = 2.0F;
    const Dense2 dense = replica_of(layer, in, out);
    Vector relevance(element_count(out), 4.0);  // gamma's denominators are multiples of a quarter
    const Vector denominators = replica(id, dense, as_vector(a), relevance, options).denominators;
    Tensor z(out), r(out), result(in);
    for (std::size_t k = 0; k < r.size(); ++k) {
        relevance[k] *= denominators[k];  // 0 where nothing can be divided
        r.data()[k] = static_cast<float>(relevance[k]);
        REQUIRE(static_cast<double>(r.data()[k]) == relevance[k]);
    }
    layer.apply(a, layer.prepared(), z);
    const Record record;
    const Tensor* input = &a;
    Tensor* target = &result;
    Workspace workspace;
    rules::linear_rule(id, options)
        ->cross({layer, {std::span(&input, 1), z, record}, r, std::span(&target, 1), workspace, nullptr});
    const Vector wanted = replica(id, dense, as_vector(a), relevance, options).relevance;
    double largest = 0;
    for (const double v : wanted) largest = std::max(largest, std::abs(v));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        CAPTURE(id);
        CAPTURE(i);
        CHECK(std::abs(wanted[i] - static_cast<double>(result.data()[i])) <= 1e-10 * largest);
    }
    return largest > 0;
}

std::vector<std::unique_ptr<WeightedLayer>> layers(Random& random, bool whole = false) {
    std::vector<std::unique_ptr<WeightedLayer>> list;
    const auto weights = [&](Shape shape) {
        return whole ? whole_tensor(shape, random) : test::random_tensor(shape, random);
    };
    list.push_back(std::make_unique<Dense>(weights({1, 1, 24, 5}), weights({1, 1, 1, 5})));
    list.push_back(
        std::make_unique<Conv2d>(weights({3, 3, 2, 4}), weights({1, 1, 1, 4}), Stride{1, 1}, Padding{1, 1, 1, 1}));
    list.push_back(
        std::make_unique<Conv2d>(weights({2, 3, 2, 17}), weights({1, 1, 1, 17}), Stride{2, 1}, Padding{0, 2, 1, 0}));
    list.push_back(std::make_unique<Conv2d>(weights({1, 1, 2, 1}), weights({1, 1, 1, 1})));
    list.push_back(std::make_unique<ConvTranspose2d>(weights({2, 2, 2, 3}), weights({1, 1, 1, 3}), Stride{2, 2}));
    return list;
}

}  // namespace

TEST_CASE("rules: every rule equals its dense replica, for inputs of both signs") {
    Random random(7);
    for (const auto& layer : layers(random)) {
        const bool dense = layer->kind() == Kind::dense;
        const Shape in = dense ? Shape{1, 1, 1, 24} : Shape{1, 4, 3, 2};
        for (const bool positive : {false, true}) {
            Tensor a = test::random_tensor(in, random);
            for (float& v : elements(a)) v = positive ? std::max(v, 0.0F) : v;
            for (const std::string& id : rules::linear_rule_ids()) check_rule(id, *layer, a, random);
        }
    }
}

TEST_CASE("rules: in numbers that float holds exactly every rule equals its dense replica to 1e-10") {
    Random random(17);
    std::size_t told = 0, asked = 0;
    for (const auto& layer : layers(random, true)) {
        const Shape in = layer->kind() == Kind::dense ? Shape{1, 1, 1, 24} : Shape{1, 4, 3, 2};
        for (const bool positive : {false, true}) {
            Tensor a = whole_tensor(in, random);
            for (float& v : elements(a)) v = positive ? std::max(v, 0.0F) : v;
            for (const std::string& id : rules::linear_rule_ids()) {
                told += check_exactly(id, *layer, a) ? 1 : 0;
                ++asked;
            }
        }
    }
    CHECK(told > asked * 9 / 10);
}

TEST_CASE("rules: habits of captum and innvestigate equal their own definitions") {
    Random random(8);
    for (const auto& layer : layers(random)) {
        const Shape in = layer->kind() == Kind::dense ? Shape{1, 1, 1, 24} : Shape{1, 4, 3, 2};
        const Tensor a = test::random_tensor(in, random);
        for (const char* id : {"z_plus", "alpha_beta", "gamma"}) check_rule(id, *layer, a, random, "captum");
        for (const char* id : {"z_plus", "alpha_beta", "w_square"}) check_rule(id, *layer, a, random, "innvestigate");
    }
}

TEST_CASE("rules: no exact zero divides") {
    Dense layer(zeros({1, 1, 3, 2}), zeros({1, 1, 1, 2}));
    const Tensor a = filled({1, 1, 1, 3}, 1.0F), r = filled({1, 1, 1, 2}, 1.0F), z = zeros({1, 1, 1, 2});
    const Record record;
    const Tensor* input = &a;
    for (const std::string& id : rules::linear_rule_ids()) {
        Tensor result(a.shape());
        Tensor* target = &result;
        Workspace workspace;
        rules::linear_rule(id)->cross(
            {layer, {std::span(&input, 1), z, record}, r, std::span(&target, 1), workspace, nullptr});
        for (const float v : elements(result)) CHECK(std::isfinite(v));
    }
}

TEST_CASE("rules: bad parameters are refused") {
    CHECK_THROWS_AS(rules::alpha_beta(2, 2), Error);
    CHECK_THROWS_AS(rules::gamma(-1), Error);
    CHECK_THROWS_AS(rules::z_box(1, 0), Error);
    CHECK_THROWS_WITH_AS(rules::linear_rule("nonsense"), doctest::Contains("there are zero, epsilon"), Error);
}
