#include "pellucid/methods/imagine/generator.hpp"

#include "pellucid/error.hpp"
#include "pellucid/gather.hpp"
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

Output code_output() { return scores_output("code", "", "the generator's code of the picture"); }

Scores code_scores(const Tensor& code) {
    Scores scores{{}, Tensor(Shape{code.shape()[0], 1, 1, sample_size(code)})};
    for (std::size_t i = 0; i < sample_size(code); ++i) scores.groups.push_back(fmt::format("z{}", i));
    std::copy_n(code.data(), code.size(), scores.values.data());
    return scores;
}

CodeDescent::CodeDescent(const Request& request, Tensor codes)
    : objective_(request.explainer.network()),
      code_(generator_of(request), std::move(codes), input_range(request.explainer.network())) {
    const std::size_t all = code_.code().shape()[0], samples = request.input.shape()[0];
    for (std::size_t i = 0; i < all; ++i) owners_.push_back(i * samples / all);
}

void CodeDescent::look(double price, const Tensor* to) {
    sums_ = objective_(code_.image(), gradient_);
    code_.pull(gradient_);
    prices_.clear();
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        const auto goal = to == nullptr ? optimise::Numbers() : sample(*to, owners_[i]);
        prices_.push_back(price *
                          optimise::squared_distance(sample(codes(), i), goal, price, sample(code_.gradient(), i)));
        sums_[i] += prices_[i];
    }
}

std::vector<double> CodeDescent::step(float rate) {
    adam_.step(code_.slots(), rate);
    code_.moved();
    std::vector<double> smallest;
    for (const std::size_t i : best()) smallest.push_back(sums_[i]);
    return smallest;
}

std::vector<std::size_t> CodeDescent::best() const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < owners_.size(); ++i) {
        if (owners_[i] == places.size())
            places.push_back(i);
        else if (!sums_.empty() && sums_[i] < sums_[places.back()])
            places.back() = i;
    }
    return places;
}

Tensor CodeDescent::best_of(const Tensor& all) const { return gather(all, best()); }

}  // namespace pellucid::methods
