#include "pellucid/methods/adversarial/boundary_walk.hpp"

#include "pellucid/gather.hpp"
#include "pellucid/ops.hpp"
#include "pellucid/order.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pellucid::methods {

namespace {

/// ‖g‖₂ where changes are measured in L2, ‖g‖₁ where in L∞: what a change of length 1 does at most.
double dual_length(std::span<const float> g, Norm norm) {
    return norm == Norm::l2 ? ops::length(g) : ops::sum_of_absolutes(g);
}

}  // namespace

BoundaryWalk::BoundaryWalk(Victim& victim, const Tensor& original, const Attacked& attacked, const BoundaryHow& how)
    : victim_(victim),
      original_(original),
      attacked_(attacked),
      how_(how),
      box_(box_around(original_, victim.network())),
      place_(original),
      change_(zeros(original.shape())),
      open_(original.shape()[0]) {
    std::iota(open_.begin(), open_.end(), std::size_t{0});
}

std::vector<std::size_t> BoundaryWalk::candidates(std::span<const float> z, std::size_t label) const {
    if (attacked_.targeted) return {label};
    std::vector<std::size_t> others;
    for (std::size_t k = 0; k < victim_.answers(); ++k) {
        if (k != label) others.push_back(k);
    }
    sort_places(others, [&](std::size_t a, std::size_t b) { return victim_.score(z, a) > victim_.score(z, b); });
    if (how_.classes > 0 && others.size() > how_.classes) others.resize(how_.classes);
    return others;
}

bool BoundaryWalk::step() {
    if (open_.empty()) return false;
    const bool first = candidates_.empty();
    Tensor some = gather(place_, open_);
    Tensor z = victim_.logits(some);
    std::vector<std::size_t> still, rows;
    for (std::size_t i = 0; i < open_.size(); ++i) {
        if (first) candidates_.push_back(candidates(sample(z, i), attacked_.labels[open_[i]]));
        if (victim_.fooled(sample(z, i), attacked_.labels[open_[i]], attacked_.targeted)) continue;
        still.push_back(open_[i]);
        rows.push_back(i);
    }
    // Where many have left, the passes go on without them; few cost less than another forward pass of all.
    if (4 * still.size() < 3 * open_.size() && !still.empty()) {
        some = gather(some, rows);
        z = victim_.logits(some);
        std::iota(rows.begin(), rows.end(), std::size_t{0});
        rows.resize(still.size());
    }
    open_ = still;
    if (open_.empty()) return false;
    reshape_to(seed_, z.shape());
    std::vector<Nearest> nearest(open_.size());
    std::size_t ranks = 0;
    for (const std::size_t n : open_) ranks = std::max(ranks, candidates_[n].size());
    for (std::size_t rank = 0; rank < ranks; ++rank) look_at(rank, z, rows, nearest);
    for (std::size_t i = 0; i < open_.size(); ++i) {
        if (first) check_gradient(nearest[i].gradient, open_[i]);
        move(open_[i], nearest[i]);
    }
    return true;
}

void BoundaryWalk::look_at(std::size_t rank, const Tensor& z, std::span<const std::size_t> rows,
                           std::vector<Nearest>& nearest) {
    std::fill_n(seed_.data(), seed_.size(), 0.0F);
    // From what the sample is taken for now to the candidate. Targeted: not the label, but what is in the way of it.
    const auto from = [&](std::size_t i) {
        return attacked_.targeted ? victim_.answer(sample(z, rows[i])) : attacked_.labels[open_[i]];
    };
    for (std::size_t i = 0; i < open_.size(); ++i) {
        const auto& candidates = candidates_[open_[i]];
        if (rank >= candidates.size()) continue;
        victim_.add_score(candidates[rank], 1.0F, sample(seed_, rows[i]));
        victim_.add_score(from(i), -1.0F, sample(seed_, rows[i]));
    }
    const Tensor& gradient = victim_.gradient(seed_);
    for (std::size_t i = 0; i < open_.size(); ++i) {
        const auto& candidates = candidates_[open_[i]];
        if (rank >= candidates.size()) continue;
        const auto row = sample(z, rows[i]), g = sample(gradient, rows[i]);
        const double lacking = std::abs(victim_.score(row, candidates[rank]) - victim_.score(row, from(i)));
        const double distance = lacking / (dual_length(g, how_.norm) + 1e-8);
        if (rank > 0 && distance >= nearest[i].distance) continue;
        nearest[i] = {distance, {g.begin(), g.end()}};
    }
}

void BoundaryWalk::move(std::size_t n, const Nearest& nearest) {
    const double length = dual_length(nearest.gradient, how_.norm);
    const auto scale = static_cast<float>((nearest.distance + 1e-4) / (how_.norm == Norm::l2 ? length + 1e-8 : 1.0));
    const auto change = sample(change_, n), place = sample(place_, n), from = sample(original_, n);
    const auto far = static_cast<float>(1 + how_.overshoot);
    for (std::size_t i = 0; i < place.size(); ++i) {
        const float g = nearest.gradient[i];
        const float sign = static_cast<float>(g > 0.0F) - static_cast<float>(g < 0.0F);
        change[i] += scale * (how_.norm == Norm::l2 ? g : sign);
        place[i] = box_.nearest(n * place.size() + i, from[i] + far * change[i]);
    }
}

}  // namespace pellucid::methods
