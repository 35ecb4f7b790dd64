#include "pellucid/methods/data/confident.hpp"

#include "pellucid/error.hpp"
#include "pellucid/order.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

/// As cleanlab has it: what is this near below a threshold is taken for above it.
constexpr double threshold_slack = 1e-6;
constexpr double beyond_all = 2.0;

void check_table(std::span<const double> probabilities, std::size_t classes, std::span<const std::size_t> labels) {
    if (classes < 2 || labels.empty() || probabilities.size() != labels.size() * classes) {
        fail(ErrorCode::bad_argument,
             "{} probabilities of {} classes do not fit {} labels: a row for each label is right, with a number for "
             "each class",
             probabilities.size(), classes, labels.size());
    }
    for (std::size_t n = 0; n < labels.size(); ++n) {
        if (labels[n] >= classes)
            fail(ErrorCode::bad_argument, "the label {} of sample {} is no class; there are {}, from 0 on", labels[n],
                 n, classes);
    }
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        if (!(probabilities[i] >= -1e-6 && probabilities[i] <= 1 + 1e-6)) {
            fail(ErrorCode::bad_argument, "the probability {} of sample {} for class {} does not lie in 0 … 1",
                 probabilities[i], i / classes, i % classes);
        }
    }
}

}  // namespace

double LabelAudit::noise() const {
    double off = 0, all = 0;
    for (std::size_t i = 0; i < joint.size(); ++i) {
        all += joint[i];
        off += i / classes == i % classes ? 0.0 : joint[i];
    }
    return all > 0 ? off / all : 0.0;
}

LabelAudit audit_labels(std::span<const double> probabilities, std::size_t classes,
                        std::span<const std::size_t> labels) {
    check_table(probabilities, classes, labels);
    const auto row = [&](std::size_t n) { return probabilities.subspan(n * classes, classes); };
    LabelAudit audit;
    audit.classes = classes;
    std::vector<std::size_t> counts(classes, 0);
    audit.thresholds.assign(classes, 0.0);
    for (std::size_t n = 0; n < labels.size(); ++n) {
        ++counts[labels[n]];
        audit.thresholds[labels[n]] += row(n)[labels[n]];
    }
    for (std::size_t j = 0; j < classes; ++j) {
        audit.thresholds[j] = counts[j] == 0 ? beyond_all : audit.thresholds[j] / static_cast<double>(counts[j]);
    }
    audit.confident.assign(classes * classes, 0);
    for (std::size_t n = 0; n < labels.size(); ++n) {
        std::size_t sure = classes;
        for (std::size_t j = 0; j < classes; ++j) {
            const bool above = row(n)[j] >= audit.thresholds[j] - threshold_slack;
            if (above && (sure == classes || row(n)[j] > row(n)[sure])) sure = j;
        }
        if (sure == classes) continue;
        ++audit.confident[labels[n] * classes + sure];
        const bool predicted_otherwise = *std::ranges::max_element(row(n)) > row(n)[labels[n]];
        if (sure != labels[n] && predicted_otherwise) audit.issues.push_back(n);
    }
    sort_places(audit.issues, [&](std::size_t a, std::size_t b) { return row(a)[labels[a]] < row(b)[labels[b]]; });
    audit.joint.assign(classes * classes, 0.0);
    for (std::size_t i = 0; i < classes; ++i) {
        std::size_t sum = 0;
        for (std::size_t j = 0; j < classes; ++j) sum += audit.confident[i * classes + j];
        for (std::size_t j = 0; j < classes && sum > 0; ++j) {
            audit.joint[i * classes + j] = static_cast<double>(audit.confident[i * classes + j]) *
                                           static_cast<double>(counts[i]) / static_cast<double>(sum);
        }
    }
    return audit;
}

}  // namespace pellucid::methods
