# language
libfenchel_la_SOURCES += core/language/attribute.c
libfenchel_la_SOURCES += core/language/attribute.h
libfenchel_la_SOURCES += core/language/evaluate.c
libfenchel_la_SOURCES += core/language/experiment.c
libfenchel_la_SOURCES += core/language/functions.c
libfenchel_la_SOURCES += core/language/invoke.c
libfenchel_la_SOURCES += core/language/language.h
libfenchel_la_SOURCES += core/language/metric.h
libfenchel_la_SOURCES += core/language/network.c
libfenchel_la_SOURCES += core/language/network.h
libfenchel_la_SOURCES += core/language/node.c
libfenchel_la_SOURCES += core/language/reduce.c
libfenchel_la_SOURCES += core/language/scope.c
libfenchel_la_SOURCES += core/language/use.c
