/// JSON, built by what pellucid/border describes. Pictures are told by their shape: the command writes them as files.
#pragma once

#include "pellucid/border/writer.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace pellucid::cli {

using Json = nlohmann::ordered_json;

class JsonWriter final : public Writer {
public:
    void begin_object() override { open_.push_back({Json::object(), {}}); }
    void begin_list() override { open_.push_back({Json::array(), {}}); }
    void end() override {
        Json value = std::move(open_.back().value);
        open_.pop_back();
        put(std::move(value));
    }
    void key(std::string_view name) override { open_.back().key = name; }
    /// JSON has no NaN or infinity; whole numbers are written as such.
    void number(double value) override {
        constexpr double exact = 9007199254740992.0;
        if (!std::isfinite(value)) return put(nullptr);
        if (value == std::floor(value) && std::abs(value) < exact) return put(static_cast<std::int64_t>(value));
        put(value);
    }
    void text(std::string_view value) override { put(std::string(value)); }
    void flag(bool value) override { put(value); }
    void nothing() override { put(nullptr); }
    void pictures(const Tensor& batch) override { put(Json{{"shape", batch.shape()}}); }
    void numbers(std::span<const float> values) override {
        begin_list();
        for (const float value : values) number(static_cast<double>(value));
        end();
    }
    void put(std::string_view name, Json value) {
        key(name);
        put(std::move(value));
    }
    Json take() { return std::move(result_); }

private:
    struct Open {
        Json value;
        std::string key;
    };
    void put(Json value) {
        if (open_.empty()) {
            result_ = std::move(value);
        } else if (open_.back().value.is_array()) {
            open_.back().value.push_back(std::move(value));
        } else {
            open_.back().value[open_.back().key] = std::move(value);
        }
    }

    std::vector<Open> open_;
    Json result_;
};

/// The JSON that write(writer) builds.
template <typename Write>
Json built(Write write) {
    JsonWriter writer;
    write(writer);
    return writer.take();
}

}  // namespace pellucid::cli
