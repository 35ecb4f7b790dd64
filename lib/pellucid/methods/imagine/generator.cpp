#include "pellucid/methods/imagine/generator.hpp"

#include "pellucid/error.hpp"
#include "pellucid/random.hpp"

#include <algorithm>

namespace pellucid::methods {

const Network& generator_of(const Request& request) {
    const Network& generator = request.with->generator();
    const Shape &made = generator.shape(generator.output()), &read = request.explainer.network().input_shape();
    if (made != read) {
        fail(ErrorCode::bad_shape,
             "the generator makes pictures of shape {}, the network reads {}: they must be the same", to_string(made),
             to_string(read));
    }
    return generator;
}

CodeDrawings::CodeDrawings(const Request& request)
    : generator_(generator_of(request)), passes_(generator_), range_(input_range(request.explainer.network())) {}

const Tensor& CodeDrawings::operator()(const Tensor& codes) {
    drawn_ = passes_.forward(codes, generator_.output()).values[generator_.output()];
    scale_to_range(drawn_, range_);
    return drawn_;
}

Tensor normal_codes(const Network& generator, std::size_t first, std::size_t count, double scale, std::uint32_t seed,
                    std::size_t series) {
    Tensor codes(with_batch(generator.input_shape(), count));
    for (std::size_t k = 0; k < count; ++k) {
        Random random = stream(seed, Purpose::code, series, first + k);
        for (float& z : sample(codes, k)) z = static_cast<float>(scale) * random.normal();
    }
    return codes;
}

Tensor start_codes(const Network& generator, std::size_t samples, std::size_t starts, double scale,
                   std::uint32_t seed) {
    const Tensor own = normal_codes(generator, 0, starts, scale, seed);
    Tensor codes(with_batch(own.shape(), samples * starts));
    for (std::size_t n = 0; n < samples; ++n) std::copy_n(own.data(), own.size(), codes.data() + n * own.size());
    return codes;
}

void add_code_price(std::vector<double>& values, optimise::Code& code, double weight, const Tensor* to) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto goal = to == nullptr ? optimise::Numbers() : sample(*to, i * to->shape()[0] / values.size());
        values[i] += weight * optimise::squared_distance(sample(std::as_const(code.code()), i), goal, weight,
                                                         sample(code.gradient(), i));
    }
}

Output code_output() { return scores_output("code", "", "the generator's code of the picture"); }

Scores code_scores(const Tensor& code) {
    Scores scores{{}, Tensor(Shape{code.shape()[0], 1, 1, sample_size(code)})};
    for (std::size_t i = 0; i < sample_size(code); ++i) scores.groups.push_back(fmt::format("z{}", i));
    std::copy_n(code.data(), code.size(), scores.values.data());
    return scores;
}

CodeRun::CodeRun(const Request& request, const SynthesisParams& params, Tensor start)
    : SynthesisRun(request, params), code_(generator_of(request), std::move(start), range_), objective_(network()) {}

std::vector<double> CodeRun::move(std::size_t) {
    return descend(code_, objective_, [&](std::vector<double>& values) {
        for (std::size_t n = 0; n < values.size(); ++n)
            values[n] += code_term(n, sample(std::as_const(code_.code()), n), sample(code_.gradient(), n));
    });
}

}  // namespace pellucid::methods
