#include "pellucid/methods/targets_run.hpp"

#include "pellucid/error.hpp"

namespace pellucid {

namespace {

class TargetsRun final : public Run {
public:
    TargetsRun(const Method& method, Request request) : method_(method), request_(std::move(request)) {
        if (request_.layerwise) {
            fail(ErrorCode::unsupported,
                 "the relevance of every layer is that of one pass: ask for one target, not for one of each input");
        }
        next();
    }

    std::size_t most() const override {
        if (group_ == nullptr) return done();
        // Those that follow are taken to need as much, sample by sample, as the group that runs.
        const std::size_t left = request_.targets.size() - end_, here = end_ - first_;
        return done() - group_->done() + group_->most() + left * ((group_->most() + here - 1) / here);
    }
    bool finished() const override { return group_ == nullptr; }

    Result snapshot() override {
        std::vector<Result> portions = answered_;
        if (group_ != nullptr && (group_->done() > 0 || portions.empty())) portions.push_back(group_->snapshot());
        return joined(std::move(portions));
    }

protected:
    void advance(std::size_t) override {
        group_->step();
        if (group_->finished()) next();
    }

private:
    /// Keeps what the group has answered, and starts the next one that has something to do.
    void next() {
        while (group_ == nullptr || group_->finished()) {
            if (group_ != nullptr) answered_.push_back(group_->snapshot());
            group_.reset();
            first_ = end_;
            if (first_ == request_.targets.size()) return;
            Request part = request_;
            part.target = request_.targets[first_];
            part.targets.clear();
            const std::string text = part.target.text();
            while (end_ < request_.targets.size() && request_.targets[end_].text() == text) ++end_;
            part.input = batch_slice(request_.input, first_, end_ - first_);
            part.params = request_.params.of_samples(request_.targets.size(), first_, end_ - first_);
            group_ = method_.start(std::move(part));
        }
    }

    const Method& method_;
    Request request_;
    std::size_t first_ = 0, end_ = 0;  ///< the samples of the group
    std::unique_ptr<Run> group_;       ///< null: all are answered
    std::vector<Result> answered_;
};

}  // namespace

std::unique_ptr<Run> run_by_targets(const Method& method, Request request) {
    return std::make_unique<TargetsRun>(method, std::move(request));
}

}  // namespace pellucid
