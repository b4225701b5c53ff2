# graphs: networks to reuse, one family a file. One line each.
EXTRA_DIST += graphs/README.md
