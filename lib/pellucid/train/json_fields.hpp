/// Reading and writing JSON objects field by field, so that one function can name an object's keys for both.
#pragma once

#include "pellucid/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pellucid::train {

using Json = nlohmann::ordered_json;

inline std::string join(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// A value as JSON, shortened, for messages.
inline std::string shown(const Json& json) {
    constexpr std::size_t most = 60;
    std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
    if (text.size() > most) text = text.substr(0, most) + "…";
    return text;
}

/// JSON that people write: nested no deeper than any recipe, because what walks through a value calls itself, and each
/// key once, because of two that say different things one would be lost. Throws Error(bad_file).
inline Json parse_json(std::string_view text, const std::string& source) {
    constexpr int deepest = 32;
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
        if (depth >= deepest) fail(ErrorCode::bad_file, "{} is nested deeper than {} levels", source, deepest);
        if (event == Json::parse_event_t::object_start) keys.emplace_back();
        if (event == Json::parse_event_t::object_end) keys.pop_back();
        if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
            fail(ErrorCode::bad_file, "{} has the key {} twice in one object", source, shown(value));
        return true;
    };
    try {
        return Json::parse(text, watch);
    } catch (const nlohmann::json::exception& error) {
        const std::string_view words = error.what();  // behind the library's own number, in brackets
        fail(ErrorCode::bad_file, "{} is not JSON: {}", source, words.substr(words.find("] ") + 2));
    }
}

/// One object of a recipe, read key by key; done() refuses the keys that nobody asked for.
class ObjectReader {
public:
    ObjectReader(const Json& json, std::string source, std::string path)
        : json_(json), source_(std::move(source)), path_(std::move(path)) {
        if (!json.is_object())
            fail(ErrorCode::bad_file, "{}: {} must be an object", source_, path_.empty() ? "the recipe" : path_);
    }

    template <typename T>
    void field(const char* key, T& value) {
        if (const Json* json = find(key)) value = convert<T>(*json, key);
    }

    template <typename Describe>
    void object(const char* key, Describe describe) {
        const Json* json = find(key);
        if (json == nullptr) return;
        ObjectReader inner(*json, source_, place(key));
        describe(inner);
        inner.done();
    }

    template <typename Describe>
    void required(const char* key, Describe describe) {
        const Json* json = find(key);
        if (json == nullptr) fail(ErrorCode::bad_file, "{}: {} is missing", source_, place(key));
        describe(*json, source_, place(key));
    }

    void done() const {
        for (const auto& [key, value] : json_.items()) {
            if (std::ranges::find(known_, key) == known_.end()) {
                fail(ErrorCode::bad_file, "{}: {} is not known; {} takes {}", source_, place(key),
                     path_.empty() ? "a recipe" : path_, known_.empty() ? "no keys" : join(known_));
            }
        }
    }

    std::string place(std::string_view key) const {
        return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
    }
    const std::string& source() const { return source_; }

private:
    const Json* find(const char* key) {
        known_.emplace_back(key);
        const auto found = json_.find(key);
        return found == json_.end() ? nullptr : &*found;
    }

    template <typename T>
    T convert(const Json& json, const char* key) const {
        const auto wrong = [&](std::string_view what) {
            fail(ErrorCode::bad_file, "{}: {} must be {}, not {}", source_, place(key), what, shown(json));
        };
        if constexpr (std::is_same_v<T, std::string>) {
            if (!json.is_string()) wrong("a text");
            return json.get<std::string>();
        } else if constexpr (std::is_same_v<T, bool>) {
            if (!json.is_boolean()) wrong("true or false");
            return json.get<bool>();
        } else if constexpr (std::is_same_v<T, float>) {
            if (!json.is_number() || !(std::abs(json.get<double>()) <= std::numeric_limits<float>::max()))
                wrong("a number of at most 3.4e38");
            return json.get<float>();
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
            const bool good =
                json.is_array() && std::ranges::all_of(json, [](const Json& item) { return item.is_string(); });
            if (!good) wrong("a list of texts");
            return json.get<std::vector<std::string>>();
        } else {
            const bool good =
                json.is_number_unsigned() && json.get<std::uint64_t>() <= std::numeric_limits<std::uint32_t>::max();
            if (!good) wrong("a whole number from 0 to 4294967295");
            return static_cast<T>(json.get<std::uint64_t>());
        }
    }

    const Json& json_;
    std::string source_, path_;
    std::vector<std::string> known_;
};

/// Writes the same fields. Floats are written with the fewest digits that read back as the same float.
class ObjectWriter {
public:
    template <typename T>
    void field(const char* key, const T& value) {
        if constexpr (std::is_same_v<T, float>)
            json[key] = Json::parse(fmt::format("{}", value));
        else
            json[key] = value;
    }
    template <typename Describe>
    void object(const char* key, Describe describe) {
        ObjectWriter inner;
        describe(inner);
        json[key] = inner.json;
    }
    Json json = Json::object();
};

}  // namespace pellucid::train
