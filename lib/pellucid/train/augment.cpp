#include "pellucid/train/augment.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

namespace pellucid::train {

namespace {

// One ring of zeros around the image: one pixel for the dilation's reach, and a place where reads from outside land.
constexpr std::size_t frame = 2;

// Mean over a cell of the sum of a cubic B-spline's squared weights, per axis: makes `elastic` the field's deviation.
constexpr float spline_power = 151.0F / 315.0F;

void check_range(std::string_view name, float value, float low, float high) {
    if (!(value >= low && value <= high)) {
        fail(ErrorCode::bad_argument, "augmentation: {} is {}; it must be from {} to {}", name, value, low, high);
    }
}

}  // namespace

bool Augmentation::off() const {
    return rotation == 0.0F && scale == 0.0F && stretch == 0.0F && shear == 0.0F && translation == 0.0F &&
           elastic == 0.0F && thicken == 0.0F && thin == 0.0F;
}

void check(const Augmentation& augmentation) {
    check_range("rotation", augmentation.rotation, 0.0F, 180.0F);
    check_range("scale", augmentation.scale, 0.0F, 0.9F);
    check_range("stretch", augmentation.stretch, 0.0F, 0.9F);
    check_range("shear", augmentation.shear, 0.0F, 2.0F);
    check_range("translation", augmentation.translation, 0.0F, 1000.0F);
    check_range("elastic", augmentation.elastic, 0.0F, 1000.0F);
    check_range("elastic_grid", augmentation.elastic_grid, 2.0F, 1000.0F);
    check_range("thicken", augmentation.thicken, 0.0F, 2.0F);
    check_range("thin", augmentation.thin, 0.0F, 1.0F);
}

Augmenter::Augmenter(const Augmentation& augmentation, std::size_t rows, std::size_t columns)
    : options_(augmentation), rows_(rows), columns_(columns), padded_columns_(columns + 2 * frame) {
    check(options_);
    source_.assign((rows + 2 * frame) * padded_columns_, 0.0F);
    scratch_ = source_;
    // Weights of the four control points around each row and each column.
    const auto make_taps = [&](std::size_t count, std::vector<Taps>& taps) {
        taps.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            const float place = static_cast<float>(i) / options_.elastic_grid;
            const float cell = std::floor(place);
            const float t = place - cell;
            const float u = 1.0F - t;
            taps[i] = {static_cast<std::size_t>(cell),
                       {u * u * u / 6.0F, (3.0F * t * t * t - 6.0F * t * t + 4.0F) / 6.0F,
                        (3.0F * u * u * u - 6.0F * u * u + 4.0F) / 6.0F, t * t * t / 6.0F}};
        }
        return taps.back().first + 4;
    };
    grid_rows_ = make_taps(rows, row_taps_);
    grid_columns_ = make_taps(columns, column_taps_);
    control_.assign(2 * grid_rows_ * grid_columns_, 0.0F);
    row_field_.assign(2 * grid_columns_, 0.0F);
}

void Augmenter::change_thickness(std::span<const float> in, Random& random) {
    for (std::size_t y = 0; y < rows_; ++y) {
        std::copy_n(in.data() + y * columns_, columns_, source_.data() + (y + frame) * padded_columns_ + frame);
    }
    if (options_.thicken == 0.0F && options_.thin == 0.0F) return;
    float amount = random.uniform(-options_.thin, options_.thicken);
    const bool dilate = amount > 0.0F;
    amount = std::abs(amount);
    while (amount > 0.0F) {
        const float mix = std::min(amount, 1.0F);
        amount -= mix;
        const std::size_t stride = padded_columns_;
        for (std::size_t y = frame; y < rows_ + frame; ++y) {
            const float* row = source_.data() + y * stride;
            float* out = scratch_.data() + y * stride;
            for (std::size_t x = frame; x < columns_ + frame; ++x) {
                const float here = row[x];
                const float sides[4] = {row[x - 1], row[x + 1], row[x - stride], row[x + stride]};
                const float extreme = dilate ? std::max({here, sides[0], sides[1], sides[2], sides[3]})
                                             : std::min({here, sides[0], sides[1], sides[2], sides[3]});
                out[x] = here + mix * (extreme - here);
            }
        }
        source_.swap(scratch_);
    }
}

