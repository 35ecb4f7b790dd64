/// The part of `uncertainty` for networks with evidential output (nn/evidence.hpp): one pass says how sure it is.
///
/// What is explained is what the network knows: its belief altogether,
///   known = Σ_k b_k = 1 − u = E/(E + K),  E = Σ_k f(z_k) the evidence of K classes,
/// as an output of the network itself: behind the logits come the layers f, a Dense that takes the mean E/K, and the
/// activation Softsign, x/(1 + |x|), which makes known of it. So every lens explains it as it explains any unit:
/// - differences (gradient, its product with the input, occlusion, …) are those of −u: above 0 is what takes doubt
///   away;
/// - DeepLIFT's contributions sum to known(x) − known(x′) = u(x′) − u(x): how much of the doubt that the network has of
///   the baseline each pixel takes away, the uncertainty-aware DeepLIFT of a network that knows its own doubt;
/// - relevance (LRP) starts from known and follows the evidence, since each layer behind the logits grows with its
///   input.
#pragma once

#include "pellucid/methods/judging/lens.hpp"
#include "pellucid/nn/evidence.hpp"

#include <memory>

namespace pellucid::methods {

/// The network with the three layers behind it; its one output is known. It is no evidential network itself.
Network knowledge_network(const Network& network, Evidence function);

/// One pass: map, vacuity, value_mean and value_deviation (of the target's class: the mean and the deviation of its
/// probability under the Dirichlet distribution; NaN where the target names no class), expected.
std::unique_ptr<Run> start_evidential(const Request& request, const Lens& lens);

}  // namespace pellucid::methods
