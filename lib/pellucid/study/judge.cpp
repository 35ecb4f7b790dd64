#include "pellucid/study/judge.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/judging/lens.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace pellucid::study {

using Json = nlohmann::ordered_json;
using methods::LensParams;
using methods::parse_settings;

std::vector<Setting> parse_settings_list(std::string_view text) {
    std::vector<Setting> list;
    if (text.ends_with(',')) fail(ErrorCode::bad_argument, "'{}' ends in a comma: a name is missing behind it", text);
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view part = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        const std::size_t colon = part.find(':');
        const std::size_t equals = part.find('=');
        if (equals != std::string_view::npos && colon == std::string_view::npos && !list.empty() &&
            !list.back().params.empty()) {
            list.back().params += "," + std::string(part);
            continue;
        }
        Setting setting{std::string(part.substr(0, colon)),
                        colon == std::string_view::npos ? "" : std::string(part.substr(colon + 1))};
        if (setting.id.empty() || setting.id.find('=') != std::string::npos) {
            fail(ErrorCode::bad_argument,
                 "'{}' names nothing; a list is ID,ID or ID:key=value,ID, as in gradient,lrp:rule=gamma", part);
        }
        list.push_back(std::move(setting));
    }
    if (list.empty()) fail(ErrorCode::bad_argument, "an empty list judges nothing; ID,ID does, as in gradient,lrp");
    std::set<std::string> seen;
    for (const Setting& setting : list) {
        if (!seen.insert(setting.text()).second)
            fail(ErrorCode::bad_argument, "{} stands in the list twice: once is right", setting.text());
    }
    return list;
}

Summary summary_of(std::span<const double> numbers) {
    Summary summary;
    double sum = 0;
    for (const double v : numbers) {
        if (std::isnan(v)) continue;
        ++summary.images;
        sum += v;
    }
    if (summary.images == 0) {
        summary.mean = summary.deviation = summary.low = summary.high = std::nan("");
        return summary;
    }
    const auto count = static_cast<double>(summary.images);
    summary.mean = sum / count;
    double squares = 0;
    for (const double v : numbers) squares += std::isnan(v) ? 0.0 : (v - summary.mean) * (v - summary.mean);
    summary.deviation = summary.images > 1 ? std::sqrt(squares / (count - 1)) : 0.0;
    constexpr double of_95_percent = 1.959963984540054;
    const double half = of_95_percent * summary.deviation / std::sqrt(count);
    summary.low = summary.mean - half;
    summary.high = summary.mean + half;
    return summary;
}

namespace {

const ParamCard* param_named(const Card& card, std::string_view name) {
    for (const ParamCard& param : card.params) {
        if (param.name == name) return &param;
    }
    return nullptr;
}

/// The metric's settings without `companion=next`, and whether that was among them.
std::pair<std::string, bool> without_companion(const std::string& params) {
    std::string rest;
    bool found = false;
    for (std::string_view left = params; !left.empty();) {
        const std::size_t comma = std::min(left.find(','), left.size());
        const std::string_view part = left.substr(0, comma);
        left.remove_prefix(std::min(comma + 1, left.size()));
        if (part == "companion=next") {
            found = true;
        } else {
            rest += (rest.empty() ? "" : ",") + std::string(part);
        }
    }
    return {rest, found};
}

const Method& metric_of(const std::string& id) {
    const Method& metric = find_method(id);
    if (metric.card.subject != SubjectKind::attribution || param_named(metric.card, "method") == nullptr) {
        std::vector<std::string_view> metrics;
        for (const Method& each : all_methods()) {
            if (each.card.subject == SubjectKind::attribution && param_named(each.card, "method") != nullptr)
                metrics.push_back(each.card.id);
        }
        fail(ErrorCode::bad_argument, "{} does not judge maps; there are {}", id, comma_separated(metrics));
    }
    return metric;
}

}  // namespace

