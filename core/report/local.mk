# report
libfenchel_la_SOURCES += core/report/report.h
