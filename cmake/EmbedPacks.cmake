# plimsoll_embed_packs(target folder) makes the library `target` with all files below `folder` that belong to packs, as one archive in the
# program's read-only data. engine/policy/pack_archive.h reads it; cmake/pack_archive.cc writes it at build time.
function(plimsoll_embed_packs target folder)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*.yaml)
  set(archive ${CMAKE_CURRENT_BINARY_DIR}/packs.bin)
  add_executable(${target}_writer ${CMAKE_SOURCE_DIR}/cmake/pack_archive.cc)
  set_target_properties(${target}_writer PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  add_custom_command(OUTPUT ${archive} COMMAND ${target}_writer ${folder} ${archive} DEPENDS ${target}_writer ${files}
                     COMMENT "Archiving rule packs" VERBATIM)

  set(source ${CMAKE_CURRENT_BINARY_DIR}/packs.cc)
  file(WRITE ${source}.in "\
#include \"engine/policy/pack_archive.h\"

asm(\".section .rodata\\n\"
    \"plimsoll_packs_begin:\\n\"
    \".incbin \\\"${archive}\\\"\\n\"
    \"plimsoll_packs_end:\\n\"
    \".byte 0\\n\"
    \".previous\\n\");
extern \"C\" const char plimsoll_packs_begin[];
extern \"C\" const char plimsoll_packs_end[];

namespace plimsoll::policy {
std::string_view built_in_archive() {
  return {plimsoll_packs_begin, static_cast<size_t>(plimsoll_packs_end - plimsoll_packs_begin)};
}
}  // namespace plimsoll::policy
")
  configure_file(${source}.in ${source} COPYONLY)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${archive})
  add_library(${target} STATIC ${source} ${archive})
  target_link_libraries(${target} PRIVATE plimsoll_options)
endfunction()
