// The files of rule packs, from the program itself or from a folder.
//
//   PackFiles files = PackFiles::built_in();
//   for (const PackFiles::File& file : files.of_pack("lightrun")) file.path;   // lightrun/lightrun-spread/policy.yaml
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"

namespace plimsoll::policy {

// The archive that the build puts into the program (cmake/EmbedPacks.cmake).
std::string_view built_in_archive();

class PackFiles {
 public:
  struct File {
    std::string_view path;  // pack/..., with '/' whatever the system
    std::string_view text;
  };

  static PackFiles built_in();
  // One pack, `folder` being the one with pack.yaml; its name is the folder's. Files other than *.yaml are left out.
  static Result<PackFiles> read_folder(const std::string& folder);

  // Sorted.
  std::vector<std::string_view> packs() const;
  // Files of one pack, sorted by path; empty if there is no such pack.
  std::span<const File> of_pack(std::string_view pack) const;

 private:
  std::vector<File> files_;                          // sorted by path
  std::vector<std::unique_ptr<std::string>> owned_;  // texts and paths read from a folder
};

}  // namespace plimsoll::policy
