# One target per folder.
#
#   plimsoll_library(yaml DEPS plimsoll_value PRIVATE_DEPS PkgConfig::YAML)
#
# makes the library plimsoll_yaml from all *.cc below the calling folder, and, from its *_test.cc,
# the test program yaml_test (registered with ctest case by case).

add_library(plimsoll_options INTERFACE)
target_include_directories(plimsoll_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(plimsoll_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
                                                  -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these falsely through inlined std::string, std::variant and std::expected code.
  target_compile_options(plimsoll_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
                                                    -Wno-stringop-overread -Wno-array-bounds -Wno-dangling-pointer)
endif()
if(PLIMSOLL_SANITIZE)
  target_compile_options(plimsoll_options INTERFACE -fsanitize=${PLIMSOLL_SANITIZE} -fno-omit-frame-pointer
                                                    -fno-sanitize-recover=all)
  target_link_options(plimsoll_options INTERFACE -fsanitize=${PLIMSOLL_SANITIZE})
endif()

if(PLIMSOLL_FUZZ)
  # Clang up to 18 has what <expected> of GCC's library needs, but says so only since 19. Its warnings are not those the code is kept
  # free of.
  target_compile_options(plimsoll_options INTERFACE -fsanitize=fuzzer-no-link -Wno-builtin-macro-redefined -Wno-macro-redefined
                                                    -D__cpp_concepts=202002L -Wno-error)
endif()

function(plimsoll_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;PRIVATE_DEPS;TEST_DEPS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  foreach(pattern ${ARG_EXCLUDE})
    list(FILTER sources EXCLUDE REGEX ${pattern})
  endforeach()
  if(NOT sources)  # headers only so far
    add_library(plimsoll_${name} INTERFACE)
    target_link_libraries(plimsoll_${name} INTERFACE plimsoll_options ${ARG_DEPS})
    return()
  endif()
  add_library(plimsoll_${name} STATIC ${sources})
  target_link_libraries(plimsoll_${name} PUBLIC plimsoll_options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  if(PLIMSOLL_TESTS AND tests)
    plimsoll_test(${name}_test SOURCES ${tests} DEPS plimsoll_${name} ${ARG_PRIVATE_DEPS} ${ARG_TEST_DEPS})
  endif()
endfunction()

# All programs that ctest runs, and nothing else: what scripts/sanitize builds.
add_custom_target(tests)

# A GoogleTest program; one ctest entry for the whole program keeps start-up cost out of the suite.
function(plimsoll_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE plimsoll_options ${ARG_DEPS} GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE PLIMSOLL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  add_dependencies(tests ${name})
endfunction()
