/// What judging methods share: the lens, a method with its parameters whose maps are judged.
#pragma once

#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/method.hpp"

#include <string>
#include <vector>

namespace pellucid::methods {

/// The parameters `method` and `settings`, and, of judges that need no more than one map, `attribution`.
struct LensParams {
    std::string method = "lrp";
    std::string settings;
    std::shared_ptr<const Tensor> attribution;
};
/// Of judges that ask the method again, for other inputs or another network: there is no map to replay.
void describe_lens(Fields& f, LensParams& p);
/// Of judges of one map: it can be given instead.
void describe_judged(Fields& f, LensParams& p);

/// Parameters from text, "key=value,key=value"; a comma within rules of single layers separates these.
/// Throws Error(bad_argument) where a part is not key=value or does not fit the card.
Params parse_settings(const Card& card, std::string_view settings);

/// A method through which a network is looked at.
class Lens {
public:
    /// Throws Error(bad_argument) where there is no such method, where it gives no map of the input's pixels, or where
    /// its settings do not fit it. `judge`: who asks, for messages.
    Lens(std::string_view judge, const LensParams& p);

    const Card& card() const { return method_.card; }
    const Params& params() const { return params_; }

    /// The maps that are judged, (N, H, W, C) or (N, H, W, 1): those that were given, or what the method answers for
    /// the request's inputs. Throws Error(bad_shape) where given maps do not fit the inputs.
    Tensor judged(const Request& request) const;
    /// The map of sample `n` alone.
    Tensor judged(const Request& request, std::size_t n, const Target& target) const;

    /// What the method answers at one target for inputs that need not lie within the network's range.
    Tensor ask(Explainer& explainer, const Tensor& inputs, const Target& target) const;
    /// The same at a target for each input.
    Tensor ask(Explainer& explainer, const Tensor& inputs, const std::vector<Target>& targets) const;

    /// Hands on to the explainer of a changed network what the method needs beside the network, but for patterns, which
    /// belong to one network alone.
    void hand_on(const Explainer& from, Explainer& to) const;

    /// The maps that were given; null where there are none.
    const Tensor* given() const { return given_.get(); }

private:
    std::string judge_;
    const Method& method_;
    Params params_;
    std::shared_ptr<const Tensor> given_;
};

/// One map per input: the maps themselves, or the one that there is for all. Throws Error(bad_shape) where their rows,
/// columns or channels do not fit.
Tensor fitted_maps(const Tensor& maps, const Tensor& inputs, std::string_view judge);

/// The target whose number people would read off: a class's probability in place of its logit; others unchanged.
Target readable(Target target);

/// The relevance of every pixel: the sum over the channels of one sample of a map, (h·w).
std::vector<double> by_pixel(const Tensor& map, std::size_t n);

/// Places of pixels, the most relevant first; equals in reading order.
std::vector<std::uint32_t> ranked(const std::vector<double>& relevance);

}  // namespace pellucid::methods
