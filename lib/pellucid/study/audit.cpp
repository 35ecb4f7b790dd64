#include "pellucid/study/audit.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/data/confident.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/predictor.hpp"
#include "pellucid/random.hpp"
#include "pellucid/train/trainer.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

namespace pellucid::study {

namespace {

using AuditJson = nlohmann::ordered_json;

LabelledImages without_fold(const LabelledImages& all, const std::vector<std::size_t>& fold, std::size_t out) {
    LabelledImages part;
    part.images.rows = all.images.rows;
    part.images.columns = all.images.columns;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (fold[i] == out) continue;
        const auto image = all.images.image(i);
        part.images.pixels.insert(part.images.pixels.end(), image.begin(), image.end());
        part.labels.push_back(all.labels[i]);
    }
    part.images.count = part.labels.size();
    return part;
}

void append_probabilities(const Network& network, Predictor& predictor, const Tensor& images, Numbers& to) {
    const Tensor& logits = predictor(images);
    for (std::size_t n = 0; n < logits.shape()[0]; ++n) {
        const std::vector<double> p = probabilities(network, sample(logits, n));
        to.insert(to.end(), p.begin(), p.end());
    }
}

}  // namespace

std::string_view audit_recipe() {
    return R"({
  "name": "audit",
  "title": "A small network for cross-validation",
  "data": {"train": "mnist"},
  "input": [28, 28, 1],
  "layers": [
    {"name": "conv1", "type": "conv", "channels": 12, "kernel": 5, "padding": 2},
    {"name": "relu1", "type": "relu"},
    {"name": "pool1", "type": "max_pool", "size": 2},
    {"name": "conv2", "type": "conv", "channels": 24, "kernel": 3, "padding": 1},
    {"name": "relu2", "type": "relu"},
    {"name": "pool2", "type": "max_pool", "size": 2},
    {"name": "flatten", "type": "flatten"},
    {"name": "dense1", "type": "dense", "units": 48},
    {"name": "relu3", "type": "relu"},
    {"name": "dropout", "type": "dropout", "rate": 0.2},
    {"name": "dense2", "type": "dense", "units": 10}
  ],
  "seed": 1,
  "epochs": 6,
  "batch": 128,
  "optimiser": {"type": "adam", "weight_decay": 0.01},
  "schedule": {"type": "cosine", "learning_rate": 0.003, "warm_up_epochs": 1},
  "ema": 0.99,
  "augmentation": {"rotation": 6, "scale": 0.06, "shear": 0.08, "translation": 0.7}
})";
}

