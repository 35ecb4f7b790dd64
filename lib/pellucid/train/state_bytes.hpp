/// A training's state as bytes, numbers little-endian as all our targets store them.
#pragma once

#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"
#include "pellucid/tensor.hpp"
#include "pellucid/train/bounded.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace pellucid::train {

static_assert(std::endian::native == std::endian::little);

class StateWriter {
public:
    template <typename T>
    void number(T value) {
        raw(&value, sizeof value);
    }
    void raw(const void* data, std::size_t size) {
        const auto* bytes = static_cast<const std::uint8_t*>(data);
        bytes_.insert(bytes_.end(), bytes, bytes + size);
    }
    template <typename Tensors>
    void tensors(const Tensors& list) {
        number<std::uint64_t>(list.size());
        for (const auto& item : list) {
            const Tensor& tensor = [&]() -> const Tensor& {
                if constexpr (std::is_pointer_v<std::remove_cvref_t<decltype(item)>>)
                    return *item;
                else
                    return item;
            }();
            for (const std::size_t axis : tensor.shape()) number<std::uint64_t>(axis);
            raw(tensor.data(), tensor.size() * sizeof(float));
        }
    }
    Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

class StateReader {
public:
    explicit StateReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    template <typename T>
    T number() {
        T value{};
        raw(&value, sizeof value);
        return value;
    }
    /// A number of things that were in memory once: 32 bits are enough where addresses have as many.
    std::size_t count() { return static_cast<std::size_t>(number<std::uint64_t>()); }
    void raw(void* data, std::size_t size) {
        if (size > bytes_.size()) fail(ErrorCode::bad_file, "the saved training is cut short");
        std::memcpy(data, bytes_.data(), size);
        bytes_ = bytes_.subspan(size);
    }
    /// Tensors of the same shapes as `like` repeated `times` each (optimisers keep one or two per parameter), whose
    /// numbers must not exceed `limit`.
    std::vector<Tensor> tensors(std::span<Tensor* const> like, std::size_t times, float limit) {
        const std::size_t stored = count();
        if (times == 0 ? stored != 0 : stored != like.size() * times) other_network();
        std::vector<Tensor> list;
        for (std::size_t i = 0; i < stored; ++i) {
            Shape shape{};
            for (std::size_t& axis : shape) axis = count();
            if (shape != like[i / times]->shape()) other_network();
            list.push_back(zeros(shape));
            raw(list.back().data(), list.back().size() * sizeof(float));
            if (!bounded(elements(list.back()), limit))
                fail(ErrorCode::bad_file, "the saved training holds what no sound training does: {}",
                     limit == largest_sound ? "a weight beyond 1e18" : "what is no finite number");
        }
        return list;
    }
    bool done() const { return bytes_.empty(); }
    [[noreturn]] static void other_network() {
        fail(ErrorCode::bad_file, "the saved training belongs to another network or optimiser");
    }

private:
    std::span<const std::uint8_t> bytes_;
};

}  // namespace pellucid::train
