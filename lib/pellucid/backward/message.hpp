/// Relevance messages R_{j←k}: what a unit j of a layer's input receives from each unit k of its output.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace pellucid {

/// Which part of the input and which form of the weights one term of a rule multiplies, in words for people: "a⁺", "w +
/// 0.25 w⁺".
struct MessageForm {
    std::string input, weight;
    double coefficient = 1;  ///< of the whole term, its sign included
};

/// One product of a rule: coefficient · input · weight / denominator · what the message's unit sends: its relevance
/// R_k, or its multiplier where it has one.
struct MessageTerm {
    std::size_t form;    ///< index in Messages::forms
    double input;        ///< a_j in the term's part
    double weight;       ///< w_jk in the term's form
    double denominator;  ///< z_k of the term's group, stabilised; 1 where a multiplier is sent
};

struct Message {
    std::size_t unit;                                 ///< k, its place in the output of one sample
    double relevance;                                 ///< R_k
    double value;                                     ///< R_{j←k}, the sum of the terms
    std::vector<MessageTerm> terms;                   ///< empty for rules that are no sums of products
    std::optional<double> multiplier = std::nullopt;  ///< m_k of DeepLIFT: what its terms have in place of R_k / z_k
};

/// All messages to one unit that are not 0, in the order of the sending units. Their values sum to what the unit
/// receives.
struct Messages {
    std::vector<MessageForm> forms;
    std::vector<Message> list;
};

}  // namespace pellucid
