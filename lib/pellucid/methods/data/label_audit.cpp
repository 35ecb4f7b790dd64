/// label_audit: which labels of a data set look wrong? Confident learning, Northcutt, Jiang, Chuang 2021.
///
///   t_j = mean p_j over samples labelled j;  C[i][j] = samples labelled i with j = argmax over {k : p_k ≥ t_k} of p_k
/// What counts beside the diagonal, and is not predicted as labelled, is suspicious; the less probable its label, the
/// more. The probabilities must come from networks that did not see these labels: of the data's images by this network,
/// which is right for data that it was not trained on, or `probabilities`, as `pellucid audit` makes them by
/// cross-validation. The input plays no part. Shapes: issues one row per suspicious label. Cost: a forward pass per
/// image of the data.
#include "pellucid/methods/data/confident.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/nn/head.hpp"

namespace pellucid::methods {

namespace {

struct AuditParams {
    std::shared_ptr<const Tensor> probabilities, labels;
};

void describe(Fields& f, AuditParams& p) {
    f.image("probabilities", p.probabilities, "probabilities in place of this network's, (N, 1, 1, classes)").replay();
    f.image("labels", p.labels, "labels in place of the data's, (N, 1, 1, 1)").replay();
}

std::vector<double> probabilities_of_data(Explainer& explainer, const DataSet& data) {
    constexpr std::size_t at_once = 256;
    const Network& network = explainer.network();
    std::vector<double> all;
    for (std::size_t first = 0; first < data.size(); first += at_once) {
        const Tensor images = data.images(first, std::min(at_once, data.size() - first), input_range(network));
        const Tensor logits = predict_logits(network, images);
        for (std::size_t n = 0; n < logits.shape()[0]; ++n) {
            const std::vector<double> p = probabilities(network, sample(logits, n));
            all.insert(all.end(), p.begin(), p.end());
        }
    }
    return all;
}

std::vector<std::size_t> labels_of(const AuditParams& p, const DataSet& data) {
    if (p.labels == nullptr) {
        if (!data.labelled()) fail(ErrorCode::bad_argument, "label_audit needs labels, and these data have none");
        return data.labels();
    }
    std::vector<std::size_t> labels;
    for (const float label : elements(*p.labels)) {
        if (!(label >= 0.0F && label == std::floor(label) && label < 1e6F))
            fail(ErrorCode::bad_argument, "label_audit: {} is no label; a class's number is, from 0 on", label);
        labels.push_back(static_cast<std::size_t>(label));
    }
    return labels;
}

Result run_audit(const Request& request, const AuditParams& p) {
    const DataSet& data = request.with->data();
    const std::vector<std::size_t> labels = labels_of(p, data);
    std::vector<double> table;
    std::size_t classes = request.explainer.network().classes();
    if (p.probabilities) {
        const auto rows = elements(*p.probabilities);
        table.assign(rows.begin(), rows.end());
        classes = table.size() / labels.size();
    } else {
        table = probabilities_of_data(request.explainer, data);
    }
    const LabelAudit audit = audit_labels(table, classes, labels);
    Table issues{{"sample", "label", "suggested", "of_label", "of_suggested"}, {}};
    for (const std::size_t n : audit.issues) {
        const auto row = std::span(table).subspan(n * classes, classes);
        const auto best = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
        issues.rows.push_back({static_cast<double>(n), static_cast<double>(labels[n]), static_cast<double>(best),
                               row[labels[n]], row[best]});
    }
    Table joint;
    for (std::size_t j = 0; j < classes; ++j) joint.columns.push_back(fmt::format("{}", j));
    for (std::size_t i = 0; i < classes; ++i) {
        joint.rows.emplace_back(audit.joint.begin() + static_cast<std::ptrdiff_t>(i * classes),
                                audit.joint.begin() + static_cast<std::ptrdiff_t>((i + 1) * classes));
    }
    Result result;
    result.value = settle_targets(request, request.explainer.plain()).values;
    result.add("issues", std::move(issues));
    result.add("joint", std::move(joint));
    return result;
}

}  // namespace

Method label_audit() {
    return define<AuditParams, run_audit>(
        {.id = "label_audit",
         .family = "data",
         .title = "Suspicious labels",
         .question = "Which labels of the data look wrong?",
         .formula = R"(C_{ij} = \big|\{x : \text{label } i,\ p_j(x)\ge t_j\}\big|,\quad t_j = \mathbb E[p_j \mid )"
                    R"(\text{label } j])",
         .reference = {"Northcutt, Jiang, Chuang", "Confident Learning: Estimating Uncertainty in Dataset Labels", 2021,
                       "Journal of Artificial Intelligence Research"},
         .targets = any_target(),
         .outputs = {table_output("issues", "", "suspicious labels, the least probable first"),
                     table_output("joint", "samples",
                                  "how many samples with the label of the row truly are of the column's class")},
         .caveat =
             "A suspicious label may be right and the drawing hard: people must look. A network that was trained on "
             "these labels has learned their mistakes.",
         .needs = {Role::data},
         .subject = SubjectKind::data,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
