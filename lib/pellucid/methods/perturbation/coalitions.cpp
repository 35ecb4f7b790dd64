#include "pellucid/methods/perturbation/coalitions.hpp"

#include "pellucid/error.hpp"

namespace pellucid::methods {

namespace {

/// Files of (samples, players) arrive as one image; tensors of the library as samples.
std::size_t rows_of(const Tensor& rows, std::size_t players, std::string_view id, std::string_view param) {
    const Shape shape = rows.shape();
    const bool image = shape[0] == 1 && shape[2] == players && shape[3] == 1;
    const bool batch = sample_size(shape) == players;
    if (rows.size() == 0 || (!image && !batch)) {
        fail(ErrorCode::bad_shape, "{}: {} of shape {} do not fit {} groups; (samples, {}) do", id, param,
             to_string(shape), players, players);
    }
    return rows.size() / players;
}

}  // namespace

std::vector<Coalition> replayed_coalitions(const Tensor& rows, std::size_t players, std::string_view id) {
    std::vector<Coalition> coalitions(rows_of(rows, players, id, "coalitions"), Coalition(players));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const float shown = rows.data()[i];
        if (shown != 0.0F && shown != 1.0F) {
            fail(ErrorCode::bad_argument, "{}: coalition {} has {} for group {}; 1 shows a group, 0 hides it", id,
                 i / players, shown, i % players);
        }
        coalitions[i / players][i % players] = shown != 0.0F ? 1 : 0;
    }
    return coalitions;
}

std::vector<std::vector<std::size_t>> replayed_orders(const Tensor& rows, std::size_t players, std::string_view id) {
    std::vector<std::vector<std::size_t>> orders(rows_of(rows, players, id, "permutations"));
    for (std::size_t s = 0; s < orders.size(); ++s) {
        std::vector<bool> met(players);
        for (std::size_t i = 0; i < players; ++i) {
            const float number = rows.data()[s * players + i];
            const bool fits = number >= 0.0F && number < static_cast<float>(players) &&
                              number == static_cast<float>(static_cast<std::size_t>(number));
            if (!fits || met[static_cast<std::size_t>(number)]) {
                fail(ErrorCode::bad_argument,
                     "{}: permutation {} has {} at place {}; it must hold every number from 0 to {} once", id, s,
                     number, i, players - 1);
            }
            met[static_cast<std::size_t>(number)] = true;
            orders[s].push_back(static_cast<std::size_t>(number));
        }
    }
    return orders;
}

}  // namespace pellucid::methods