JudgePlan::JudgePlan(Explainer& explainer, JudgeOptions options, JudgedImages images)
    : options_(std::move(options)), images_(std::move(images)), target_(Target::parse(options_.target)) {
    if (images_.count == 0) fail(ErrorCode::bad_argument, "there are no images to judge on");
    for (const Setting& setting : options_.metrics) {
        const Method& metric = metric_of(setting.id);
        (void)parse_settings(metric.card, without_companion(setting.params).first);
    }
    for (const Setting& setting : options_.methods)
        (void)methods::Lens("judge", LensParams{.method = setting.id, .settings = setting.params, .attribution = {}});
    const Tensor first = images_.read(0, 1);
    for (std::size_t m = 0; m < options_.methods.size(); ++m) {
        std::shared_ptr<const Tensor> maps;
        std::string why_not;
        try {
            maps = maps_of(explainer, m, first);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::cancelled || error.code() == ErrorCode::exhausted) throw;
            why_not = error.what();
        }
        for (std::size_t k = 0; k < options_.metrics.size(); ++k) {
            try {
                if (!maps) throw Error(ErrorCode::unsupported, why_not);
                const auto outputs = ask(explainer, m, k, first, 0, maps);
                pairs_.push_back({m, k, columns_.size(), outputs.size()});
                const Card& card = find_method(options_.metrics[k].id).card;
                for (const auto& [name, numbers] : outputs)
                    columns_.push_back({m, k, name, std::string(find_output(card, name)->unit)});
            } catch (const Error& error) {
                if (error.code() == ErrorCode::cancelled || error.code() == ErrorCode::exhausted) throw;
                left_out_.push_back({options_.methods[m].text(), options_.metrics[k].text(), error.what()});
            }
        }
    }
    if (columns_.empty()) {
        fail(ErrorCode::bad_argument,
             "none of these metrics can judge any of these methods on this network; {} by {}: {}",
             left_out_.front().method, left_out_.front().metric, left_out_.front().why);
    }
}

std::shared_ptr<const Tensor> JudgePlan::maps_of(Explainer& explainer, std::size_t method, const Tensor& images) const {
    const Setting& setting = options_.methods[method];
    const Method& found = find_method(setting.id);
    return std::make_shared<const Tensor>(
        explain(found, {explainer, images, target_, parse_settings(found.card, setting.params)}).map());
}

std::shared_ptr<const Tensor> JudgePlan::companions(Explainer& explainer, const Tensor& images,
                                                    std::size_t first) const {
    // The next image, round the end, that is taken for something else.
    constexpr std::size_t farthest = 32;
    Tensor chosen(images.shape());
    const std::vector<std::size_t> own = argmax(predict_logits(explainer.network(), images));
    for (std::size_t n = 0; n < images.shape()[0]; ++n) {
        for (std::size_t step = 1; step <= farthest; ++step) {
            const Tensor next = images_.read((first + n + step) % images_.count, 1);
            std::ranges::copy(elements(next), sample(chosen, n).begin());
            if (argmax(predict_logits(explainer.network(), next))[0] != own[n]) break;
        }
    }
    return std::make_shared<const Tensor>(std::move(chosen));
}

std::vector<std::pair<std::string, std::vector<double>>> JudgePlan::ask(
    Explainer& explainer, std::size_t method, std::size_t metric, const Tensor& images, std::size_t first,
    const std::shared_ptr<const Tensor>& maps) const {
    const Setting& lens = options_.methods[method];
    const Method& judge = find_method(options_.metrics[metric].id);
    const auto [settings, companion] = without_companion(options_.metrics[metric].params);
    Params params = parse_settings(judge.card, settings);
    params.set("method", ParamValue(lens.id));
    params.set("method_params", ParamValue(lens.params));
    if (companion) {
        params.set("companion", ParamValue(companions(explainer, images, first)));
    } else if (param_named(judge.card, "attribution") != nullptr) {
        params.set("attribution", ParamValue(maps));
    }
    const Result result = explain(judge, {explainer, images, target_, params});
    std::vector<std::pair<std::string, std::vector<double>>> numbers;
    for (const auto& [name, item] : result.items) {
        if (const auto* scalar = std::get_if<Scalar>(&item)) numbers.emplace_back(name, scalar->per_sample);
    }
    return numbers;
}

