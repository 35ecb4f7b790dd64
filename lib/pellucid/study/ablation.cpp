#include "pellucid/study/ablation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/study/features.hpp"

#include <algorithm>

namespace pellucid::study {

namespace {

constexpr std::string_view chance = "chance";

}  // namespace

std::string Removal::words() const {
    if (kind == Kind::nothing) return without;
    if (kind == Kind::feature) return std::string(find_feature(without).what);
    return fmt::format("the {:g} % of pixels first by {}", 100 * share, without);
}

Ablation::Ablation(Subject subject, const Network* ranks) : subject_(std::move(subject)), ranks_(ranks) {}

std::size_t Ablation::parts(const Removal& removal) const {
    const std::size_t batch = std::max<std::size_t>(subject_.options.batch, 1);
    const std::size_t steps = subject_.options.epochs * ((subject_.training.size() + batch - 1) / batch);
    const bool ranked = removal.kind == Removal::Kind::ranked;
    if (!ranked || removal.without == chance || removal.without == ranked_by_) return steps;
    const Method& method = find_method(removal.without);
    return steps + Ranking(method, *ranks_, subject_.training.images).parts() +
           Ranking(method, *ranks_, subject_.test.images).parts();
}

void Ablation::begin(const Removal& removal) {
    removal_ = removal;
    run_ = nullptr;
    accuracy_.reset();
    done_ = 0;
    parts_ = parts(removal);
    const ByteImages &training = subject_.training.images, &test = subject_.test.images;
    if (removal.kind != Removal::Kind::ranked || ranked_by_ == removal.without) return;
    ranked_by_ = removal.without;
    if (removal.without == chance) {
        of_training_ = Ranking::by_chance(training, subject_.options.seed);
        of_test_ = Ranking::by_chance(test, subject_.options.seed + 1);
    } else {
        const Method& method = find_method(removal.without);
        of_training_.emplace(method, *ranks_, training);
        of_test_.emplace(method, *ranks_, test);
    }
}

void Ablation::begin_training() {
    LabelledImages training = subject_.training;
    test_ = subject_.test;
    if (removal_.kind == Removal::Kind::feature) {
        const Feature& feature = find_feature(removal_.without);
        remove(feature, training.images);
        remove(feature, test_.images);
    }
    if (removal_.kind == Removal::Kind::ranked) {
        of_training_->remove_first(removal_.share, training.images);
        of_test_->remove_first(removal_.share, test_.images);
    }
    run_ = std::make_unique<train::TrainingRun>(Network(subject_.network), subject_.options, std::move(training), true);
}

bool Ablation::step() {
    if (accuracy_) return false;
    ++done_;
    const bool ranked = removal_.kind == Removal::Kind::ranked;
    if (ranked && (of_training_->step() || of_test_->step())) return true;
    if (run_ == nullptr) begin_training();
    run_->step();
    if (run_->finished()) {
        accuracy_ = train::accuracy(run_->network(), test_);
        run_ = nullptr;
    }
    return true;
}

double Ablation::progress() const {
    if (accuracy_) return 1;
    return static_cast<double>(std::min(done_, parts_)) / static_cast<double>(std::max<std::size_t>(parts_, 1));
}

LabelledImages first_of(const LabelledImages& data, std::size_t count) {
    if (count == 0 || count >= data.size()) return data;
    LabelledImages part = data;
    part.images.count = count;
    part.images.pixels.resize(count * data.images.rows * data.images.columns);
    part.labels.resize(count);
    return part;
}

}  // namespace pellucid::study
