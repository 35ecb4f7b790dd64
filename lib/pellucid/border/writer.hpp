/// What crosses a border (JSON out of the command, JavaScript's values out of the module) is described once, in this
/// folder, as calls of a Writer; each world has a Writer of its own.
#pragma once

#include "pellucid/tensor.hpp"

#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace pellucid {

/// Builds one value: an object, a list, a number, …. In an object each value follows its key.
class Writer {
public:
    virtual ~Writer() = default;

    virtual void begin_object() = 0;
    virtual void begin_list() = 0;
    /// Ends the innermost object or list.
    virtual void end() = 0;
    virtual void key(std::string_view name) = 0;

    /// Numbers that are not finite become null where the world has no such numbers.
    virtual void number(double value) = 0;
    virtual void text(std::string_view value) = 0;
    virtual void flag(bool value) = 0;
    virtual void nothing() = 0;
    /// A batch of pictures: data and sizes, or sizes alone in a world that keeps pictures elsewhere.
    virtual void pictures(const Tensor& batch) = 0;
    /// A list of numbers, in the world's fastest form.
    virtual void numbers(std::span<const float> values) = 0;

    template <typename Value>
    void value(const Value& value) {
        if constexpr (std::is_same_v<Value, bool>) {
            flag(value);
        } else if constexpr (std::is_arithmetic_v<Value>) {
            number(static_cast<double>(value));
        } else {
            text(value);
        }
    }
    template <typename Value>
    void field(std::string_view name, const Value& of) {
        key(name);
        value(of);
    }
    template <typename Values>
    void list(std::string_view name, const Values& values) {
        key(name);
        begin_list();
        for (const auto& each : values) value(each);
        end();
    }
};

}  // namespace pellucid
