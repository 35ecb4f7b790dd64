/// What tests ask of any method's answer, whatever kind of thing it is.
#pragma once

#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pellucid::test {

/// What the method of that id answers with these values of its parameters.
inline Result explained(std::string_view id, Explainer& explainer, const Tensor& x, const Target& target,
                        const std::vector<std::pair<std::string_view, std::string>>& values) {
    const Method& method = find_method(id);
    Params params(method.card);
    for (const auto& [name, value] : values) params.set(name, std::string_view(value));
    return explain(method, {explainer, x, target, params});
}

/// The answer; nothing where the method says that it has none for such a network or target, Error(unsupported).
inline std::optional<Result> answer(const Method& method, const Request& request) {
    try {
        return explain(method, request);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported) throw;
        return std::nullopt;
    }
}

inline bool has_param(const Method& method, std::string_view name) {
    const auto& params = method.card.params;
    return std::any_of(params.begin(), params.end(), [&](const ParamCard& p) { return p.name == name; });
}

/// How many samples an item is about; tables are about none.
inline std::size_t samples_of(const Item& item) {
    struct Samples {
        std::size_t operator()(const Map& map) const { return map.data.shape()[0]; }
        std::size_t operator()(const Series& series) const { return series.values.shape()[0]; }
        std::size_t operator()(const Frames& frames) const { return frames.images.front().shape()[0]; }
        std::size_t operator()(const Scalar& scalar) const { return scalar.per_sample.size(); }
        std::size_t operator()(const Table&) const { return 0; }
        std::size_t operator()(const Scores& scores) const { return scores.values.shape()[0]; }
    };
    return std::visit(Samples{}, item);
}

/// All numbers that an item holds of sample `n`; all of a table's, which are of no sample.
inline std::vector<double> numbers_of(const Item& item, std::size_t n) {
    struct Numbers {
        std::size_t n;
        std::vector<double> of(const Tensor& tensor) const {
            const auto values = sample(tensor, n);
            return {values.begin(), values.end()};
        }
        std::vector<double> operator()(const Map& map) const { return of(map.data); }
        std::vector<double> operator()(const Series& series) const { return of(series.values); }
        std::vector<double> operator()(const Scores& scores) const { return of(scores.values); }
        /// Where there is nothing to tell the number is none; that is as good as any other one.
        std::vector<double> operator()(const Scalar& scalar) const {
            return {std::isnan(scalar.per_sample[n]) ? 1e300 : scalar.per_sample[n]};
        }
        std::vector<double> operator()(const Frames& frames) const {
            std::vector<double> all;
            for (const Tensor& image : frames.images) {
                const std::vector<double> one = of(image);
                all.insert(all.end(), one.begin(), one.end());
            }
            return all;
        }
        std::vector<double> operator()(const Table& table) const {
            std::vector<double> all;
            for (const std::vector<double>& row : table.rows) all.insert(all.end(), row.begin(), row.end());
            return all;
        }
    };
    return std::visit(Numbers{n}, item);
}

/// What the method was asked for, of one sample.
inline std::vector<double> answer_of(const Result& result, std::size_t n) {
    return numbers_of(result.items.front().second, n);
}

}  // namespace pellucid::test
