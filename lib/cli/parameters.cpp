#include "parameters.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <set>

namespace pellucid::cli {

Params read_params(const Card& card, const std::vector<std::string>& assignments, const InputForm& form) {
    Params params(card);
    std::set<std::string> named;
    for (const std::string& assignment : assignments) {
        const std::size_t equals = assignment.find('=');
        if (equals == std::string::npos) {
            fail(ErrorCode::bad_argument, "--param takes key=value, as in epsilon=0.1, not '{}'", assignment);
        }
        const std::string name = assignment.substr(0, equals);
        const std::string value = assignment.substr(equals + 1);
        if (!named.insert(name).second)
            fail(ErrorCode::bad_argument, "--param gives {} twice: once is right, since only one value can hold", name);
        const auto found =
            std::find_if(card.params.begin(), card.params.end(), [&](const auto& p) { return p.name == name; });
        if (found != card.params.end() && found->type == ParamType::image) {
            InputForm meant = form;
            meant.as_it_is = found->role == ParamRole::replay || found->role == ParamRole::maps;
            if (meant.as_it_is) meant.shape.clear();
            params.set(name, ParamValue(std::make_shared<const Tensor>(read_input(value, meant).images.pixels)));
        } else {
            params.set(name, std::string_view(value));
        }
    }
    params.follow(form.range);
    return params;
}

}  // namespace pellucid::cli
