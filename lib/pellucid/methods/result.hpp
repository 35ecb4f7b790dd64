/// What a method answers: a list of named things, each of a kind. Who shows, writes or joins results goes by kind; the
/// card declares which there are (Card::outputs).
#pragma once

#include "pellucid/backward/rule.hpp"
#include "pellucid/tensor.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pellucid {

class Layerwise;

/// A picture for each sample, (N, h, w, c).
struct Map {
    Tensor data;
};

/// A curve for each sample: values (N, 1, 1, K) at the K places `at`.
struct Series {
    std::vector<float> at;
    Tensor values;
};

/// Pictures one after another, each (N, h, w, c), and the step of the run that each shows.
struct Frames {
    std::vector<Tensor> images;
    std::vector<std::uint32_t> steps;
    std::string layer = {};  ///< where each picture is a channel of a layer, "steps" being their numbers: that layer
};

/// A number for each sample; NaN where there is none to tell.
struct Scalar {
    std::vector<double> per_sample;
};

/// Rows of numbers that belong to no sample.
struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<double>> rows;
};

/// A number for each of G groups (strokes, superpixels, units) of each sample: values (N, 1, 1, G).
struct Scores {
    std::vector<std::string> groups;
    Tensor values;
    std::string layer = {};  ///< where the groups are channels ("3") or units ("3,4,4") of a layer: that layer
};

using Item = std::variant<Map, Series, Frames, Scalar, Table, Scores>;

/// Everything is per sample: sample n of an item is about sample n of the input.
struct Result {
    std::vector<double> value;                             ///< f_t(x) of every sample
    std::vector<std::pair<std::string_view, Item>> items;  ///< named as in the card, in the card's order
    Ledger ledger;                                         ///< relevance methods: a row per layer, from the top down
    /// Where the request asked for it and there is a ledger, but for ledgers of one pass of several that a map is the
    /// difference of: the relevance of every layer. It must not outlive the explainer.
    std::shared_ptr<const Layerwise> layerwise = nullptr;

    /// Names must outlive the result; they are literals. One function for each kind: items made where methods add them
    /// were a twentieth of what the methods weigh in the page's download.
    void add(const char* name, Map&& map);
    void add(const char* name, Series&& series);
    void add(const char* name, Frames&& frames);
    void add(const char* name, Scalar&& scalar);
    void add(const char* name, Table&& table);
    void add(const char* name, Scores&& scores);
    void add(std::string_view name, Item item);
    /// Null where there is none of that name and kind.
    template <typename Kind>
    const Kind* find(std::string_view name) const {
        for (const auto& [own, item] : items) {
            if (own == name) return std::get_if<Kind>(&item);
        }
        return nullptr;
    }
    /// The first item's picture: what the method was asked for. Throws Error(internal) where the first item is no map.
    const Tensor& map() const;
    /// The map, the numbers, of that name. Throws Error(internal) where there are none.
    const Tensor& map(std::string_view name) const;
    const std::vector<double>& scalar(std::string_view name) const;
};

/// The results of portions of a batch, one after another, as the result of the whole batch. A table is that of the
/// first portion; ledgers are summed.
Result joined(std::vector<Result> portions);

}  // namespace pellucid
