#include "pellucid/error.hpp"
#include "pellucid/methods/imagine/features.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

ValueId layer_value(const Request& request, const std::string& layer) {
    const Network& network = request.explainer.network();
    return layer.empty() ? target_value(request.target, network) : network.find(layer);
}

Tensor features_of(const Request& request, ValueId value) {
    const Network& network = request.explainer.network();
    const Tensor features = request.explainer.plain().trace(request.input).values[value];
    for (std::size_t n = 0; n < features.shape()[0]; ++n) {
        if (ops::sum_of_squares(sample(features, n)) > 0) continue;
        fail(ErrorCode::bad_argument,
             "the layer '{}' is 0 everywhere for input {}: there is nothing to make a picture from; take another layer",
             network.name(value), n);
    }
    return features;
}

optimise::Term feature_term(ValueId value, Tensor features, double weight) {
    std::vector<double> inverse;
    for (std::size_t n = 0; n < features.shape()[0]; ++n)
        inverse.push_back(1 / ops::sum_of_squares(sample(features, n)));
    return {value, weight,
            [features = std::move(features), inverse = std::move(inverse)](std::size_t n, optimise::Numbers numbers,
                                                                           double scale, std::span<float> gradient) {
                return inverse[n] *
                       optimise::squared_distance(numbers, sample(features, n), scale * inverse[n], gradient);
            }};
}

std::vector<Output> error_outputs() {
    return {scalar_output("feature_error", "share", "what the layer tells apart: ‖φ(x) − φ(x₀)‖ / ‖φ(x₀)‖"),
            scalar_output("picture_error", "share", "how far the picture is from the drawing: ‖x − x₀‖ / ‖x₀‖")};
}

void add_errors(Result& result, const Request& request, const Tensor& pictures, ValueId value, const Tensor& features) {
    const Tensor& now = request.explainer.plain().forward(pictures).values[value];
    result.add("feature_error", relative_differences(now, features));
    result.add("picture_error", relative_differences(pictures, request.input));
}

}  // namespace pellucid::methods
