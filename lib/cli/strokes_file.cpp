#include "strokes_file.hpp"

#include "json_writer.hpp"
#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"
#include "pellucid/train/json_fields.hpp"

namespace pellucid::cli {

namespace {

constexpr float board_side = 280.0F;

float number_of(const Json& json, const std::string& path, std::string_view what) {
    if (!json.is_number()) fail(ErrorCode::bad_file, "{}: {} must be a number, not {}", path, what, train::shown(json));
    return json.get<float>();
}

std::vector<Point> points_of(const Json& json, const std::string& path) {
    if (!json.is_array())
        fail(ErrorCode::bad_file, "{}: a stroke is a list of points [x, y], not {}", path, train::shown(json));
    std::vector<Point> points;
    for (const Json& at : json) {
        if (!at.is_array() || at.size() < 2 || at.size() > 3)
            fail(ErrorCode::bad_file, "{}: a point is [x, y], not {}", path, train::shown(at));
        points.push_back({number_of(at[0], path, "x"), number_of(at[1], path, "y"),
                          at.size() > 2 ? number_of(at[2], path, "the time") : 0.0F});
    }
    return points;
}

}  // namespace

Drawing load_strokes(const std::string& path) {
    const Bytes bytes = read_file(path);
    const Json json = train::parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
    Drawing drawing{board_side, board_side, {}};
    const Json& strokes = json.is_object() && json.contains("strokes") ? json["strokes"] : json;
    if (!strokes.is_array())
        fail(ErrorCode::bad_file, "{}: strokes are a list of lists of points, [[[x, y], …], …]", path);
    float pen = 0;
    if (json.is_object()) {
        for (const auto& [key, value] : json.items()) {
            if (key == "width")
                drawing.width = number_of(value, path, key);
            else if (key == "height")
                drawing.height = number_of(value, path, key);
            else if (key == "pen")
                pen = number_of(value, path, key);
            else if (key != "strokes")
                fail(ErrorCode::bad_file, "{}: {} is not known; a drawing has width, height, pen and strokes", path,
                     key);
        }
    }
    if (pen == 0) pen = default_pen_width * std::max(drawing.width, drawing.height);
    for (const Json& each : strokes) {
        Stroke stroke{{}, pen};
        if (each.is_object()) {
            for (const auto& [key, value] : each.items()) {
                if (key == "points")
                    stroke.points = points_of(value, path);
                else if (key == "width")
                    stroke.width = number_of(value, path, key);
                else if (key == "eraser" && value.is_boolean())
                    stroke.eraser = value.get<bool>();
                else
                    fail(ErrorCode::bad_file,
                         "{}: {} of a stroke is not known; it has points, width and eraser (true or false)", path, key);
            }
        } else {
            stroke.points = points_of(each, path);
        }
        drawing.strokes.push_back(std::move(stroke));
    }
    return drawing;
}

void save_strokes(const std::string& path, const Drawing& drawing) {
    Json strokes = Json::array();
    for (const Stroke& stroke : drawing.strokes) {
        Json points = Json::array();
        for (const Point& point : stroke.points) points.push_back({point.x, point.y, point.t_ms});
        Json one{{"points", std::move(points)}, {"width", stroke.width}};
        if (stroke.eraser) one["eraser"] = true;
        strokes.push_back(std::move(one));
    }
    const Json json{{"width", drawing.width}, {"height", drawing.height}, {"strokes", std::move(strokes)}};
    const std::string text = json.dump() + "\n";
    write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace pellucid::cli