std::vector<std::size_t> folds_of(std::size_t count, std::size_t folds, std::uint32_t seed) {
    std::vector<std::size_t> order(count), fold(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random random = stream(seed, Purpose::permutation);
    random.shuffle(order);
    for (std::size_t i = 0; i < count; ++i) fold[order[i]] = i % folds;
    return fold;
}

AuditPlan::AuditPlan(AuditOptions options, const LabelledImages& training, const LabelledImages& test)
    : options_(std::move(options)), training_(training), test_(test) {
    if (options_.folds < 2 || options_.folds > training.size()) {
        fail(ErrorCode::bad_argument,
             "{} folds of {} images: 2 at least are right, and at most as many as there are images", options_.folds,
             training.size());
    }
}

std::string AuditPlan::description() const {
    const AuditJson json{{"study", "audit"},
                         {"recipe", AuditJson::parse(train::to_json(options_.recipe))},
                         {"folds", options_.folds},
                         {"training_images", training_.size()},
                         {"test_images", test_.size()},
                         {"data_sha256", options_.data_sha256}};
    return json.dump();
}

Numbers AuditPlan::compute(std::size_t fold, const std::function<bool()>& stopped) const {
    constexpr std::size_t at_once = 256;
    const std::vector<std::size_t> of = folds_of(training_.size(), options_.folds, options_.recipe.training.seed);
    Numbers numbers;
    {
        const LabelledImages part = without_fold(training_, of, fold);
        train::Trainer trainer(options_.recipe, part);
        while (!trainer.progress().finished()) {
            if (stopped()) return numbers;
            trainer.step();
        }
        const Network network = trainer.snapshot();
        Predictor predictor(network);
        std::vector<std::size_t> left_out;
        for (std::size_t i = 0; i < of.size(); ++i) {
            if (of[i] == fold) left_out.push_back(i);
        }
        for (std::size_t first = 0; first < left_out.size() && !stopped(); first += at_once) {
            const std::size_t count = std::min(at_once, left_out.size() - first);
            append_probabilities(network, predictor,
                                 to_tensor(training_.images, std::span(left_out).subspan(first, count)), numbers);
        }
        for (std::size_t first = 0; first < test_.size() && !stopped(); first += at_once) {
            const std::size_t count = std::min(at_once, test_.size() - first);
            append_probabilities(network, predictor, to_tensor(test_.images, first, count), numbers);
        }
    }
    return numbers;
}

namespace {

AuditJson part_of_report(const std::vector<double>& table, std::size_t classes, const LabelledImages& data,
                         std::size_t most) {
    const std::vector<std::size_t> labels(data.labels.begin(), data.labels.end());
    const methods::LabelAudit audit = methods::audit_labels(table, classes, labels);
    const auto row = [&](std::size_t n) { return std::span(table).subspan(n * classes, classes); };
    const auto best = [&](std::size_t n) {
        return static_cast<std::size_t>(std::ranges::max_element(row(n)) - row(n).begin());
    };
    std::size_t right = 0;
    for (std::size_t n = 0; n < labels.size(); ++n) right += best(n) == labels[n] ? 1 : 0;
    const auto told = [&](const std::vector<std::size_t>& images) {
        AuditJson list = AuditJson::array();
        for (std::size_t i = 0; i < std::min(most, images.size()); ++i) {
            const std::size_t n = images[i];
            list.push_back({{"image", n},
                            {"label", labels[n]},
                            {"suggested", best(n)},
                            {"of_label", row(n)[labels[n]]},
                            {"of_suggested", row(n)[best(n)]}});
        }
        return list;
    };
    // Beyond what is suspicious: whatever is answered otherwise than it is labelled.
    std::vector<std::size_t> otherwise;
    for (std::size_t n = 0; n < labels.size(); ++n) {
        if (best(n) != labels[n]) otherwise.push_back(n);
    }
    std::ranges::stable_sort(otherwise,
                             [&](std::size_t a, std::size_t b) { return row(a)[labels[a]] < row(b)[labels[b]]; });
    AuditJson joint = AuditJson::array();
    for (std::size_t i = 0; i < classes; ++i) {
        joint.push_back(std::vector<double>(audit.joint.begin() + static_cast<std::ptrdiff_t>(i * classes),
                                            audit.joint.begin() + static_cast<std::ptrdiff_t>((i + 1) * classes)));
    }
    const auto count = static_cast<double>(labels.size());
    return {{"images", labels.size()},
            {"accuracy", static_cast<double>(right) / count},
            // What the networks would score if every suggestion were the truth: each then is one more right answer.
            {"accuracy_if_suggestions_hold", static_cast<double>(right + audit.issues.size()) / count},
            {"wrong_labels_estimated", audit.noise()},
            {"suspicious", audit.issues.size()},
            {"thresholds", audit.thresholds},
            {"joint", joint},
            {"issues", told(audit.issues)},
            {"least_probable", told(otherwise)}};
}

}  // namespace

std::string audit_report(const Finished& study, const LabelledImages& training, const LabelledImages& test,
                         std::size_t most) {
    const AuditJson plan = AuditJson::parse(study.description, nullptr, false);
    if (!plan.is_object() || plan.value("study", "") != "audit")
        fail(ErrorCode::bad_argument, "these are chunks of another command's study, and not of audit");
    if (plan["training_images"] != training.size() || plan["test_images"] != test.size())
        fail(ErrorCode::bad_argument, "these data are not those of the study: it has {} training images, not {}",
             plan["training_images"].get<std::size_t>(), training.size());
    const std::size_t folds = plan["folds"];
    const std::vector<std::size_t> of = folds_of(training.size(), folds, plan["recipe"]["seed"].get<std::uint32_t>());
    std::vector<std::size_t> sizes(folds, 0), next(folds, 0);
    for (const std::size_t fold : of) ++sizes[fold];
    const std::size_t classes = study.numbers.at(0).size() / (sizes[0] + test.size());
    std::vector<double> of_training, of_test(test.size() * classes, 0.0);
    for (std::size_t fold = 0; fold < folds; ++fold) {
        const Numbers& numbers = study.numbers.at(fold);
        if (numbers.size() != (sizes[fold] + test.size()) * classes)
            fail(ErrorCode::bad_file, "fold {} has {} numbers, and not one for each image and class", fold,
                 numbers.size());
        for (std::size_t i = 0; i < of_test.size(); ++i)
            of_test[i] += numbers[sizes[fold] * classes + i] / static_cast<double>(folds);
    }
    for (const std::size_t fold : of) {
        const auto at = study.numbers.at(fold).begin() + static_cast<std::ptrdiff_t>(classes * next[fold]++);
        of_training.insert(of_training.end(), at, at + static_cast<std::ptrdiff_t>(classes));
    }
    AuditJson json{{"recipe", plan["recipe"]["name"]}, {"folds", folds}, {"data_sha256", plan["data_sha256"]}};
    json["training"] = part_of_report(of_training, classes, training, most);
    json["test"] = part_of_report(of_test, classes, test, most);
    return json.dump(2);
}

}  // namespace pellucid::study
