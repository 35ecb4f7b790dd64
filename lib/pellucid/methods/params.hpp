/// The parameters of one call as they come from outside, by name: the card's defaults, changed and checked one by one.
/// What is not given takes the value of the preset that `compat` names, where the card has one. Methods see a struct of
/// their own instead, see methods/fields.hpp.
#pragma once

#include "pellucid/methods/card.hpp"
#include "pellucid/nn/range.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace pellucid {

class Params {
public:
    /// The defaults of a card. The card must outlive the parameters.
    explicit Params(const Card& card);

    /// Sets a parameter from text as the command gets it ("0.25", "true", "gauss_legendre").
    /// Throws Error(bad_argument) that names the parameter and what would be right.
    void set(std::string_view name, std::string_view text);
    void set(std::string_view name, const char* text) { set(name, std::string_view(text)); }
    /// Sets a parameter to a value; integers are taken for reals.
    void set(std::string_view name, ParamValue value);

    /// What is in force: given, else of the preset that `compat` names, else the default.
    const ParamValue& value(std::string_view name) const;
    /// The same, but null where it is the default.
    const ParamValue* chosen(std::string_view name) const;
    bool given(std::string_view name) const { return find_given(name) != nullptr; }

    /// Gives the parameters that follow the input's range, and were not given, their values. Again with the same range
    /// changes nothing.
    void follow(const InputRange& range);
    /// A bound of the input: for each channel, or one number for all.
    std::vector<float> bound(std::string_view name) const;

    /// The same for samples [first, first + count) of `total`: images that come one for every input
    /// (ParamRole::per_input) are those of these inputs.
    Params of_samples(std::size_t total, std::size_t first, std::size_t count) const;

    const Card& card() const { return *card_; }
    /// All values, defaults included, in the card's order. A bound that differs between channels is the text "by
    /// channel".
    std::vector<std::pair<const ParamCard*, ParamValue>> all() const;

private:
    const ParamCard& find(std::string_view name) const;
    const ParamValue* find_given(std::string_view name) const;
    void give(const ParamCard& param, ParamValue value);

    const Card* card_;
    InputRange range_;
    // Few at a time: a list is found through faster than a tree.
    std::vector<std::pair<const ParamCard*, ParamValue>> given_;
    const Preset* preset_ = nullptr;  // that `compat` names
};

}  // namespace pellucid
