// Packed charts: .tgz files, read without trusting them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/chart/chart.h"
#include "engine/value/error.h"

namespace plimsoll::chart {

inline constexpr size_t kMaxFileBytes = 5UL << 20;     // of one file of a chart, as in Helm
inline constexpr size_t kMaxArchiveBytes = 100UL << 20;  // of all files of an archive, unpacked, as in Helm
inline constexpr size_t kMaxArchiveEntries = 100'000;

// Files of a gzipped tar, named without its top folder. Refused: absolute names, names that leave the folder, devices and
// anything beyond the limits. Links are empty files, as in Helm: what they point at is not followed.
Result<std::vector<File>> unpack(std::string_view archive);

// Whether the bytes start like a gzip file.
bool looks_packed(std::string_view bytes);

}  // namespace plimsoll::chart