void Augmenter::draw_field(Random& random) {
    const float deviation = options_.elastic / spline_power;
    for (float& value : control_) value = deviation * random.normal();
}

void Augmenter::apply(std::span<const float> in, std::span<float> out, Random& random) {
    if (options_.off()) {
        std::ranges::copy(in, out.begin());
        return;
    }
    change_thickness(in, random);
    const float angle = random.uniform(-options_.rotation, options_.rotation) * std::numbers::pi_v<float> / 180.0F;
    const float size = 1.0F + random.uniform(-options_.scale, options_.scale);
    const float aspect = std::sqrt(1.0F + random.uniform(-options_.stretch, options_.stretch));
    const float shear = random.uniform(-options_.shear, options_.shear);
    const float shift_x = random.uniform(-options_.translation, options_.translation);
    const float shift_y = random.uniform(-options_.translation, options_.translation);
    const bool elastic = options_.elastic > 0.0F;
    if (elastic) draw_field(random);

    // From a place in the result to its place in the source: undo the rotation, the shear, the scale.
    const float cosine = std::cos(angle);
    const float sine = std::sin(angle);
    const float to_x = 1.0F / (size * aspect);
    const float to_y = aspect / size;
    const float xx = to_x * (cosine + shear * sine);
    const float xy = to_x * (sine - shear * cosine);
    const float yx = -to_y * sine;
    const float yy = to_y * cosine;
    const float centre_x = 0.5F * static_cast<float>(columns_ - 1);
    const float centre_y = 0.5F * static_cast<float>(rows_ - 1);
    // Places are clamped into the frame of zeros, so that reads outside give 0 without a branch per pixel.
    const float offset = static_cast<float>(frame);
    const float last_x = static_cast<float>(columns_ + frame);
    const float last_y = static_cast<float>(rows_ + frame);
    const std::size_t stride = padded_columns_;
    const float* control_y = control_.data() + grid_rows_ * grid_columns_;

    for (std::size_t row = 0; row < rows_; ++row) {
        if (elastic) {
            const Taps& taps = row_taps_[row];
            for (std::size_t g = 0; g < grid_columns_; ++g) {
                float dx = 0.0F;
                float dy = 0.0F;
                for (std::size_t k = 0; k < 4; ++k) {
                    dx += taps.weight[k] * control_[(taps.first + k) * grid_columns_ + g];
                    dy += taps.weight[k] * control_y[(taps.first + k) * grid_columns_ + g];
                }
                row_field_[g] = dx;
                row_field_[grid_columns_ + g] = dy;
            }
        }
        const float from_y = static_cast<float>(row) - centre_y - shift_y;
        for (std::size_t column = 0; column < columns_; ++column) {
            const float from_x = static_cast<float>(column) - centre_x - shift_x;
            float x = xx * from_x + xy * from_y + centre_x;
            float y = yx * from_x + yy * from_y + centre_y;
            if (elastic) {
                const Taps& taps = column_taps_[column];
                const float* field = row_field_.data() + taps.first;
                for (std::size_t k = 0; k < 4; ++k) {
                    x += taps.weight[k] * field[k];
                    y += taps.weight[k] * field[grid_columns_ + k];
                }
            }
            x = std::clamp(x + offset, 0.0F, last_x);
            y = std::clamp(y + offset, 0.0F, last_y);
            const auto left = static_cast<std::size_t>(static_cast<int>(x));
            const auto top = static_cast<std::size_t>(static_cast<int>(y));
            const float right_part = x - static_cast<float>(static_cast<int>(x));
            const float lower_part = y - static_cast<float>(static_cast<int>(y));
            const float* place = source_.data() + top * stride + left;
            const float upper = place[0] + right_part * (place[1] - place[0]);
            const float lower = place[stride] + right_part * (place[stride + 1] - place[stride]);
            out[row * columns_ + column] = upper + lower_part * (lower - upper);
        }
    }
}

}  // namespace pellucid::train