Numbers JudgePlan::compute(Explainer& explainer, std::size_t chunk) const {
    const std::size_t first = chunk * images_per_chunk, count = std::min(images_per_chunk, images_.count - first);
    const Tensor images = images_.read(first, count);
    Numbers numbers(count * columns_.size(), std::numeric_limits<double>::quiet_NaN());
    std::size_t of_method = options_.methods.size();
    std::shared_ptr<const Tensor> maps;
    for (const Pair& pair : pairs_) {
        if (pair.method != of_method) maps = maps_of(explainer, pair.method, images);
        of_method = pair.method;
        const auto outputs = ask(explainer, pair.method, pair.metric, images, first, maps);
        for (std::size_t i = 0; i < std::min(outputs.size(), pair.columns); ++i) {
            for (std::size_t n = 0; n < count; ++n)
                numbers[n * columns_.size() + pair.first_column + i] = outputs[i].second[n];
        }
    }
    return numbers;
}

std::string JudgePlan::description() const {
    Json methods = Json::array(), metrics = Json::array(), columns = Json::array(), left_out = Json::array();
    for (const Setting& setting : options_.methods) methods.push_back(setting.text());
    for (const Setting& setting : options_.metrics) metrics.push_back(setting.text());
    for (const Column& column : columns_) columns.push_back({column.method, column.metric, column.output, column.unit});
    for (const LeftOut& pair : left_out_)
        left_out.push_back({{"method", pair.method}, {"metric", pair.metric}, {"why", pair.why}});
    const Json json{{"study", "judge"},
                    {"model", options_.model},
                    {"model_sha256", options_.model_sha256},
                    {"input_range", options_.range},
                    {"data", images_.name},
                    {"data_sha256", images_.sha256},
                    {"images", images_.count},
                    {"target", options_.target},
                    {"methods", methods},
                    {"metrics", metrics},
                    {"left_out", left_out},
                    {"columns", columns}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

namespace {

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

std::string league(const Finished& study) {
    Json json = Json::parse(study.description, nullptr, false);
    if (!json.is_object() || json.value("study", "") != "judge")
        fail(ErrorCode::bad_argument, "these are chunks of another command's study, and not of judge");
    const Json columns = json["columns"];
    json.erase("columns");
    const std::size_t width = columns.size(), images = json["images"];
    std::vector<std::vector<double>> numbers(width);
    for (std::size_t chunk = 0; chunk < study.chunks; ++chunk) {
        const Numbers& rows = study.numbers.at(chunk);
        if (rows.size() % width != 0)
            fail(ErrorCode::bad_file, "chunk {} has {} numbers, in rows of {}", chunk, rows.size(), width);
        for (std::size_t i = 0; i < rows.size(); ++i) numbers[i % width].push_back(rows[i]);
    }
    if (numbers[0].size() != images)
        fail(ErrorCode::bad_file, "there are {} rows of {} images", numbers[0].size(), images);
    Json table = Json::object();
    for (std::size_t c = 0; c < width; ++c) {
        const Json& column = columns[c];
        const Summary summary = summary_of(numbers[c]);
        const std::string method = json["methods"][column[0].get<std::size_t>()];
        const std::string metric = json["metrics"][column[1].get<std::size_t>()];
        table[method][metric][column[2].get<std::string>()] = {{"mean", number_or_null(summary.mean)},
                                                               {"low", number_or_null(summary.low)},
                                                               {"high", number_or_null(summary.high)},
                                                               {"deviation", number_or_null(summary.deviation)},
                                                               {"images", summary.images},
                                                               {"unit", column[3]}};
    }
    json["league"] = std::move(table);
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pellucid::study
