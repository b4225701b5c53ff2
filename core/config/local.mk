# core/config: YAML documents, merging, overrides, expressions.
libfenchel_la_SOURCES += core/config/document.h core/config/expression.h core/config/parts.h \
    core/config/number.c core/config/item.c core/config/document.c core/config/syntax.c \
    core/config/merge.c core/config/override.c core/config/write.c core/config/expression.c core/config/token.c core/config/token.h
EXTRA_DIST += core/config/README.md
