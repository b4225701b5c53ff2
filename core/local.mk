# core: the library's folders, each using only those before it, and the public headers.
include core/base/local.mk
include core/store/local.mk
include core/graph/local.mk
include core/kernels/local.mk
include core/ops/local.mk
include core/program/local.mk
include core/plugin/local.mk
include core/config/local.mk
include core/language/local.mk
include core/log/local.mk
include core/report/local.mk
include core/train/local.mk
include core/conformance/local.mk
include core/cli/local.mk

include_HEADERS = core/include/fenchel.h
fenchelincludedir = $(includedir)/fenchel
fenchelinclude_HEADERS = core/include/fenchel/graph.h core/include/fenchel/host.h core/include/fenchel/op.h core/include/fenchel/plugin.h
pkgconfig_DATA = core/fenchel.pc
EXTRA_DIST += core/README.md
