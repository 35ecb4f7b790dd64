/// Confident learning: which labels of a data set look wrong, from probabilities of models that did not see the labels.
/// Northcutt, Jiang, Chuang 2021.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pellucid::methods {

struct LabelAudit {
    std::size_t classes = 0;
    /// t_j: the mean probability of class j over the samples that are labelled j; above 1 where there are none.
    std::vector<double> thresholds;
    /// C[i·classes + j]: samples labelled i of which class j is confident: p_j ≥ t_j, of several such the most
    /// probable.
    std::vector<std::size_t> confident;
    /// The same scaled so that row i sums to the number of labels i: the estimate of how many of them are truly j.
    std::vector<double> joint;
    /// Samples that count beside the diagonal, and whose most probable class is another than the label; those with the
    /// least probability of their label first, equals in order.
    std::vector<std::size_t> issues;

    /// The share of labels that the joint takes for wrong.
    double noise() const;
};

/// `probabilities`: row by row a number per class. Throws Error(bad_argument) where the numbers do not fit, a label is
/// no class, or a probability lies outside of 0 … 1.
LabelAudit audit_labels(std::span<const double> probabilities, std::size_t classes,
                        std::span<const std::size_t> labels);

}  // namespace pellucid::methods
