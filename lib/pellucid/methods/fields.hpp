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

/// What describe() is called with: to collect cards, or to fill in values. Names are literals.
class Fields {
public:
    [[gnu::always_inline]] ParamCard& real(const char* name, float& value, Range range, Words help) {
        return real_field(name, value, range.min, range.max, help);
    }
    [[gnu::always_inline]] ParamCard& real(const char* name, double& value, Range range, Words help) {
        return real_field(name, value, range.min, range.max, help);
    }
    [[gnu::always_inline]] ParamCard& integer(const char* name, std::size_t& value, Range range, Words help) {
        return integer_field(name, value, range.min, range.max, help);
    }
    [[gnu::always_inline]] ParamCard& integer(const char* name, std::ptrdiff_t& value, Range range, Words help) {
        return integer_field(name, value, range.min, range.max, help);
    }
    /// The enumerators (or false and true) must be numbered from 0 in the order of the words, and take one byte.
    template <typename Enum>
        requires((std::is_enum_v<Enum> || std::is_same_v<Enum, bool>) && sizeof(Enum) == 1)
    [[gnu::always_inline]] ParamCard& choice(const char* name, Enum& value,
                                             std::initializer_list<std::string_view> words, Words help) {
        return index_field(name, reinterpret_cast<unsigned char&>(value), words.begin(), words.size(), help);
    }
    ParamCard& choice(const char* name, std::string& value, std::span<const std::string> words, Words help);
    ParamCard& flag(const char* name, bool& value, Words help);
    ParamCard& text(const char* name, std::string& value, Words help);
    /// A layer's name; empty: the method's own choice.
    ParamCard& layer(const char* name, std::string& value, Words help);
    /// Another method's id.
    ParamCard& method(const char* name, std::string& value, Words help);
    /// A tensor of the caller's; null where none is given.
    ParamCard& image(const char* name, std::shared_ptr<const Tensor>& value, Words help);
    /// An end of the input's range (`end`: low or high): one number for all channels, or one each. `values` holds the
    /// default, one number, for networks that read 0 … 1.
    ParamCard& bound(const char* name, std::vector<float>& values, FromRange end, Words help);
    /// The seed of a random generator, from 0 to 1000000.
    ParamCard& random_seed(const char* name, std::uint32_t& value, Words help = "seed of the random generator");
    /// The parameter `compat`: it chooses one of these sets of values for what is not given; "none" by default.
    virtual void compat(std::vector<Preset> presets) = 0;

protected:
    ~Fields() = default;
    /// Puts the parameter on the list, or its value in place of the default.
    virtual ParamCard& field(ParamCard card, ParamValue& value) = 0;
    /// The numbers of a bound, where they are known.
    virtual void fill_bound(std::string_view, std::vector<float>&) {}

private:
    // Plain pointers and numbers, and the functions above always inlined: views and structs are handed over in memory,
    // where constants had to be written first, and a describe() weighed twice as much in the page's download.
    ParamCard& real_field(const char* name, float& value, double min, double max, Words help);
    ParamCard& real_field(const char* name, double& value, double min, double max, Words help);
    ParamCard& integer_field(const char* name, std::size_t& value, double min, double max, Words help);
    ParamCard& integer_field(const char* name, std::ptrdiff_t& value, double min, double max, Words help);
    ParamCard& index_field(const char* name, unsigned char& index, const std::string_view* words, std::size_t count,
                           Words help);
    ParamCard& word_field(const char* name, std::string& value, std::vector<std::string_view> words, Words help);
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
