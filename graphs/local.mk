# graphs: networks to reuse, one family a file. One line each.
