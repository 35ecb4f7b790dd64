/// Methods × metrics over many images: which method's maps pass which test, with confidence intervals.
#pragma once

#include "pellucid/methods/method.hpp"
#include "pellucid/study/shard.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pellucid::study {

/// A method, or a metric, and its parameters: "lrp", "lrp:composite=epsilon_plus",
/// "deletion:steps=14,baseline=blurred".
struct Setting {
    std::string id, params;
    std::string text() const { return params.empty() ? id : id + ":" + params; }
};

/// Reads "lrp:composite=gamma,gradient": what is key=value after a comma belongs to the one before.
/// Throws Error(bad_argument) for an empty list, an empty name, or one that stands there twice.
std::vector<Setting> parse_settings_list(std::string_view text);

/// Images are asked for by their places, so that they need not be in memory all at once.
struct JudgedImages {
    std::size_t count = 0;
    std::function<Tensor(std::size_t first, std::size_t count)> read;
    std::string name, sha256;  ///< of what they are; decides whether shards belong together
};

struct JudgeOptions {
    std::vector<Setting> methods, metrics;
    std::string target = "predicted";
    std::string model, model_sha256, range;  ///< the network's file, and its input's range
};

/// One number that is told of every image.
struct Column {
    std::size_t method, metric;  ///< places in the options
    std::string output;
    std::string unit;
};

/// A method that a metric cannot judge on this network.
struct LeftOut {
    std::string method, metric, why;
};

/// How often, and what: over the images for which there is a number.
struct Summary {
    std::size_t images = 0;
    double mean = 0, deviation = 0;
    double low = 0, high = 0;  ///< 95 % of the normal distribution around the mean
};
Summary summary_of(std::span<const double> numbers);

/// A study of judge: what is to be done, in an order that never changes.
class JudgePlan {
public:
    /// Checks all settings, and asks every metric about every method for the first image: what does not fit is left
    /// out, with the reason. Throws Error where no pair is left, or settings are wrong.
    JudgePlan(Explainer& explainer, JudgeOptions options, JudgedImages images);

    std::size_t chunks() const { return (images_.count + images_per_chunk - 1) / images_per_chunk; }
    /// All that the numbers depend on, as JSON.
    std::string description() const;
    const std::vector<Column>& columns() const { return columns_; }

    /// The numbers of a chunk: image by image a number per column, NaN where there is none.
    Numbers compute(Explainer& explainer, std::size_t chunk) const;

    static constexpr std::size_t images_per_chunk = 20;

private:
    struct Pair {
        std::size_t method, metric, first_column, columns;
    };
    std::vector<std::pair<std::string, std::vector<double>>> ask(Explainer& explainer, std::size_t method,
                                                                 std::size_t metric, const Tensor& images,
                                                                 std::size_t first,
                                                                 const std::shared_ptr<const Tensor>& maps) const;
    std::shared_ptr<const Tensor> maps_of(Explainer& explainer, std::size_t method, const Tensor& images) const;
    std::shared_ptr<const Tensor> companions(Explainer& explainer, const Tensor& images, std::size_t first) const;

    JudgeOptions options_;
    JudgedImages images_;
    Target target_;
    std::vector<Pair> pairs_;
    std::vector<Column> columns_;
    std::vector<LeftOut> left_out_;
};

/// The league from a finished study: its description, and a Summary of every column, as JSON. The same bytes whoever
/// did which chunk.
std::string league(const Finished& study);

}  // namespace pellucid::study
