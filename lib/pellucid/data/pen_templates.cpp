#include "pellucid/data/pen_templates.hpp"

namespace pellucid {
namespace {

constexpr Knot corner = Knot::corner;
constexpr Knot start = Knot::start;
using Points = const ControlPoint[];

// 0: counter-clockwise from the top, clockwise, narrow and slanted, closed with a small tail.
constexpr Points zero_counter = {{36, 1},  {16, 10}, {4, 34},  {3, 62}, {14, 90}, {32, 99},
                                 {50, 88}, {60, 60}, {58, 30}, {48, 8}, {33, 1}};
constexpr Points zero_clockwise = {{24, 3},  {44, 4}, {58, 24}, {60, 56}, {50, 88}, {30, 99},
                                   {11, 88}, {3, 60}, {6, 28},  {18, 7},  {30, 1}};
constexpr Points zero_narrow = {{44, 2},  {26, 12}, {12, 40}, {7, 72}, {13, 95}, {27, 97},
                                {42, 76}, {51, 44}, {52, 14}, {43, 1}, {34, 6}};
constexpr Points zero_tail = {{38, 6},  {18, 8},  {5, 32},  {4, 64}, {16, 92}, {36, 98},
                              {54, 82}, {60, 52}, {54, 20}, {38, 4}, {24, 8},  {22, 16}};

// 1: a plain slanted stroke mostly; upright; slightly bent; with a flag; with flag and base.
constexpr Points one_slanted = {{44, 0}, {36, 34}, {27, 70}, {20, 100}};
constexpr Points one_upright = {{32, 0}, {31, 35}, {30, 70}, {30, 100}};
constexpr Points one_bent = {{38, 0}, {34, 30}, {31, 66}, {31, 100}};
constexpr Points one_flag = {{24, 19}, {32, 10}, {38, 0, corner}, {35, 50}, {32, 100}};
constexpr Points one_base = {{16, 20}, {26, 11},       {34, 0, corner}, {33, 50},
                             {32, 97}, {8, 98, start}, {32, 97},        {56, 96}};

// 2: pointed foot; loop at the foot; flat, like a Z; wavy foot.
constexpr Points two_pointed = {{5, 22},  {14, 6},  {32, 0},         {50, 9},  {53, 27},
                                {42, 52}, {22, 78}, {3, 98, corner}, {30, 97}, {60, 96}};
constexpr Points two_loop = {{7, 20}, {19, 4}, {39, 1},  {53, 14}, {49, 38}, {34, 64}, {16, 88},
                             {5, 95}, {1, 86}, {10, 79}, {26, 87}, {44, 97}, {63, 91}};
constexpr Points two_flat = {{6, 12},  {24, 2},         {46, 4},  {54, 18}, {46, 42},
                             {26, 72}, {6, 96, corner}, {34, 93}, {62, 95}};
constexpr Points two_wavy = {{4, 26},  {10, 9},         {28, 0},  {46, 7},  {51, 24}, {43, 48},
                             {28, 72}, {8, 93, corner}, {22, 88}, {40, 95}, {60, 99}};

// 3: two bows meeting in a point; flat top; a small loop in the middle; soft middle.
constexpr Points three_round = {{6, 13},  {22, 1},  {44, 5},  {49, 23},  {38, 40}, {20, 47, corner},
                                {42, 52}, {55, 68}, {50, 90}, {28, 100}, {4, 91}};
constexpr Points three_flat = {{6, 4},   {28, 3},  {51, 2, corner}, {39, 20},  {24, 40, corner},
                               {44, 47}, {54, 66}, {46, 90},        {24, 100}, {3, 92}};
constexpr Points three_loop = {{8, 14},  {26, 1},  {46, 8},  {47, 27}, {33, 44},  {20, 50}, {18, 44},
                               {30, 44}, {48, 55}, {55, 74}, {44, 94}, {22, 100}, {3, 90}};
constexpr Points three_soft = {{10, 10}, {28, 0},  {47, 8},  {46, 28}, {30, 45, corner},
                               {46, 55}, {53, 76}, {40, 96}, {18, 99}, {3, 90}};

// 4: open, two strokes; closed, two strokes; open in one go; open with curved left arm.
constexpr Points four_open = {{10, 2},  {7, 26},        {4, 52, corner}, {30, 51},
                              {60, 48}, {47, 8, start}, {45, 54},        {42, 100}};
constexpr Points four_closed = {{43, 1},  {24, 30},       {3, 62, corner}, {32, 62},
                                {61, 60}, {43, 1, start}, {42, 50},        {41, 100}};
constexpr Points four_one_go = {{9, 6}, {5, 30}, {14, 48}, {34, 45}, {49, 26}, {54, 5, corner}, {48, 48}, {43, 100}};
constexpr Points four_curved = {{12, 4}, {5, 28}, {8, 48}, {26, 53}, {56, 44}, {52, 2, start}, {47, 50}, {44, 100}};

// 5: one stroke from the right end of the hat; hat last; slanted like an S; small belly.
constexpr Points five_one_go = {{56, 2},  {36, 3},  {17, 4, corner}, {14, 24}, {10, 45, corner},
                                {30, 37}, {51, 48}, {54, 74},        {36, 97}, {5, 93}};
constexpr Points five_hat_last = {{15, 4},  {13, 24}, {9, 45, corner}, {28, 37}, {50, 48}, {54, 74},
                                  {38, 97}, {4, 92},  {15, 4, start},  {36, 3},  {58, 0}};
constexpr Points five_slanted = {{62, 1},  {44, 4},  {29, 6, corner}, {22, 24}, {17, 42, corner},
                                 {34, 44}, {46, 60}, {42, 84},        {24, 98}, {2, 94}};
constexpr Points five_belly = {{52, 4},  {34, 4},  {16, 6, corner}, {14, 30}, {12, 50, corner},
                               {30, 46}, {46, 56}, {47, 78},        {32, 96}, {6, 97}};

// 6: wide bow; straight back; small loop low down; closing loop.
constexpr Points six_bow = {{46, 0},  {26, 16}, {9, 42},  {4, 70},  {13, 93}, {33, 99},
                            {52, 87}, {53, 68}, {38, 57}, {18, 63}, {8, 78}};
constexpr Points six_straight = {{42, 0},  {26, 27}, {12, 55}, {7, 82},  {22, 99},
                                 {44, 92}, {51, 74}, {40, 60}, {22, 65}, {10, 80}};
constexpr Points six_small = {{36, 0},  {18, 26}, {7, 56},  {5, 84},  {20, 99},
                              {40, 95}, {48, 80}, {38, 68}, {20, 72}, {8, 84}};
constexpr Points six_closed = {{50, 4},  {30, 12}, {12, 36}, {4, 64},  {12, 92}, {34, 99},
                               {53, 84}, {50, 62}, {32, 54}, {14, 64}, {10, 82}, {20, 94}};

// 7: bent stem, straight stem, with bar, with a small hook at the left.
constexpr Points seven_bent = {{4, 7}, {30, 6}, {57, 4, corner}, {44, 32}, {32, 64}, {26, 100}};
constexpr Points seven_straight = {{3, 5}, {28, 4}, {55, 2, corner}, {38, 50}, {20, 100}};
constexpr Points seven_bar = {{4, 6},    {30, 5},         {56, 3, corner}, {41, 46},
                              {24, 100}, {18, 52, start}, {36, 50},        {54, 47}};
constexpr Points seven_hook = {{5, 20},         {7, 12},  {8, 5, corner}, {34, 6},
                               {57, 3, corner}, {46, 28}, {36, 62},       {31, 100}};

// 8: from the upper right like an S and back; from the middle of the top; two rings; narrow and slanted.
constexpr Points eight_s = {{50, 13}, {34, 1},  {14, 8}, {12, 28}, {30, 45}, {51, 62}, {54, 86},
                            {34, 99}, {10, 90}, {9, 68}, {28, 50}, {47, 32}, {52, 12}};
constexpr Points eight_top = {{33, 1}, {14, 9},  {13, 29}, {32, 46}, {52, 66}, {50, 90}, {29, 99},
                              {9, 88}, {11, 66}, {31, 48}, {48, 28}, {48, 9},  {34, 0}};
constexpr Points eight_rings = {{32, 0},         {15, 9},  {14, 32}, {30, 45},  {46, 34}, {47, 11}, {31, 0},
                                {30, 45, start}, {10, 58}, {7, 84},  {28, 100}, {52, 88}, {51, 60}, {31, 45}};
constexpr Points eight_narrow = {{52, 10}, {40, 0}, {24, 9},  {22, 28}, {33, 47}, {42, 66}, {38, 90},
                                 {22, 99}, {9, 88}, {14, 68}, {32, 48}, {49, 30}, {54, 11}};

// 9: curved tail; straight stem; slanted stem; ring and stem in one curl.
constexpr Points nine_curved = {{51, 14},         {34, 1},  {13, 8},  {5, 30},   {18, 46}, {39, 40},
                                {52, 13, corner}, {53, 48}, {46, 82}, {28, 100}, {8, 94}};
constexpr Points nine_straight = {{49, 13}, {31, 1},         {11, 10}, {6, 31},  {22, 46},
                                  {42, 37}, {51, 6, corner}, {49, 50}, {46, 100}};
constexpr Points nine_slanted = {{54, 12}, {39, 1},         {19, 8},  {11, 28}, {24, 42},
                                 {44, 34}, {56, 8, corner}, {43, 54}, {29, 100}};
constexpr Points nine_curl = {{54, 22}, {46, 4},  {26, 1},  {9, 14},  {8, 36},  {24, 46},
                              {44, 36}, {53, 18}, {50, 52}, {42, 80}, {36, 100}};

constexpr PenTemplate templates[] = {
    {0, 11, zero_counter},  {0, 6, zero_clockwise}, {0, 8, zero_narrow},   {0, 5, zero_tail},     {1, 14, one_slanted},
    {1, 6, one_upright},    {1, 6, one_bent},       {1, 3, one_flag},      {1, 1, one_base},      {2, 9, two_pointed},
    {2, 10, two_loop},      {2, 6, two_flat},       {2, 5, two_wavy},      {3, 12, three_round},  {3, 4, three_flat},
    {3, 4, three_loop},     {3, 10, three_soft},    {4, 9, four_open},     {4, 5, four_closed},   {4, 8, four_one_go},
    {4, 8, four_curved},    {5, 10, five_one_go},   {5, 8, five_hat_last}, {5, 6, five_slanted},  {5, 6, five_belly},
    {6, 10, six_bow},       {6, 8, six_straight},   {6, 6, six_small},     {6, 6, six_closed},    {7, 11, seven_bent},
    {7, 9, seven_straight}, {7, 4, seven_bar},      {7, 6, seven_hook},    {8, 11, eight_s},      {8, 7, eight_top},
    {8, 4, eight_rings},    {8, 8, eight_narrow},   {9, 8, nine_curved},   {9, 9, nine_straight}, {9, 7, nine_slanted},
    {9, 6, nine_curl},
};

}  // namespace

std::span<const PenTemplate> pen_templates() { return templates; }

}  // namespace pellucid
