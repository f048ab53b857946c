# plimsoll_embed_compressed(target function files...) makes the library `target` with each file, compressed, in the program's read-only data,
# and the function `std::string_view function(std::string_view file_name)` that finds them, empty for a name that is none. A file is the
# size of the text as 8 bytes, least first, and a zstd frame.
function(plimsoll_embed_compressed target function)
  add_executable(${target}_compress ${CMAKE_SOURCE_DIR}/cmake/compress.cc)
  target_link_libraries(${target}_compress PRIVATE PkgConfig::ZSTD)
  set_target_properties(${target}_compress PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  set(assembly "")
  set(declarations "")
  set(lookups "")
  set(blobs "")
  set(number 0)
  foreach(file ${ARGN})
    get_filename_component(name ${file} NAME)
    set(blob ${CMAKE_CURRENT_BINARY_DIR}/${name}.zst)
    add_custom_command(OUTPUT ${blob} COMMAND ${target}_compress ${CMAKE_CURRENT_SOURCE_DIR}/${file} ${blob}
                       DEPENDS ${target}_compress ${CMAKE_CURRENT_SOURCE_DIR}/${file} COMMENT "Compressing ${name}" VERBATIM)
    set(symbol ${target}_${number})
    string(APPEND assembly "    \"${symbol}_begin:\\n.incbin \\\"${blob}\\\"\\n${symbol}_end:\\n.byte 0\\n\"\n")
    string(APPEND declarations "extern \"C\" const char ${symbol}_begin[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND lookups
           "  if (file == \"${name}\") return {${symbol}_begin, static_cast<size_t>(${symbol}_end - ${symbol}_begin)};\n")
    list(APPEND blobs ${blob})
    math(EXPR number "${number} + 1")
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}.cc)
  file(WRITE ${source}.in "\
#include <string_view>

asm(\".section .rodata\\n\"
${assembly}    \".previous\\n\");
${declarations}
namespace plimsoll {
std::string_view ${function}(std::string_view file) {
${lookups}  return {};
}
}  // namespace plimsoll
")
  configure_file(${source}.in ${source} COPYONLY)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${blobs}")
  add_library(${target} STATIC ${source} ${blobs})
  target_link_libraries(${target} PRIVATE plimsoll_options)
endfunction()
