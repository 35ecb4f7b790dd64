#include "pellucid/nn/evidence.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace pellucid {

std::span<const std::string_view> evidence_names() {
    static constexpr std::array<std::string_view, 3> names = {"none", "relu", "softplus"};
    return names;
}

Evidence evidence_of(const Network& network) {
    const auto found = network.metadata.find(evidence_key);
    if (found == network.metadata.end()) return Evidence::none;
    const auto names = evidence_names();
    const auto name = std::find(names.begin(), names.end(), std::string_view(found->second));
    if (name == names.end())
        fail(ErrorCode::bad_file, "the metadata's {} is '{}'; it may be relu or softplus", evidence_key, found->second);
    const Shape& shape = network.shape(network.output());
    if (network.logits() != network.output() || shape[1] * shape[2] != 1 || shape[3] < 2) {
        fail(ErrorCode::bad_file,
             "the metadata's {} belongs to a network that ends in the logits of two classes or more", evidence_key);
    }
    return static_cast<Evidence>(name - names.begin());
}

double evidence_at(Evidence function, double z) {
    return std::max(z, 0.0) + (function == Evidence::softplus ? std::log1p(std::exp(-std::abs(z))) : 0.0);
}

double evidence_slope(Evidence function, double z) {
    if (function == Evidence::relu) return z > 0 ? 1 : 0;
    const double e = std::exp(-std::abs(z));
    return (z > 0 ? 1 : e) / (1 + e);
}

Dirichlet::Dirichlet(Evidence function, std::span<const float> logits) {
    for (const float z : logits) {
        alpha.push_back(evidence_at(function, static_cast<double>(z)) + 1);
        strength += alpha.back();
    }
}

}  // namespace pellucid
