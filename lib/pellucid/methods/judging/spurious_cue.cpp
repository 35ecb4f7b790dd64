/// spurious_cue: how much of a map lies on a mark that has nothing to do with the digit? Lapuschkin et al. 2019.
///
///   share = Σ_{mark} |map| / Σ |map|;  top_share: of the |mark| most relevant pixels, how many lie on it
/// The mark is a full rectangle, "top,left,height,width"; the default is where recipes with a mark put theirs
/// (data/cues.hpp). It is drawn on the input first, unless `draw` says that it is there already; effect = f_t(with it)
/// − f_t(without it). Shares are NaN where nothing is relevant.
/// Shapes: one number per sample each. Cost: the map.
#include "pellucid/methods/judging/lens.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/range.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace pellucid::methods {

namespace {

struct CueParams {
    LensParams lens;
    std::string mark = "1,1,3,3";
    bool draw = true;
};

void describe(Fields& f, CueParams& p) {
    describe_lens(f, p.lens);
    f.text("mark", p.mark, "the mark's rectangle in pixels, top,left,height,width");
    f.flag("draw", p.draw, "put the mark on the drawing first");
}

struct MarkedArea {
    std::size_t top, left, height, width;
};

MarkedArea mark_of(const Network& network, const std::string& text) {
    std::array<std::size_t, 4> numbers{};
    const char* at = text.data();
    const char* end = at + text.size();
    bool right = true;
    for (std::size_t i = 0; i < numbers.size() && right; ++i) {
        const auto [next, error] = std::from_chars(at, end, numbers[i]);
        right = error == std::errc{} && (i + 1 == numbers.size() ? next == end : next != end && *next == ',');
        at = right && i + 1 < numbers.size() ? next + 1 : next;
    }
    const Shape& shape = network.input_shape();
    const auto [top, left, height, width] = numbers;
    if (!right || height == 0 || width == 0 || top >= shape[1] || left >= shape[2] || height > shape[1] - top ||
        width > shape[2] - left) {
        fail(ErrorCode::bad_argument,
             "spurious_cue: '{}' is no rectangle within {} × {} pixels; top,left,height,width is, as in 0,0,3,3", text,
             shape[1], shape[2]);
    }
    return {top, left, height, width};
}

Tensor with_mark(const Request& request, const MarkedArea& mark) {
    const Tensor ink = filled_within(request.input.shape(), input_range(request.explainer.network()), 1.0F);
    Tensor marked = request.input;
    for (std::size_t n = 0; n < marked.shape()[0]; ++n) {
        for (std::size_t y = mark.top; y < mark.top + mark.height; ++y) {
            const std::size_t channels = marked.shape()[3];
            std::copy_n(&ink(n, y, mark.left, 0), mark.width * channels, &marked(n, y, mark.left, 0));
        }
    }
    return marked;
}

Result run_cue(const Request& request, const CueParams& p) {
    const Lens lens("spurious_cue", p.lens);
    const MarkedArea mark = mark_of(request.explainer.network(), p.mark);
    const SettledTargets settled = settle_targets(request, request.explainer.plain());
    const Tensor marked = p.draw ? with_mark(request, mark) : request.input;
    const Tensor maps = lens.ask(request.explainer, marked, settled.targets);
    const std::size_t width = maps.shape()[2], area = mark.height * mark.width;
    const auto on_mark = [&](std::size_t i) {
        const std::size_t y = i / width, x = i % width;
        return y >= mark.top && y < mark.top + mark.height && x >= mark.left && x < mark.left + mark.width;
    };
    Scalar share, top_share, effect;
    for (std::size_t n = 0; n < maps.shape()[0]; ++n) {
        std::vector<double> relevance = by_pixel(maps, n);
        for (double& r : relevance) r = std::abs(r);
        double on = 0, all = 0;
        for (std::size_t i = 0; i < relevance.size(); ++i) {
            all += relevance[i];
            on += on_mark(i) ? relevance[i] : 0.0;
        }
        std::size_t among = 0;
        const std::vector<std::uint32_t> order = ranked(relevance);
        for (std::size_t i = 0; i < area; ++i) among += on_mark(order[i]) ? 1 : 0;
        const bool any = all > 0;
        effect.per_sample.push_back(request.explainer.plain().values(batch_slice(marked, n, 1), settled.targets[n])[0] -
                                    settled.values[n]);
        share.per_sample.push_back(any ? on / all : std::nan(""));
        top_share.per_sample.push_back(any ? static_cast<double>(among) / static_cast<double>(area) : std::nan(""));
    }
    Result result;
    result.value = settled.values;
    result.add("share", std::move(share));
    result.add("top_share", std::move(top_share));
    result.add("effect", std::move(effect));
    return result;
}

}  // namespace

Method spurious_cue() {
    return define<CueParams, run_cue>(
        {.id = "spurious_cue",
         .family = "judging",
         .title = "Clever Hans",
         .question = "Does the map give away that the network looks at a mark instead of the digit?",
         .formula = R"(\frac{\sum_{i\in M}|R_i|}{\sum_i |R_i|})",
         .reference = {"Lapuschkin, Wäldchen, Binder, Montavon, Samek, Müller",
                       "Unmasking Clever Hans predictors and assessing what machines really learn", 2019,
                       "Nature Communications"},
         .targets = any_target(),
         .outputs = {judging_output("share", "share", Better::more, "how much of the map's magnitude lies on the mark"),
                     judging_output("top_share", "share", Better::more,
                                    "how many of the most relevant pixels lie on the mark"),
                     scalar_output("effect", "score",
                                   "what the mark adds to the target: what the network makes of it")},
         .caveat = "It needs to be told where the mark is; spray finds it without.",
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
