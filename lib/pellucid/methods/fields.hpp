/// A method's parameters, declared once: a plain struct and one function
///
///     void describe(Fields& f, PgdParams& p) {
///         f.real("epsilon", p.epsilon, {0, 1000}, "largest change of a value");
///         f.choice("norm", p.norm, {"linf", "l2"}, "what epsilon bounds");
///         f.random_seed("seed", p.seed);
///     }
///
/// from which come the card (defaults are the struct's own) and the struct's values for one call. A parameter that the
/// struct lacks does not compile.
#pragma once

#include "pellucid/methods/params.hpp"

#include <span>
#include <type_traits>

namespace pellucid {

struct Range {
    double min, max;
};

/// What describe() is called with: to collect cards, or to fill in values.
class Fields {
public:
    template <typename Real>
        requires std::is_floating_point_v<Real>
    ParamCard& real(std::string_view name, Real& value, Range range, Words help) {
        double as_double = as_written(value);
        ParamCard& card = real_field(name, as_double, range, help);
        value = static_cast<Real>(as_double);
        return card;
    }
    template <typename Integer>
        requires std::is_integral_v<Integer>
    ParamCard& integer(std::string_view name, Integer& value, Range range, Words help) {
        auto as_integer = static_cast<std::int64_t>(value);
        ParamCard& card = integer_field(name, as_integer, range, help);
        value = static_cast<Integer>(as_integer);
        return card;
    }
    /// The enumerators (or false and true) must be numbered from 0 in the order of the words.
    template <typename Enum>
        requires std::is_enum_v<Enum> || std::is_same_v<Enum, bool>
    ParamCard& choice(std::string_view name, Enum& value, std::initializer_list<std::string_view> words, Words help) {
        auto index = static_cast<std::size_t>(value);
        ParamCard& card = index_field(name, index, words, help);
        value = static_cast<Enum>(index);
        return card;
    }
    ParamCard& choice(std::string_view name, std::string& value, std::span<const std::string> words, Words help);
    ParamCard& flag(std::string_view name, bool& value, Words help);
    ParamCard& text(std::string_view name, std::string& value, Words help);
    /// A layer's name; empty: the method's own choice.
    ParamCard& layer(std::string_view name, std::string& value, Words help);
    /// Another method's id.
    ParamCard& method(std::string_view name, std::string& value, Words help);
    /// A tensor of the caller's; null where none is given.
    ParamCard& image(std::string_view name, std::shared_ptr<const Tensor>& value, Words help);
    /// An end of the input's range (`end`: low or high): one number for all channels, or one each. `values` holds the
    /// default, one number, for networks that read 0 … 1.
    ParamCard& bound(std::string_view name, std::vector<float>& values, FromRange end, Words help);
    /// The seed of a random generator, from 0 to 1000000.
    ParamCard& random_seed(std::string_view name, std::uint32_t& value, Words help = "seed of the random generator");
    /// The parameter `compat`: it chooses one of these sets of values for what is not given; "none" by default.
    virtual void compat(std::vector<Preset> presets) = 0;

protected:
    ~Fields() = default;
    /// Puts the parameter on the list, or its value in place of the default.
    virtual ParamCard& field(ParamCard card, ParamValue& value) = 0;
    /// The numbers of a bound, where they are known.
    virtual void fill_bound(std::string_view, std::vector<float>&) {}

private:
    /// 0.1 for the float nearest to it, not 0.10000000149: what a person would write.
    static double as_written(float value);
    static double as_written(double value) { return value; }
    ParamCard& real_field(std::string_view name, double& value, Range range, Words help);
    ParamCard& integer_field(std::string_view name, std::int64_t& value, Range range, Words help);
    ParamCard& index_field(std::string_view name, std::size_t& index, std::vector<std::string_view> words, Words help);
    ParamCard& word_field(std::string_view name, std::string& value, std::vector<std::string_view> words, Words help);
};

/// Collects the parameters of a card; values stay the struct's defaults.
class CardFields final : public Fields {
public:
    explicit CardFields(Card& card) : card_(card) {}
    void compat(std::vector<Preset> presets) override;

protected:
    ParamCard& field(ParamCard card, ParamValue& value) override;

private:
    Card& card_;
};

/// Puts what `declare` declares on the card's list of parameters.
void add_params(Card& card, void (*declare)(Fields& fields));

/// Gives the values of a call.
class ValueFields final : public Fields {
public:
    explicit ValueFields(const Params& params);
    ~ValueFields();
    void compat(std::vector<Preset>) override {}

protected:
    ParamCard& field(ParamCard card, ParamValue& value) override;
    void fill_bound(std::string_view name, std::vector<float>& values) override { values = params_.bound(name); }

private:
    const Params& params_;
    ParamCard ignored_;
};

/// A method without parameters.
struct NoParams {};
inline void describe(Fields&, NoParams&) {}

/// The struct of one call.
template <typename P>
P values_of(const Params& params) {
    P values;
    ValueFields fields(params);
    describe(fields, values);
    return values;
}

}  // namespace pellucid
