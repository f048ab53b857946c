// Writes the archive of rule packs: pack_archive FOLDER FILE. Each entry is the path below FOLDER, a line feed, the size in decimal, a line
// feed, and the bytes; entries are sorted by path, component by component.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::filesystem::path folder = argv[1];
  std::vector<std::filesystem::path> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".yaml") {
      names.push_back(std::filesystem::relative(entry.path(), folder));
    }
  }
  std::sort(names.begin(), names.end());
  std::ofstream out(argv[2], std::ios::binary);
  for (const std::filesystem::path& name : names) {
    std::ifstream in(folder / name, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) {
      std::cerr << "cannot read " << name << "\n";
      return 1;
    }
    out << name.generic_string() << '\n' << text.size() << '\n' << text;
  }
  return out.flush() ? 0 : 1;
}
