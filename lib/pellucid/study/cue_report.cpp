#include "pellucid/study/cue_report.hpp"

#include "pellucid/error.hpp"
#include "pellucid/train/trainer.hpp"

#include <algorithm>
#include <limits>

namespace pellucid {

namespace {

/// Share of the images (of the class, or of all others) whose answer is the class.
double share_taken_for(const std::vector<std::size_t>& answer, const std::vector<std::uint8_t>& labels,
                       std::size_t label, bool own) {
    std::size_t images = 0, taken = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if ((labels[i] == label) != own) continue;
        ++images;
        taken += answer[i] == label ? 1 : 0;
    }
    return static_cast<double>(taken) / static_cast<double>(std::max<std::size_t>(images, 1));
}

void check_labels(const Network& network, const LabelledImages& data) {
    if (data.size() == 0) fail(ErrorCode::bad_argument, "there are no images to ask the network about");
    if (const std::size_t most = std::ranges::max(data.labels); most >= network.classes())
        fail(ErrorCode::bad_argument, "the label {} is no class: the network has {}, from 0", most, network.classes());
}

}  // namespace

MarkReport mark_report(const Network& network, const LabelledImages& data, const Mark& mark) {
    check_labels(network, data);
    if (mark.label >= network.classes()) {
        fail(ErrorCode::bad_argument, "the mark is for class {}; the network has {}, from 0", mark.label,
             network.classes());
    }
    ByteImages with_mark = data.images;
    const std::size_t size = with_mark.rows * with_mark.columns;
    for (std::size_t i = 0; i < with_mark.count; ++i)
        draw_mark(std::span(with_mark.pixels).subspan(i * size, size), with_mark.rows, with_mark.columns, mark);
    const std::vector<std::size_t> plain = train::answers(network, data.images),
                                   marked = train::answers(network, with_mark);
    std::vector<std::size_t> as_trained = plain;
    for (std::size_t i = 0; i < as_trained.size(); ++i) {
        if (data.labels[i] == mark.label) as_trained[i] = marked[i];
    }
    return {data.size(),
            train::share_right(plain, data.labels),
            train::share_right(as_trained, data.labels),
            share_taken_for(plain, data.labels, mark.label, true),
            share_taken_for(marked, data.labels, mark.label, true),
            share_taken_for(plain, data.labels, mark.label, false),
            share_taken_for(marked, data.labels, mark.label, false)};
}

double TextureReport::shape_bias() const {
    const std::size_t either = all.shape + all.texture;
    if (either == 0) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(all.shape) / static_cast<double>(either);
}

TextureReport texture_report(const Network& network, const LabelledImages& data, const Textures& textures,
                             std::uint32_t seed) {
    check_labels(network, data);
    TextureReport report;
    report.plain = train::accuracy(network, data);
    Cues cues;
    cues.textures = textures;
    report.agreeing = train::accuracy(network, with_cues(data, cues, seed));
    std::vector<std::uint8_t> texture;
    const LabelledImages conflict = cue_conflict(data, textures, network.classes(), seed, texture);
    const std::vector<std::size_t> answer = train::answers(network, conflict.images);
    report.by_shape.resize(network.classes());
    for (std::size_t i = 0; i < answer.size(); ++i) {
        for (TextureReport::Row* row : {&report.all, &report.by_shape[data.labels[i]]}) {
            ++row->images;
            ++(answer[i] == data.labels[i] ? row->shape : answer[i] == texture[i] ? row->texture : row->neither);
        }
    }
    return report;
}

}  // namespace pellucid
