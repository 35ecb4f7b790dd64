/// A method's parameters, declared once: a plain struct and one function
///
///     void describe(Fields& f, PgdParams& p) {
///         f.real("epsilon", p.epsilon, {0, 1000}, "largest change of a value");
///         f.choice("norm", p.norm, {"linf", "l2"}, "what epsilon bounds");
///         f.random_seed("seed", p.seed);
///     }
///
/// from which come the card (defaults are the struct's own) and the struct's values for one call. A parameter that the
/// struct lacks does not compile. Values are filled in with every call, so this makes nothing that only cards need.
#pragma once

#include "pellucid/methods/params.hpp"

#include <span>
#include <type_traits>

namespace pellucid {

struct Range {
    double min, max;
};

/// A parameter that was declared just now, for what else its card says: f.integer(…).in("px").rarely(). Where values
/// are filled in there is no card, and nothing happens.
class Declared {
public:
    Declared() = default;
    explicit Declared(ParamCard& card) : card_(&card) {}

#ifdef PELLUCID_WITHOUT_WORDS
    // How a page shows a parameter travels with the words.
    Declared in(const char*) const { return *this; }
    Declared rarely() const { return *this; }
    Declared at_most_while_drawing(double) const { return *this; }
    Declared at_least_while_drawing(double) const { return *this; }
    Declared when(const char*, std::initializer_list<const char*>) const { return *this; }
#else
    Declared in(std::string_view unit) const { return put(&ParamCard::unit, unit); }
    Declared rarely() const { return put(&ParamCard::advanced, true); }
    Declared at_most_while_drawing(double value) const { return put(&ParamCard::most_while_drawing, value); }
    Declared at_least_while_drawing(double value) const { return put(&ParamCard::least_while_drawing, value); }
    Declared when(std::string_view param, std::initializer_list<std::string_view> values) const;
#endif
    Declared as(ParamRole role) const { return put(&ParamCard::role, role); }
    Declared replay() const { return as(ParamRole::replay); }
    Declared drawings() const { return as(ParamRole::drawings); }
    Declared per_input() const { return as(ParamRole::per_input); }
    Declared maps() const { return as(ParamRole::maps); }
    Declared following(FromRange what) const { return put(&ParamCard::from_range, what); }
    /// The default is the fallback times the extent of the input's range.
    Declared share_of_range() const { return following(FromRange::share); }
    Declared also_called(std::string_view earlier) const { return put(&ParamCard::formerly, earlier); }

private:
    template <typename Value>
    Declared put(Value ParamCard::* member, Value value) const {
        if (card_ != nullptr) card_->*member = value;
        return *this;
    }

    ParamCard* card_ = nullptr;
};

/// What describe() is called with: to collect cards, or to fill in values. Names are literals.
class Fields {
public:
    /// Puts what is declared on the card's list of parameters; defaults are the values that there are.
    explicit Fields(Card& card) : card_(&card) {}
    /// Changes what is not to have its default to its value in this call.
    explicit Fields(const Params& params) : params_(&params) {}

    [[gnu::always_inline]] Declared real(const char* name, float& value, Range range, Words help) {
        return real_field(name, value, range.min, range.max, help);
    }
    [[gnu::always_inline]] Declared real(const char* name, double& value, Range range, Words help) {
        return real_field(name, value, range.min, range.max, help);
    }
    [[gnu::always_inline]] Declared integer(const char* name, std::size_t& value, Range range, Words help) {
        return integer_field(name, value, range.min, range.max, help);
    }
    [[gnu::always_inline]] Declared integer(const char* name, std::ptrdiff_t& value, Range range, Words help) {
        return integer_field(name, value, range.min, range.max, help);
    }
    /// The enumerators (or false and true) must be numbered from 0 in the order of the words, and take one byte.
    template <typename Enum>
        requires((std::is_enum_v<Enum> || std::is_same_v<Enum, bool>) && sizeof(Enum) == 1)
    [[gnu::always_inline]] Declared choice(const char* name, Enum& value, std::initializer_list<std::string_view> words,
                                           Words help) {
        return index_field(name, reinterpret_cast<unsigned char&>(value), words.begin(), words.size(), help);
    }
    Declared choice(const char* name, std::string& value, std::span<const std::string> words, Words help);
    Declared flag(const char* name, bool& value, Words help);
    Declared text(const char* name, std::string& value, Words help);
    /// A layer's name; empty: the method's own choice.
    Declared layer(const char* name, std::string& value, Words help);
    /// Another method's id.
    Declared method(const char* name, std::string& value, Words help);
    /// A tensor of the caller's; null where none is given.
    Declared image(const char* name, std::shared_ptr<const Tensor>& value, Words help);
    /// An end of the input's range (`end`: low or high): one number for all channels, or one each. `values` holds the
    /// default, one number, for networks that read 0 … 1.
    Declared bound(const char* name, std::vector<float>& values, FromRange end, Words help);
    /// The seed of a random generator, from 0 to 1000000.
    Declared random_seed(const char* name, std::uint32_t& value, Words help = "seed of the random generator");
    /// The parameter `compat`: it chooses one of these sets of values for what is not given; "none" by default.
    void compat(std::vector<Preset> (*presets)());

private:
    // Plain pointers and numbers, and the functions above always inlined: views and structs are handed over in memory,
    // where constants had to be written first, and a describe() weighed twice as much in the page's download.
    Declared real_field(const char* name, float& value, double min, double max, Words help);
    Declared real_field(const char* name, double& value, double min, double max, Words help);
    Declared integer_field(const char* name, std::size_t& value, double min, double max, Words help);
    Declared integer_field(const char* name, std::ptrdiff_t& value, double min, double max, Words help);
    Declared index_field(const char* name, unsigned char& index, const std::string_view* words, std::size_t count,
                         Words help);

    ParamCard& add(const char* name, ParamType type, ParamValue fallback, Words help);
    Declared add_number(const char* name, ParamType type, ParamValue fallback, double min, double max, Words help);
    /// The value that was chosen for the parameter in this call; null where it has its default.
    template <typename Value>
    const Value* chosen(const char* name) const;
    template <typename Value>
    Declared simple_field(const char* name, ParamType type, Value& value, Words help);

    Card* card_ = nullptr;            ///< to be collected into, or null:
    const Params* params_ = nullptr;  ///< values are filled in from these
};

/// Puts what `declare` declares on the card's list of parameters.
void add_params(Card& card, void (*declare)(Fields& fields));

/// A method without parameters.
struct NoParams {};
inline void describe(Fields&, NoParams&) {}

/// The struct of one call.
template <typename P>
P values_of(const Params& params) {
    P values;
    Fields fields(params);
    describe(fields, values);
    return values;
}

}  // namespace pellucid
