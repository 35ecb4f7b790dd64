/// A reference to something callable, for parameters: unlike std::function it neither copies nor allocates, so hot
/// loops may take their bodies as one. What it refers to must outlive the call.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace pellucid {

template <typename Signature>
class FunctionRef;

template <typename Result, typename... Arguments>
class FunctionRef<Result(Arguments...)> {
public:
    template <typename Function>
        requires(!std::same_as<std::remove_cvref_t<Function>, FunctionRef>)
    FunctionRef(Function&& function)  // NOLINT: implicit, as std::function
        : object_(const_cast<void*>(static_cast<const void*>(std::addressof(function)))),
          call_([](void* object, Arguments... arguments) -> Result {
              return (*static_cast<std::remove_reference_t<Function>*>(object))(std::forward<Arguments>(arguments)...);
          }) {}

    Result operator()(Arguments... arguments) const { return call_(object_, std::forward<Arguments>(arguments)...); }

private:
    void* object_;
    Result (*call_)(void*, Arguments...);
};

}  // namespace pellucid
