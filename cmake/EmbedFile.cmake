# plimsoll_embed_file(target function file) makes the library `target` with the bytes of `file`, which may be made by the build, in the
# program's read-only data, and the function `std::string_view plimsoll::function()` that gives them.
function(plimsoll_embed_file target function file)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}.cc)
  file(WRITE ${source}.in "\
#include <string_view>

asm(\".section .rodata\\n\"
    \"${target}_begin:\\n\"
    \".incbin \\\"${file}\\\"\\n\"
    \"${target}_end:\\n\"
    \".byte 0\\n\"
    \".previous\\n\");
extern \"C\" const char ${target}_begin[];
extern \"C\" const char ${target}_end[];

namespace plimsoll {
std::string_view ${function}() { return {${target}_begin, static_cast<size_t>(${target}_end - ${target}_begin)}; }
}  // namespace plimsoll
")
  configure_file(${source}.in ${source} COPYONLY)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${file})
  add_library(${target} STATIC ${source} ${file})
  target_link_libraries(${target} PRIVATE plimsoll_options)
endfunction()
