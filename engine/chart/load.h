// Charts from folders and archives.
//
//   chart::Warnings warnings;
//   auto chart = chart::load("charts/lightrun", warnings);
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/chart/chart.h"
#include "engine/value/error.h"

namespace plimsoll::chart {

// What Helm would log while it goes on; in order.
using Warnings = std::vector<std::string>;

// Loads a folder or a .tgz. Errors carry Helm's words where Helm has an answer, and the file.
Result<std::shared_ptr<const Chart>> load(const std::string& path, Warnings& warnings);

// A chart from its files, as an archive or a test holds them. `path`: see Chart::path.
Result<std::shared_ptr<const Chart>> load_files(std::vector<File> files, const std::string& path, Warnings& warnings);

// Whether `path` is a folder with a Chart.yaml or a file that looks like a packed chart.
bool is_chart(const std::string& path);

}  // namespace plimsoll::chart
