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

Tensor start_codes(const Network& generator, std::size_t samples, std::size_t starts, double scale,
                   std::uint32_t seed) {
    Tensor codes(with_batch(generator.input_shape(), samples * starts));
    for (std::size_t k = 0; k < starts; ++k) {
        for (std::size_t n = 0; n < samples; ++n) {
            Random random = stream(seed, Purpose::code, 0, k);
            for (float& z : sample(codes, n * starts + k)) z = static_cast<float>(scale) * random.normal();
        }
    }
    return codes;
}

Output code_output() {
    return {.name = "code", .kind = ItemKind::scores, .help = "the generator's code of the picture"};
}

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
