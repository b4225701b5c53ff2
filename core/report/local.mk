# report: pictures and the progress line.
libfenchel_la_SOURCES += \
	core/report/report.h \
	core/report/png.c core/report/sheet.c \
	core/report/canvas.h core/report/canvas.c core/report/font.c core/report/axes.c core/report/plot.c core/report/heat.c \
	core/report/progress.c
EXTRA_DIST += core/report/README.md
